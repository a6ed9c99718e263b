// The importer's frame: sections, tasks, phases, loops. Two passes over the tasks, because what
// fork, barrier and suspend become depends on tasks further down.
#include "workload/rtapp_import.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool aur_rtapp_refuse(const struct rtapp_import *import, const struct aur_node *node,
                      const char *format, ...)
{
    char text[AUR_FAILURE_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return aur_fail(import->failure, import->document->file, node->line, "%s", text);
}

bool aur_rtapp_no_memory(const struct rtapp_import *import)
{
    return aur_fail(import->failure, import->document->file, 0,
                    "memory is out, use a smaller file");
}

bool aur_rtapp_emit(struct rtapp_import *import, const struct aur_node *node, struct aur_op op)
{
    op.line = node->line;
    return aur_workload_add_op(import->workload, &op) != AUR_NONE || aur_rtapp_no_memory(import);
}

// --- first pass: names of tasks, mutexes and barriers --------------------------------------------

static bool read_instances(const struct rtapp_import *import,
                           const struct rtapp_properties *properties, uint32_t *instances)
{
    const struct aur_node *node = properties->nodes[RTAPP_INSTANCE];
    int64_t value = 1;
    if (node &&
        !aur_document_integer(import->document, node, 0, AUR_TASKS_MAX, &value, import->failure))
        return false;
    *instances = (uint32_t)value;
    return true;
}

// workgen gives a repeated key an index; the task of the plain name is the one that fork means.
static bool name_task(struct rtapp_import *import, const struct aur_node *node,
                      struct aur_spec *spec)
{
    const char *text = aur_document_key(import->document, node);
    char renamed[256];
    struct rtapp_name *taken = aur_rtapp_names_find(&import->names, RTAPP_NAME_TASK, 0, text);
    if (taken && strlen(text) > sizeof renamed - 16)
        return aur_rtapp_refuse(import, node,
                                "a task of this name is here already, on line %u, rename one",
                                taken->line);
    while (taken) {
        taken = aur_rtapp_names_find(&import->names, RTAPP_NAME_TASK, 0,
                                     aur_document_key(import->document, node));
        snprintf(renamed, sizeof renamed, "%s%llu", aur_document_key(import->document, node),
                 (unsigned long long)++taken->count);
        text = renamed;
        taken = aur_rtapp_names_find(&import->names, RTAPP_NAME_TASK, 0, text);
    }
    spec->name = aur_workload_add_name(import->workload, text);
    return (spec->name != AUR_NONE &&
            aur_rtapp_names_add(&import->names, RTAPP_NAME_TASK, 0, text,
                                import->workload->spec_count, node->line)) ||
           aur_rtapp_no_memory(import);
}

static bool note_events(struct rtapp_import *import, const struct aur_node *map, uint64_t instances)
{
    for (const struct aur_node *node = aur_document_child(import->document, map); node;
         node = aur_document_next(import->document, node))
        if (!aur_rtapp_note_event(import, node, instances))
            return false;
    return true;
}

static bool note_task(struct rtapp_import *import, const struct aur_node *task)
{
    struct rtapp_properties properties;
    struct aur_spec spec = {.kind = aur_task_kind(AUR_POLICY_OTHER, 0, 0)};

    if (task->kind != AUR_NODE_MAP)
        return aur_rtapp_refuse(import, task, "the task \"%.60s\" must be a map of events",
                                aur_document_key(import->document, task));
    if (!aur_rtapp_properties(import, task, RTAPP_IN_TASK, &properties) ||
        !read_instances(import, &properties, &spec.instances) || !name_task(import, task, &spec))
        return false;
    if (aur_workload_add_spec(import->workload, &spec) == AUR_NONE)
        return aur_rtapp_no_memory(import);

    const struct aur_node *phases = properties.nodes[RTAPP_PHASES];
    if (!phases)
        return note_events(import, task, spec.instances);
    if (properties.event)
        return aur_rtapp_refuse(import, properties.event,
                                "\"%.60s\" stands beside \"phases\", where rt-app never runs it, "
                                "move it into a phase",
                                aur_document_key(import->document, properties.event));
    if (phases->kind != AUR_NODE_MAP || !aur_document_child(import->document, phases))
        return aur_rtapp_refuse(import, phases, "\"phases\" must be a map of at least one phase");
    for (const struct aur_node *phase = aur_document_child(import->document, phases); phase;
         phase = aur_document_next(import->document, phase)) {
        if (phase->kind != AUR_NODE_MAP)
            return aur_rtapp_refuse(import, phase, "the phase \"%.60s\" must be a map of events",
                                    aur_document_key(import->document, phase));
        if (!note_events(import, phase, spec.instances))
            return false;
    }
    return true;
}

// A barrier holds back as many tasks as there are instances that name it, each as often as it
// names it: rt-app counts while it parses.
static bool set_barriers(const struct rtapp_import *import)
{
    for (uint32_t i = 0; i < import->names.count; i++) {
        const struct rtapp_name *name = &import->names.names[i];
        if (name->kind != RTAPP_NAME_BARRIER)
            continue;
        if (!name->count || name->count > AUR_TASKS_MAX)
            return aur_fail(import->failure, import->document->file, name->line,
                            "the barrier \"%.60s\" waits for %llu tasks, name it in 1 to %u "
                            "instances",
                            name->text, (unsigned long long)name->count, AUR_TASKS_MAX);
        import->workload->objects[name->index].parameter = name->count;
    }
    return true;
}

// --- second pass: programs -----------------------------------------------------------------------

static bool open_loop(struct rtapp_import *import, const struct aur_node *node, uint64_t times,
                      uint32_t *loop)
{
    *loop = times == 1 ? AUR_NONE : import->workload->op_count;
    return times == 1 ||
           aur_rtapp_emit(import, node, (struct aur_op){.code = AUR_OP_LOOP, .value = times});
}

static bool close_loop(struct rtapp_import *import, const struct aur_node *node, uint32_t loop)
{
    if (loop == AUR_NONE)
        return true;
    if (!aur_rtapp_emit(import, node, (struct aur_op){.code = AUR_OP_END, .other = loop + 1}))
        return false;
    import->workload->ops[loop].other = import->workload->op_count;
    return true;
}

static bool emit_sched(struct rtapp_import *import, const struct aur_node *node,
                       const struct rtapp_sched *sched)
{
    if (!sched->given)
        return true;
    if ((sched->runtime_ns || sched->deadline_ns || sched->period_ns) &&
        !aur_rtapp_emit(import, node,
                        (struct aur_op){.code = AUR_OP_SET_DL,
                                        .value = sched->runtime_ns,
                                        .deadline_ns = sched->deadline_ns,
                                        .other = (uint32_t)(sched->period_ns / 1000)}))
        return false;
    return aur_rtapp_emit(import, node,
                          (struct aur_op){.code = AUR_OP_SET_KIND, .object = sched->kind});
}

static bool compile_events(struct rtapp_import *import, const struct aur_node *map,
                           const struct rtapp_properties *properties, uint64_t times)
{
    uint32_t loop;
    if (!properties->event)
        return aur_rtapp_refuse(import, map, "\"%.60s\" has no events, add one such as \"run\"",
                                aur_document_key(import->document, map));
    if (!open_loop(import, map, times, &loop))
        return false;
    for (const struct aur_node *node = aur_document_child(import->document, map); node;
         node = aur_document_next(import->document, node))
        if (aur_rtapp_event(aur_document_key(import->document, node)) != RTAPP_NO_EVENT &&
            !aur_rtapp_compile_event(import, node))
            return false;
    return close_loop(import, map, loop);
}

// rt-app moves the task where a phase names a group, and leaves it where it is otherwise.
static bool compile_group(struct rtapp_import *import, const struct aur_node *phase,
                          const struct rtapp_properties *properties, bool moves)
{
    uint32_t group;
    bool given;
    if (!aur_rtapp_taskgroup(import, properties, &given, &group))
        return false;
    if (given)
        import->group = group;
    if (!aur_rtapp_group_suits(import, phase, import->group))
        return false;
    return !given || !moves ||
           aur_rtapp_emit(import, phase,
                          (struct aur_op){.code = AUR_OP_SET_GROUP, .object = group});
}

// affinity: of the phase before, then of this one; a phase without "cpus" has the task's.
static bool compile_phase(struct rtapp_import *import, const struct aur_node *phase,
                          uint64_t of_task, bool moves, uint64_t *affinity)
{
    struct rtapp_properties properties;
    struct rtapp_sched sched;
    uint64_t times, mask;

    if (!aur_rtapp_properties(import, phase, RTAPP_IN_PHASE, &properties) ||
        !aur_rtapp_ignored(import, &properties) ||
        !aur_rtapp_loop(import, &properties, 1, &times) ||
        !aur_rtapp_cpus(import, &properties, &mask) ||
        !aur_rtapp_phase_sched(import, &properties, &sched) ||
        !compile_group(import, phase, &properties, moves))
        return false;
    mask = mask ? mask : of_task;
    if (mask != *affinity &&
        !aur_rtapp_emit(import, phase, (struct aur_op){.code = AUR_OP_SET_AFFINITY, .value = mask}))
        return false;
    *affinity = mask;
    return emit_sched(import, phase, &sched) && compile_events(import, phase, &properties, times);
}

// The CPUs of one phase, for where a loop starts: what fails is reported when it is compiled.
static uint64_t affinity_of(const struct rtapp_import *import, const struct aur_node *phase,
                            uint64_t of_task)
{
    struct aur_failure ignored = {""};
    struct rtapp_import quiet = {.document = import->document, .failure = &ignored};
    struct rtapp_properties properties = {.nodes[RTAPP_CPUS] =
                                              aur_document_find(import->document, phase, "cpus")};
    uint64_t mask;
    return aur_rtapp_cpus(&quiet, &properties, &mask) && mask ? mask : of_task;
}

// The group in which the task starts is its first phase's. *moves: another phase has another one.
static bool first_group(struct rtapp_import *import, const struct aur_node *phases,
                        struct aur_spec *spec, bool *moves)
{
    const struct aur_document *document = import->document;
    const struct aur_node *first = aur_document_child(document, phases);
    uint32_t named = 0, same = 0;
    for (const struct aur_node *phase = first; phase; phase = aur_document_next(document, phase)) {
        struct rtapp_properties properties = {.nodes[RTAPP_TASKGROUP] =
                                                  aur_document_find(document, phase, "taskgroup")};
        uint32_t group;
        bool given;
        if (!aur_rtapp_taskgroup(import, &properties, &given, &group))
            return false;
        if (given && phase == first)
            spec->group = group;
        named += given;
        same += given && group == spec->group;
    }
    *moves = same != named;
    return true;
}

static bool compile_phases(struct rtapp_import *import, const struct aur_node *phases,
                           uint64_t times, struct aur_spec *spec)
{
    const struct aur_document *document = import->document;
    const struct aur_node *first = aur_document_child(document, phases);
    uint64_t of_task = spec->affinity, affinity;
    uint32_t loop;
    bool moves;

    // The task starts with what its first phase wants. When the loop comes round, the last
    // phase's CPUs are in force.
    spec->affinity = affinity = affinity_of(import, first, of_task);
    if (!first_group(import, phases, spec, &moves))
        return false;
    import->group = spec->group;
    if (!open_loop(import, phases, times, &loop))
        return false;
    if (times != 1)
        affinity = affinity_of(import, &document->nodes[phases->last], of_task);
    for (const struct aur_node *phase = first; phase; phase = aur_document_next(document, phase))
        if (!compile_phase(import, phase, of_task, moves, &affinity))
            return false;
    return close_loop(import, phases, loop);
}

static bool read_spec(struct rtapp_import *import, const struct rtapp_properties *properties,
                      struct aur_spec *spec)
{
    const struct aur_node *delay = properties->nodes[RTAPP_DELAY];
    const struct aur_node *slice = properties->nodes[RTAPP_SLICE];
    struct rtapp_sched sched;
    bool grouped;
    if (!aur_rtapp_ignored(import, properties) ||
        !aur_rtapp_cpus(import, properties, &spec->affinity) ||
        !aur_rtapp_task_sched(import, properties, &sched) ||
        !aur_rtapp_taskgroup(import, properties, &grouped, &spec->group) ||
        !aur_rtapp_group_suits(import, properties->map, spec->group))
        return false;
    // A forked task would be in its parent's group.
    if (grouped && !spec->group &&
        !aur_rtapp_emit(import, properties->map, (struct aur_op){.code = AUR_OP_SET_GROUP}))
        return false;
    spec->kind = sched.kind;
    spec->dl_runtime_ns = sched.runtime_ns;
    spec->dl_deadline_ns = sched.deadline_ns;
    spec->dl_period_ns = sched.period_ns;
    return (!delay || aur_document_duration(import->document, delay, 1000, &spec->start_ns,
                                            import->failure)) &&
           (!slice ||
            aur_document_duration(import->document, slice, 1000, &spec->slice_ns, import->failure));
}

static bool compile_task(struct rtapp_import *import, const struct aur_node *task, uint32_t index)
{
    struct rtapp_properties properties;
    uint64_t times;
    struct aur_spec spec = import->workload->specs[index];
    const struct aur_node *phases = aur_document_find(import->document, task, "phases");

    import->task = index;
    import->task_name = aur_document_key(import->document, task);
    import->timers = import->held_count = 0;
    spec.entry = import->workload->op_count;
    // Without "phases" the task is its only phase, and "loop" is that phase's; either way a task
    // without one goes on for ever.
    if (!aur_rtapp_properties(import, task, RTAPP_IN_TASK, &properties) ||
        !aur_rtapp_loop(import, &properties, AUR_LOOP_FOREVER, &times) ||
        !read_spec(import, &properties, &spec) ||
        !(phases ? compile_phases(import, phases, times, &spec)
                 : compile_events(import, task, &properties, times)) ||
        !aur_rtapp_emit(import, task, (struct aur_op){.code = AUR_OP_EXIT}))
        return false;
    spec.timers = import->timers;
    import->workload->specs[index] = spec;
    return true;
}

// "mode": "absolute" is a property of the timer, whichever of its events says so: the event
// compiler leaves the timer's name in `other`.
static void finish_timers(struct rtapp_import *import)
{
    for (uint32_t i = 0; i < import->workload->op_count; i++) {
        struct aur_op *op = &import->workload->ops[i];
        if (op->code != AUR_OP_TIMER)
            continue;
        op->flags |= import->names.names[op->other].absolute ? AUR_OP_ABSOLUTE : 0;
        op->other = 0;
    }
}

// --- the file ------------------------------------------------------------------------------------

struct sections {
    const struct aur_node *tasks, *global, *resources, *groups;
};

static bool find_sections(const struct rtapp_import *import, struct sections *sections)
{
    static const char *const names[] = {"tasks", "global", "resources", "groups", NULL};
    const struct aur_document *document = import->document;
    const struct aur_node *root = aur_document_root(document);

    if (!root || root->kind != AUR_NODE_MAP)
        return aur_fail(import->failure, document->file, root ? root->line : 0,
                        "not an rt-app workload, start it with {\"tasks\": {...}}");
    for (const struct aur_node *node = aur_document_child(document, root); node;
         node = aur_document_next(document, node)) {
        const char *key = aur_document_key(document, node);
        const struct aur_node **section = strcmp(key, "tasks") == 0       ? &sections->tasks
                                          : strcmp(key, "global") == 0    ? &sections->global
                                          : strcmp(key, "resources") == 0 ? &sections->resources
                                          : strcmp(key, "groups") == 0    ? &sections->groups
                                                                          : NULL;
        if (!section)
            return aur_rtapp_unknown(import, node, "the file", names);
        if (*section)
            return aur_rtapp_refuse(import, node, "\"%s\" is here already, on line %u, remove one",
                                    key, (*section)->line);
        *section = node;
    }
    if (!sections->tasks)
        return aur_rtapp_refuse(import, root,
                                "no \"tasks\" here, so there is nothing to run, merge it with a "
                                "file that has them");
    if (sections->tasks->kind != AUR_NODE_MAP || !aur_document_child(document, sections->tasks))
        return aur_rtapp_refuse(import, sections->tasks,
                                "\"tasks\" must be a map of at least one task");
    return true;
}

static bool import_tasks(struct rtapp_import *import, const struct aur_node *tasks)
{
    const struct aur_document *document = import->document;
    uint32_t index = 0;
    for (const struct aur_node *task = aur_document_child(document, tasks); task;
         task = aur_document_next(document, task))
        if (!note_task(import, task))
            return false;
    if (!set_barriers(import))
        return false;
    for (const struct aur_node *task = aur_document_child(document, tasks); task;
         task = aur_document_next(document, task))
        if (!compile_task(import, task, index++))
            return false;
    finish_timers(import);
    return aur_rtapp_evident_timing(import);
}

bool aur_rtapp_load(struct aur_workload *workload, const struct aur_document *document,
                    struct aur_failure *failure)
{
    struct rtapp_import import = {.document = document,
                                  .workload = workload,
                                  .failure = failure,
                                  .default_policy = AUR_POLICY_OTHER};
    struct sections sections = {NULL, NULL, NULL, NULL};
    bool good =
        find_sections(&import, &sections) &&
        (!sections.global || aur_rtapp_global(&import, sections.global)) &&
        (!sections.resources || aur_rtapp_resources(&import, sections.resources)) &&
        import_tasks(&import, sections.tasks) &&
        (!sections.groups || aur_rtapp_groups(workload, document, sections.groups, failure)) &&
        aur_workload_validate(workload, document->file, failure) &&
        aur_rtapp_check_locks(workload, document->file, failure);
    aur_rtapp_names_free(&import.names);
    return good;
}
