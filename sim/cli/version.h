// The release. Its number is that of configure.ac; a hand-made build has none.
#ifndef AURORA_SIM_CLI_VERSION_H
#define AURORA_SIM_CLI_VERSION_H

#ifdef PACKAGE_VERSION
#    define AUR_VERSION PACKAGE_VERSION
#else
#    define AUR_VERSION "(no release)"
#endif

#endif
