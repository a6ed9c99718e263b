// What a step answers. Nothing but AUR_OK changes the state.
#ifndef AURORA_STATUS_H
#define AURORA_STATUS_H

#define AUR_STATUS_TABLE(X)                                                                        \
    X(OK, "done")                                                                                  \
    X(TIME_BACKWARDS, "the event's time is before the state's")                                    \
    X(BAD_EVENT, "no such event kind")                                                             \
    X(BAD_CPU, "no such CPU, or it is offline")                                                    \
    X(BAD_TASK, "no such task")                                                                    \
    X(BAD_OBJECT, "no such object, or one of another kind")                                        \
    X(BAD_ARGUMENT, "an argument is out of range")                                                 \
    X(BAD_AFFINITY, "the affinity allows no CPU of this machine")                                  \
    X(NOT_RUNNING, "the task is not the one running on this CPU")                                  \
    X(NOT_OWNER, "the task does not hold this mutex")                                              \
    X(DEADLOCK, "waiting here would close a cycle of mutex owners")                                \
    X(NO_TASK_LEFT, "the task table is full")                                                      \
    X(NO_OBJECT_LEFT, "the object table is full")                                                  \
    X(NO_CLASS, "no scheduling class of this state serves that policy")                            \
    X(NO_ROOM, "the log is full: drain it and call again")                                         \
    X(HELD, "the task still holds a mutex")                                                        \
    X(MUST_LOCK, "the task was woken to lock a mutex and has to do that first")                    \
    X(NO_BANDWIDTH, "admission: the bandwidth asked for is not left")                              \
    X(NO_GROUP_LEFT, "the group table is full")                                                    \
    X(GROUP_BUSY, "the group still has tasks or groups")                                           \
    X(NO_CAP_LEFT, "this state has no capabilities")                                               \
    X(BAD_AGENT, "the agent's image is damaged, too large or refused by the verifier")

enum aur_status {
#define X(name, text) AUR_##name,
    AUR_STATUS_TABLE(X)
#undef X
    AUR_STATUS_COUNT
};

// The sentence of the table above. Returns "unknown status" for a number outside it.
const char *aur_status_text(enum aur_status status);

#endif
