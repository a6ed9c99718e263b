# The simulator: one library, to which each area adds, and the `aurora` command.
noinst_LIBRARIES += libaursim.a
libaursim_a_SOURCES =
# Of these, the ones that the browser's bridge compiles too: no POSIX, no threads, no libraries.
sim_portable_sources =

bin_PROGRAMS += aurora
aurora_SOURCES =
aurora_LDADD = libaursim.a libaurcore.a $(SIM_LIBS)

EXTRA_DIST += sim/README.md

include sim/engine/local.mk
include sim/agent/local.mk
include sim/machine/local.mk
include sim/workload/local.mk
include sim/experiment/local.mk
include sim/stats/local.mk
include sim/store/local.mk
include sim/travel/local.mk
include sim/plot/local.mk
include sim/policy/local.mk
include sim/export/local.mk
include sim/cli/local.mk
include sim/tests/local.mk
