// Capabilities: who may do what with which object. After seL4 (Klein et al., seL4: Formal
// Verification of an OS Kernel, SOSP 2009; seL4 Reference Manual, chapter 3): each is derived from
// another, with no more rights than that, and revoking one removes all that was derived from it.
//
// A host mints the first ones; all changes are events (aurora/event.h), and each refusal is an
// action DENIED with its reason.
#ifndef AURORA_CAP_H
#define AURORA_CAP_H

#include <stdint.h>

#include <aurora/limits.h>

struct aur_core;

#define AUR_CAPS_MAX      (1u << 20)
#define AUR_CAP_DEPTH_MAX 64u // of derivations, so that a walk to the top is bounded

enum aur_right {
    AUR_RIGHT_READ = 1,
    AUR_RIGHT_WRITE = 2,
    AUR_RIGHT_EXEC = 4,
    AUR_RIGHT_IPC = 8,
    AUR_RIGHT_NET = 16,
    AUR_RIGHT_FS = 32,
    AUR_RIGHT_GRANT = 64, // to hand it over to another task
    AUR_RIGHT_SCHED = 128,
    AUR_RIGHTS_ALL = 255
};

// A handle names a slot and its generation: once the slot is used for another capability, the
// handle is stale and never good again.
static inline uint64_t aur_cap_handle(uint32_t index, uint32_t generation)
{
    return (uint64_t)generation << 32 | index;
}

// Why something was refused: object of the action DENIED. name, text.
// clang-format off
#define AUR_CAP_DENIAL_TABLE(X)                                                                    \
    X(NONE, "it was not refused")                                                                  \
    X(NO_SLOT, "there is no such capability and never was")                                        \
    X(STALE, "the capability is gone")                                                             \
    X(REVOKED, "the capability is being revoked")                                                  \
    X(NOT_YOURS, "the capability is another's")                                                    \
    X(WRONG_OBJECT, "the capability is of another object")                                         \
    X(NO_RIGHT, "the capability does not give that right")                                         \
    X(BADGED, "a badge is never replaced")                                                         \
    X(BUSY, "what was derived from it is still being revoked")                                     \
    X(TOO_DEEP, "it was derived too often in a row")                                               \
    X(AGENT, "the agent that is attached to the check refuses it")
// clang-format on

enum aur_cap_denial {
#define X(name, text) AUR_DENIED_##name,
    AUR_CAP_DENIAL_TABLE(X)
#undef X
    AUR_CAP_DENIALS
};

const char *aur_cap_denial_text(uint32_t denial); // "unknown" for a number outside the table

// A capability as a host may read it.
struct aur_cap {
    uint32_t object;     // what it is of: a name that the host gives
    uint32_t badge;      // what the object is told of who uses it; 0: none
    uint32_t generation; // of its handle
    uint32_t owner;      // task, or NONE: the host
    uint64_t birth;      // of that task: a later one of the same number is another
    uint32_t parent, first_child, next, previous;
    uint16_t rights; // enum aur_right
    uint8_t depth;   // 0: minted
    uint8_t state;   // enum aur_cap_state
    uint32_t revoking;
};

enum aur_cap_state {
    AUR_CAP_FREE,
    AUR_CAP_LIVE,
    AUR_CAP_GHOST,  // deleted, or its owner is dead, but others were derived from it
    AUR_CAP_RETIRED // its generations are used up
};

// May the task (NONE: the host) do that with the object? NONE: it may; else why not. Cost: O(1),
// but while a revocation is unfinished O(depth).
enum aur_cap_denial aur_cap_check(const struct aur_core *core, uint64_t handle, uint32_t task,
                                  uint32_t object, uint32_t rights);

// The capability of a handle that is not stale, or NULL.
const struct aur_cap *aur_cap_lookup(const struct aur_core *core, uint64_t handle);

#endif
