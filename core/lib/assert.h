// Asserts that exist in the hostile build only: there a broken invariant traps at once.
#ifndef AURORA_LIB_ASSERT_H
#define AURORA_LIB_ASSERT_H

#ifdef AUR_HOSTILE
#    define aur_assert(condition) ((condition) ? (void)0 : __builtin_trap())
#else
#    define aur_assert(condition) ((void)0)
#endif

#endif
