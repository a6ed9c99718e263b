// rt-app's events, each compiled to the ops of the core that do the same.
#include "workload/rtapp_import.h"

#include <string.h>

// In the order of enum rtapp_event. The first that a key starts with is meant, so the longer of
// two that share a start comes first.
const char *const aur_rtapp_event_names[] = {
    "lock",    "unlock", "wait",         "signal", "broad",   "sync",    "sleep",
    "runtime", "run",    "timer_unique", "timer",  "suspend", "resume",  "mem",
    "iorun",   "yield",  "barrier",      "fork",   "send",    "receive", NULL};

enum rtapp_event aur_rtapp_event(const char *key)
{
    uint32_t i = 0;
    while (aur_rtapp_event_names[i] &&
           strncmp(key, aur_rtapp_event_names[i], strlen(aur_rtapp_event_names[i])) != 0)
        i++;
    return (enum rtapp_event)i;
}

// --- resources -----------------------------------------------------------------------------------

// The object of that name, made on first use as rt-app does. AUR_NONE when memory is out.
static uint32_t intern(struct rtapp_import *import, enum rtapp_name_kind kind, const char *text,
                       uint32_t line)
{
    static const uint32_t object_kinds[] = {[RTAPP_NAME_MUTEX] = AUR_OBJECT_MUTEX,
                                            [RTAPP_NAME_CONDITION] = AUR_OBJECT_COND,
                                            [RTAPP_NAME_BARRIER] = AUR_OBJECT_BARRIER,
                                            [RTAPP_NAME_PIPE] = AUR_OBJECT_COND};
    struct rtapp_name *name = aur_rtapp_names_find(&import->names, kind, 0, text);
    if (name)
        return name->index;
    struct aur_object_spec object = {.kind = object_kinds[kind],
                                     .parameter = kind != RTAPP_NAME_MUTEX ? 0
                                                  : import->inherit        ? AUR_MUTEX_INHERIT
                                                                           : AUR_MUTEX_BARGE};
    object.name = aur_workload_add_name(import->workload, text);
    if (object.name == AUR_NONE)
        return AUR_NONE;
    uint32_t index = aur_workload_add_object(import->workload, &object);
    // A pipe is a condition that its readers wait for, and one for its writers behind it.
    if (kind == RTAPP_NAME_PIPE && aur_workload_add_object(import->workload, &object) == AUR_NONE)
        return AUR_NONE;
    if (index == AUR_NONE || !aur_rtapp_names_add(&import->names, kind, 0, text, index, line))
        return AUR_NONE;
    return index;
}

// Like intern, with `node` for the line; false with a failure when memory is out.
static bool object_of(struct rtapp_import *import, const struct aur_node *node,
                      enum rtapp_name_kind kind, const char *text, uint32_t *index)
{
    *index = intern(import, kind, text, node->line);
    return *index != AUR_NONE || aur_rtapp_no_memory(import);
}

// The text of an event such as "lock": "m".
static bool read_name(const struct rtapp_import *import, const struct aur_node *node,
                      const char **text)
{
    if (!aur_document_string(import->document, node, text, import->failure))
        return false;
    return **text || aur_rtapp_refuse(import, node, "\"%s\" needs a name, as \"%s\": \"m\"",
                                      aur_document_key(import->document, node),
                                      aur_document_key(import->document, node));
}

// Checks the keys of an event that is a map.
static bool check_keys(const struct rtapp_import *import, const struct aur_node *map,
                       const char *example, const char *const *keys)
{
    const char *event = aur_document_key(import->document, map);
    if (map->kind != AUR_NODE_MAP)
        return aur_rtapp_refuse(import, map, "\"%s\" must be a map, as %s", event, example);
    for (const struct aur_node *node = aur_document_child(import->document, map); node;
         node = aur_document_next(import->document, node)) {
        const char *key = aur_document_key(import->document, node);
        uint32_t i = 0;
        while (keys[i] && strcmp(keys[i], key) != 0)
            i++;
        if (!keys[i])
            return aur_rtapp_unknown(import, node, aur_document_key(import->document, map), keys);
        const struct aur_node *first = aur_document_find(import->document, map, key);
        if (first != node)
            return aur_rtapp_refuse(import, node, "\"%s\" is here already, on line %u, remove one",
                                    key, first->line);
    }
    return true;
}

// --- mutexes held at this point ------------------------------------------------------------------

static bool holds(const struct rtapp_import *import, uint32_t mutex)
{
    for (uint32_t i = 0; i < import->held_count; i++)
        if (import->held[i] == mutex)
            return true;
    return false;
}

static bool emit_lock(struct rtapp_import *import, const struct aur_node *node, uint32_t mutex)
{
    if (import->held_count < RTAPP_HELD_MAX) // more is refused by the check of locks
        import->held[import->held_count++] = mutex;
    return aur_rtapp_emit(import, node, (struct aur_op){.code = AUR_OP_LOCK, .object = mutex});
}

static bool emit_unlock(struct rtapp_import *import, const struct aur_node *node, uint32_t mutex)
{
    for (uint32_t i = import->held_count; i > 0; i--)
        if (import->held[i - 1] == mutex) {
            import->held[i - 1] = import->held[--import->held_count];
            break;
        }
    return aur_rtapp_emit(import, node, (struct aur_op){.code = AUR_OP_UNLOCK, .object = mutex});
}

// --- events --------------------------------------------------------------------------------------

static bool compile_named(struct rtapp_import *import, const struct aur_node *node,
                          enum rtapp_event event)
{
    const char *text;
    uint32_t object;
    if (!read_name(import, node, &text))
        return false;
    switch (event) {
    case RTAPP_LOCK:
        return object_of(import, node, RTAPP_NAME_MUTEX, text, &object) &&
               emit_lock(import, node, object);
    case RTAPP_UNLOCK:
        return object_of(import, node, RTAPP_NAME_MUTEX, text, &object) &&
               emit_unlock(import, node, object);
    case RTAPP_BARRIER:
        return object_of(import, node, RTAPP_NAME_BARRIER, text, &object) &&
               aur_rtapp_emit(import, node,
                              (struct aur_op){.code = AUR_OP_BARRIER, .object = object});
    default:
        return object_of(import, node, RTAPP_NAME_CONDITION, text, &object) &&
               aur_rtapp_emit(
                   import, node,
                   (struct aur_op){.code = event == RTAPP_SIGNAL ? AUR_OP_SIGNAL : AUR_OP_BROADCAST,
                                   .object = object});
    }
}

// wait, and sync: signal, then wait. rt-app's text gives sync a lock and unlock around both, its
// code does not; its examples write them out. So they are added where the task holds no mutex.
static bool compile_wait(struct rtapp_import *import, const struct aur_node *node, bool sync)
{
    static const char *const keys[] = {"ref", "mutex", NULL};
    static const char example[] = "{\"ref\": \"queue\", \"mutex\": \"m\"}";
    const struct aur_document *document = import->document;
    const char *condition_name, *mutex_name;
    uint32_t condition, mutex = AUR_NONE;

    if (!check_keys(import, node, example, keys))
        return false;
    const struct aur_node *ref = aur_document_find(document, node, "ref");
    const struct aur_node *with = aur_document_find(document, node, "mutex");
    if (!ref || (sync && !with))
        return aur_rtapp_refuse(import, node, "\"%s\" needs \"ref\"%s, as %s",
                                aur_document_key(document, node), sync ? " and \"mutex\"" : "",
                                example);
    if (!read_name(import, ref, &condition_name) ||
        !object_of(import, node, RTAPP_NAME_CONDITION, condition_name, &condition) ||
        (with && (!read_name(import, with, &mutex_name) ||
                  !object_of(import, node, RTAPP_NAME_MUTEX, mutex_name, &mutex))))
        return false;
    struct aur_op wait = {.code = AUR_OP_WAIT, .object = condition, .other = mutex};
    if (!sync)
        return aur_rtapp_emit(import, node, wait);
    bool held = holds(import, mutex);
    return (held || emit_lock(import, node, mutex)) &&
           aur_rtapp_emit(import, node,
                          (struct aur_op){.code = AUR_OP_SIGNAL, .object = condition}) &&
           aur_rtapp_emit(import, node, wait) && (held || emit_unlock(import, node, mutex));
}

// suspend X waits for the condition X under the mutex X, resume X broadcasts it under that: so who
// is resumed may find the mutex taken, and has to wait for it too.
static bool compile_suspend(struct rtapp_import *import, const struct aur_node *node, bool resume)
{
    const char *text = "";
    uint32_t condition, mutex;

    if (resume) {
        if (!read_name(import, node, &text))
            return false;
    } else if (node->kind != AUR_NODE_NULL &&
               !aur_document_string(import->document, node, &text, import->failure)) {
        return false;
    }
    if (!*text)
        text = import->task_name; // as workgen fills it in
    if (!object_of(import, node, RTAPP_NAME_CONDITION, text, &condition) ||
        !object_of(import, node, RTAPP_NAME_MUTEX, text, &mutex))
        return false;
    struct aur_op op = {.code = resume ? AUR_OP_BROADCAST : AUR_OP_WAIT,
                        .object = condition,
                        .other = resume ? 0 : mutex};
    return emit_lock(import, node, mutex) && aur_rtapp_emit(import, node, op) &&
           emit_unlock(import, node, mutex);
}

static bool compile_mode(struct rtapp_import *import, const struct aur_node *node,
                         struct rtapp_name *timer)
{
    static const char *const modes[] = {"relative", "absolute", NULL};
    const char *mode;
    if (!node)
        return true;
    if (!aur_document_string(import->document, node, &mode, import->failure))
        return false;
    if (strcmp(mode, "absolute") == 0)
        timer->absolute = true;
    else if (strcmp(mode, "relative") != 0)
        return aur_rtapp_refuse(
            import, node, "unknown mode \"%.40s\", did you mean \"%s\"?", mode,
            aur_document_nearest(mode, modes) ? aur_document_nearest(mode, modes) : "relative");
    return true;
}

static bool compile_timer(struct rtapp_import *import, const struct aur_node *node, bool unique)
{
    static const char *const keys[] = {"ref", "period", "mode", "deadline", NULL};
    static const char example[] = "{\"ref\": \"unique\", \"period\": 10000}";
    const struct aur_document *document = import->document;
    const char *ref_name = unique ? "unique" : "unknown"; // "unknown": rt-app's for a missing ref
    struct aur_op op = {.code = AUR_OP_TIMER};

    if (!check_keys(import, node, example, keys))
        return false;
    const struct aur_node *ref = aur_document_find(document, node, "ref");
    const struct aur_node *period = aur_document_find(document, node, "period");
    const struct aur_node *deadline = aur_document_find(document, node, "deadline");
    if (ref && !read_name(import, ref, &ref_name))
        return false;
    if (period && !aur_rtapp_time(import, period, &op))
        return false;
    if (deadline &&
        !aur_document_duration(document, deadline, 1000, &op.deadline_ns, import->failure))
        return false;

    unique = unique || strncmp(ref_name, "unique", 6) == 0;
    enum rtapp_name_kind kind = unique ? RTAPP_NAME_UNIQUE_TIMER : RTAPP_NAME_TIMER;
    uint32_t scope = unique ? import->task : 0;
    struct rtapp_name *timer = aur_rtapp_names_find(&import->names, kind, scope, ref_name);
    if (!timer)
        timer =
            aur_rtapp_names_add(&import->names, kind, scope, ref_name,
                                unique ? import->timers++ : import->workload->timers++, node->line);
    if (!timer)
        return aur_rtapp_no_memory(import);
    op.object = timer->index;
    op.other = (uint32_t)(timer - import->names.names); // until finish_timers in rtapp.c
    op.flags |= unique ? AUR_OP_UNIQUE : 0;
    return compile_mode(import, aur_document_find(document, node, "mode"), timer) &&
           aur_rtapp_emit(import, node, op);
}

static bool compile_bytes(struct rtapp_import *import, const struct aur_node *node, uint8_t code)
{
    int64_t bytes;
    if (!aur_document_integer(import->document, node, 0, INT64_C(1) << 53, &bytes, import->failure))
        return false;
    return aur_rtapp_emit(import, node, (struct aur_op){.code = code, .value = (uint64_t)bytes});
}

static bool compile_fork(struct rtapp_import *import, const struct aur_node *node)
{
    const char *text;
    if (!read_name(import, node, &text))
        return false;
    const struct rtapp_name *task = aur_rtapp_names_find(&import->names, RTAPP_NAME_TASK, 0, text);
    if (!task)
        return aur_rtapp_refuse(import, node,
                                "\"%.60s\" forks \"%.60s\", but no task has that name, define it "
                                "with \"instance\": 0",
                                import->task_name, text);
    return aur_rtapp_emit(import, node,
                          (struct aur_op){.code = AUR_OP_FORK, .object = task->index});
}

static bool compile_send(struct rtapp_import *import, const struct aur_node *node)
{
    static const char *const keys[] = {"pipe", "bytes", NULL};
    static const char example[] = "{\"pipe\": \"p\", \"bytes\": 100}";
    const struct aur_document *document = import->document;
    struct aur_op op = {.code = AUR_OP_SEND};
    const char *name;
    int64_t bytes;

    if (!check_keys(import, node, example, keys))
        return false;
    const struct aur_node *pipe = aur_document_find(document, node, "pipe");
    const struct aur_node *size = aur_document_find(document, node, "bytes");
    if (!pipe || !size)
        return aur_rtapp_refuse(import, node, "\"%s\" needs \"pipe\" and \"bytes\", as %s",
                                aur_document_key(document, node), example);
    if (!read_name(import, pipe, &name) ||
        !aur_document_integer(document, size, 1, AUR_MESSAGE_MAX, &bytes, import->failure) ||
        !object_of(import, node, RTAPP_NAME_PIPE, name, &op.object))
        return false;
    op.value = (uint64_t)bytes;
    return aur_rtapp_emit(import, node, op);
}

static bool compile_receive(struct rtapp_import *import, const struct aur_node *node)
{
    struct aur_op op = {.code = AUR_OP_RECEIVE};
    const char *name;
    return read_name(import, node, &name) &&
           object_of(import, node, RTAPP_NAME_PIPE, name, &op.object) &&
           aur_rtapp_emit(import, node, op);
}

static bool compile_time(struct rtapp_import *import, const struct aur_node *node, uint8_t code)
{
    struct aur_op op = {.code = code};
    return aur_rtapp_time(import, node, &op) && aur_rtapp_emit(import, node, op);
}

bool aur_rtapp_compile_event(struct rtapp_import *import, const struct aur_node *node)
{
    enum rtapp_event event = aur_rtapp_event(aur_document_key(import->document, node));
    switch (event) {
    case RTAPP_WAIT:
    case RTAPP_SYNC:
        return compile_wait(import, node, event == RTAPP_SYNC);
    case RTAPP_RUN:
        return compile_time(import, node, AUR_OP_RUN);
    case RTAPP_RUNTIME:
        return compile_time(import, node, AUR_OP_RUNTIME);
    case RTAPP_SLEEP:
        return compile_time(import, node, AUR_OP_SLEEP);
    case RTAPP_TIMER:
    case RTAPP_TIMER_UNIQUE:
        return compile_timer(import, node, event == RTAPP_TIMER_UNIQUE);
    case RTAPP_SUSPEND:
    case RTAPP_RESUME:
        return compile_suspend(import, node, event == RTAPP_RESUME);
    case RTAPP_MEM:
        return compile_bytes(import, node, AUR_OP_MEM);
    case RTAPP_IORUN:
        return compile_bytes(import, node, AUR_OP_IORUN);
    case RTAPP_YIELD:
        return aur_rtapp_emit(import, node, (struct aur_op){.code = AUR_OP_YIELD});
    case RTAPP_FORK:
        return compile_fork(import, node);
    case RTAPP_SEND:
        return compile_send(import, node);
    case RTAPP_RECEIVE:
        return compile_receive(import, node);
    default:
        return compile_named(import, node, event);
    }
}

bool aur_rtapp_note_event(struct rtapp_import *import, const struct aur_node *node,
                          uint64_t instances)
{
    const struct aur_document *document = import->document;
    enum rtapp_event event = aur_rtapp_event(aur_document_key(document, node));
    enum rtapp_name_kind kind = event == RTAPP_BARRIER ? RTAPP_NAME_BARRIER : RTAPP_NAME_MUTEX;

    if (event == RTAPP_WAIT || event == RTAPP_SYNC)
        node = aur_document_find(document, node, "mutex");
    else if (event != RTAPP_LOCK && event != RTAPP_UNLOCK && event != RTAPP_BARRIER)
        return true;
    if (!node || node->kind != AUR_NODE_STRING)
        return true; // refused where it is compiled
    const char *text = aur_document_text(document, node);
    if (intern(import, kind, text, node->line) == AUR_NONE)
        return aur_rtapp_no_memory(import);
    if (event == RTAPP_BARRIER)
        aur_rtapp_names_find(&import->names, kind, 0, text)->count += instances;
    return true;
}
