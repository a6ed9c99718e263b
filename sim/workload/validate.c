// What the executor relies on, checked once, so that running needs no checks of its own.
//
// The ops are a row of programs, each ending in an EXIT outside every loop; a spec's entry is the
// start of one. That, and each LOOP and END naming each other, keeps the program counter inside.
#include "workload/workload.h"

#include <stdlib.h>
#include <string.h>

#define TIME_END_NS (UINT64_C(1) << 62)

struct program {
    uint32_t start;   // first op
    uint32_t instant; // index after the last op that it surely reaches before any time passes
    uint32_t timers;  // own timers that it uses
};

struct checker {
    const struct aur_workload *workload;
    const char *file;
    struct aur_failure *failure;
    struct program *programs; // by start, ascending
    uint32_t program_count;
};

static const char *op_text(uint8_t code)
{
    static const char *const texts[] = {
#define X(name, text) text,
        AUR_OP_TABLE(X)
#undef X
    };
    return texts[code];
}

static bool refuse(const struct checker *checker, const char *what, uint32_t index,
                   const char *problem)
{
    return aur_fail(checker->failure, checker->file, 0,
                    "damaged workload: %s %u %s, import it anew", what, index, problem);
}

static bool refuse_op(const struct checker *checker, uint32_t index, const char *problem)
{
    const struct aur_op *op = &checker->workload->ops[index];
    return aur_fail(checker->failure, checker->file, op->line, "step %u, \"%s\", %s", index,
                    op->code < AUR_OP_COUNT ? op_text(op->code) : "?", problem);
}

// --- single fields -------------------------------------------------------------------------------

static bool kind_is_good(uint32_t kind)
{
    uint32_t policy = kind & 0xff, nice = kind >> 8 & 0xff, priority = kind >> 16;
    switch (policy) {
    case AUR_POLICY_OTHER:
    case AUR_POLICY_BATCH:
    case AUR_POLICY_IDLE:
    case AUR_POLICY_DEADLINE:
        return nice <= 39 && priority == 0;
    case AUR_POLICY_FIFO:
    case AUR_POLICY_RR:
        return nice <= 39 && priority >= 1 && priority <= 99;
    default:
        return false;
    }
}

// Linux's rule for SCHED_DEADLINE, sched_setattr(2).
static bool deadline_is_good(uint64_t runtime, uint64_t deadline, uint64_t period)
{
    return runtime > 0 && runtime <= deadline && deadline <= period && period < TIME_END_NS;
}

// What fixed priorities may be made of: any of the three may be left out, as 0.
static bool timing_is_good(uint64_t runtime, uint64_t deadline, uint64_t period)
{
    if (period >= TIME_END_NS || (period && deadline > period))
        return false;
    return deadline < TIME_END_NS && runtime < TIME_END_NS && (!deadline || runtime <= deadline) &&
           (!period || runtime <= period);
}

static bool name_is_good(const struct aur_workload *workload, uint32_t name)
{
    return name == 0 || name < workload->name_bytes;
}

static bool check_names(const struct checker *checker)
{
    const struct aur_workload *workload = checker->workload;
    uint32_t bytes = workload->name_bytes;
    if (bytes && (workload->names[0] || workload->names[bytes - 1]))
        return refuse(checker, "name", bytes, "does not end");
    return true;
}

static bool check_object(const struct checker *checker, uint32_t index)
{
    const struct aur_object_spec *object = &checker->workload->objects[index];
    bool good = name_is_good(checker->workload, object->name);
    switch (object->kind) {
    case AUR_OBJECT_MUTEX:
        good = good && object->parameter <= AUR_MUTEX_BARGE;
        break;
    case AUR_OBJECT_COND:
        good = good && object->parameter == 0;
        break;
    case AUR_OBJECT_BARRIER:
        good = good && object->parameter >= 1 && object->parameter <= AUR_TASKS_MAX;
        break;
    case AUR_OBJECT_SEMAPHORE:
        good = good && object->parameter <= UINT32_MAX;
        break;
    default:
        good = false;
    }
    return good || refuse(checker, "object", index, "has a field out of range");
}

// A path is the parent's, a slash, and a name without one.
static bool path_is_good(const char *path, const char *parent)
{
    size_t length = strlen(parent);
    return strncmp(path, parent, length) == 0 && path[length] == '/' && path[length + 1] &&
           !strchr(path + length + 1, '/');
}

static bool check_group(const struct checker *checker, uint32_t index)
{
    const struct aur_workload *workload = checker->workload;
    const struct aur_group_spec *group = &workload->groups[index];
    uint32_t depth = 0, up = index + 1;
    if (!name_is_good(workload, group->name) || group->parent > index || group->reserved ||
        group->weight > AUR_GROUP_WEIGHT_MAX || group->period_ns > AUR_GROUP_PERIOD_MAX_NS ||
        (group->period_ns && group->period_ns < AUR_GROUP_PERIOD_MIN_NS) ||
        (group->quota_ns && group->quota_ns < AUR_GROUP_QUOTA_MIN_NS) ||
        group->quota_ns > AUR_GROUP_QUOTA_MAX_NS)
        return refuse(checker, "group", index, "has a field out of range");
    const char *path = aur_workload_name(workload, group->name);
    const char *parent =
        group->parent ? aur_workload_name(workload, workload->groups[group->parent - 1].name) : "";
    for (; up; up = workload->groups[up - 1].parent)
        depth++;
    if (!path_is_good(path, parent) || aur_workload_find_group(workload, path) != index + 1)
        return refuse(checker, "group", index, "has a path that is not its own");
    return depth <= AUR_GROUP_DEPTH_MAX ||
           aur_fail(checker->failure, checker->file, 0,
                    "task group \"%.80s\" lies %u deep, at most %u are possible", path, depth,
                    AUR_GROUP_DEPTH_MAX);
}

static bool check_groups(const struct checker *checker)
{
    const struct aur_workload *workload = checker->workload;
    if (workload->group_count > AUR_GROUPS_MAX)
        return aur_fail(checker->failure, checker->file, 0,
                        "%u task groups, at most %u are possible", workload->group_count,
                        AUR_GROUPS_MAX);
    for (uint32_t i = 0; i < workload->group_count; i++)
        if (!check_group(checker, i))
            return false;
    return true;
}

static bool is_object(const struct aur_workload *workload, uint32_t index, uint32_t kind)
{
    return index < workload->object_count && workload->objects[index].kind == kind;
}

// --- single ops ----------------------------------------------------------------------------------

static bool check_value(const struct checker *checker, uint32_t index)
{
    const struct aur_op *op = &checker->workload->ops[index];
    if (op->flags & AUR_OP_DRAW)
        return op->value < checker->workload->distribution_count ||
               refuse_op(checker, index, "draws from no distribution");
    return op->value < TIME_END_NS || refuse_op(checker, index, "is too long, at most 2^62");
}

static bool check_flags(const struct checker *checker, uint32_t index)
{
    const struct aur_op *op = &checker->workload->ops[index];
    uint8_t allowed = 0;
    switch (op->code) {
    case AUR_OP_TIMER:
        allowed = AUR_OP_DRAW | AUR_OP_UNIQUE | AUR_OP_ABSOLUTE;
        break;
    case AUR_OP_RUN:
    case AUR_OP_RUNTIME:
    case AUR_OP_SLEEP:
    case AUR_OP_MEM:
    case AUR_OP_IORUN:
        allowed = AUR_OP_DRAW;
        break;
    default:
        break;
    }
    return (!(op->flags & ~allowed) && !op->reserved) ||
           refuse_op(checker, index, "has flags that mean nothing for it");
}

static bool check_op(const struct checker *checker, uint32_t index)
{
    const struct aur_workload *workload = checker->workload;
    const struct aur_op *op = &workload->ops[index];
    bool good = true;

    if (op->code >= AUR_OP_COUNT)
        return refuse_op(checker, index, "is no known operation");
    if (!check_flags(checker, index))
        return false;
    switch (op->code) {
    case AUR_OP_TIMER:
        good = (op->flags & AUR_OP_UNIQUE ? op->object < AUR_TASKS_MAX
                                          : op->object < workload->timers) &&
               op->deadline_ns < TIME_END_NS && check_value(checker, index);
        break;
    case AUR_OP_RUN:
    case AUR_OP_RUNTIME:
    case AUR_OP_SLEEP:
    case AUR_OP_SLEEP_UNTIL:
    case AUR_OP_MEM:
    case AUR_OP_IORUN:
        good = check_value(checker, index);
        break;
    case AUR_OP_LOCK:
    case AUR_OP_UNLOCK:
        good = is_object(workload, op->object, AUR_OBJECT_MUTEX);
        break;
    case AUR_OP_WAIT:
        good = is_object(workload, op->object, AUR_OBJECT_COND) &&
               (op->other == AUR_NONE || is_object(workload, op->other, AUR_OBJECT_MUTEX));
        break;
    case AUR_OP_SIGNAL:
    case AUR_OP_BROADCAST:
        good = is_object(workload, op->object, AUR_OBJECT_COND);
        break;
    case AUR_OP_SEND:
    case AUR_OP_RECEIVE:
        good = is_object(workload, op->object, AUR_OBJECT_COND) &&
               is_object(workload, op->object + 1, AUR_OBJECT_COND) &&
               (op->code == AUR_OP_RECEIVE || (op->value >= 1 && op->value <= AUR_MESSAGE_MAX));
        break;
    case AUR_OP_BARRIER:
        good = is_object(workload, op->object, AUR_OBJECT_BARRIER);
        break;
    case AUR_OP_DOWN:
    case AUR_OP_UP:
        good = is_object(workload, op->object, AUR_OBJECT_SEMAPHORE);
        break;
    case AUR_OP_FORK:
        good = op->object < workload->spec_count;
        break;
    case AUR_OP_SET_KIND:
        good = kind_is_good(op->object);
        break;
    case AUR_OP_SET_DL:
        good = timing_is_good(op->value, op->deadline_ns, (uint64_t)op->other * 1000);
        break;
    case AUR_OP_SET_GROUP:
        good = op->object <= workload->group_count;
        break;
    default:
        break; // loops are checked where they nest; the rest has nothing to check
    }
    return good || refuse_op(checker, index, "has an operand out of range");
}

// --- programs ------------------------------------------------------------------------------------

// Does the op surely let time pass, or hold the task until another acts?
static bool takes_time(const struct aur_workload *workload, const struct aur_op *op)
{
    switch (op->code) {
    case AUR_OP_RUN:
    case AUR_OP_RUNTIME:
    case AUR_OP_SLEEP:
    case AUR_OP_TIMER:
    case AUR_OP_MEM:
    case AUR_OP_IORUN:
        // Below half a nanosecond every draw may round to nothing.
        return op->flags & AUR_OP_DRAW
                   ? aur_distribution_mean(&workload->distributions[op->value]) >= 0.5
                   : op->value > 0;
    case AUR_OP_WAIT:
    case AUR_OP_DOWN:
        return true;
    case AUR_OP_BARRIER:
        return workload->objects[op->object].parameter > 1;
    default:
        return false;
    }
}

struct loop {
    uint32_t at;
    bool timed; // something in it takes time
};

static bool check_end(const struct checker *checker, uint32_t index, const struct loop *loop)
{
    const struct aur_op *ops = checker->workload->ops;
    if (ops[loop->at].other != index + 1 || ops[index].other != loop->at + 1)
        return refuse_op(checker, index, "does not name its loop, nor the loop it");
    if (ops[loop->at].value == AUR_LOOP_FOREVER && !loop->timed)
        return aur_fail(checker->failure, checker->file, ops[loop->at].line,
                        "an endless loop in which no time can pass, put a run, sleep or timer "
                        "above 0 into it");
    return true;
}

// Opens or closes a loop at op `index`.
static bool nest(const struct checker *checker, uint32_t index, struct loop *loops, uint32_t *depth)
{
    const struct aur_op *op = &checker->workload->ops[index];
    if (op->code == AUR_OP_LOOP) {
        if (*depth == AUR_LOOP_DEPTH || !op->value)
            return refuse_op(checker, index, "nests too deeply, or runs 0 times");
        loops[(*depth)++] = (struct loop){.at = index};
    } else if (op->code == AUR_OP_END) {
        if (!*depth)
            return refuse_op(checker, index, "closes no loop");
        if (!check_end(checker, index, &loops[--*depth]))
            return false;
        if (*depth && loops[*depth].timed)
            loops[*depth - 1].timed = true;
    }
    return true;
}

// Walks one program from op *at, which is then the index after its EXIT.
static bool check_program(const struct checker *checker, uint32_t *at, struct program *program)
{
    const struct aur_workload *workload = checker->workload;
    struct loop loops[AUR_LOOP_DEPTH];
    uint32_t depth = 0;
    bool timed = false;

    *program = (struct program){.start = *at};
    while (*at < workload->op_count) {
        uint32_t index = (*at)++;
        const struct aur_op *op = &workload->ops[index];
        if (!check_op(checker, index))
            return false;
        bool takes = takes_time(workload, op);
        if (takes && depth)
            loops[depth - 1].timed = true;
        timed = timed || takes;
        if (!timed)
            program->instant = index + 1;
        if (op->code == AUR_OP_TIMER && op->flags & AUR_OP_UNIQUE && op->object >= program->timers)
            program->timers = op->object + 1;
        if (op->code == AUR_OP_EXIT)
            return !depth || refuse_op(checker, index, "stands inside a loop");
        if (!nest(checker, index, loops, &depth))
            return false;
    }
    return aur_fail(checker->failure, checker->file, 0,
                    "damaged workload: the last program has no exit, import it anew");
}

static bool check_programs(struct checker *checker)
{
    const struct aur_workload *workload = checker->workload;
    uint32_t room = 0;
    for (uint32_t i = 0; i < workload->op_count; i++)
        room += workload->ops[i].code == AUR_OP_EXIT;
    checker->programs = malloc((room ? room : 1) * sizeof *checker->programs);
    if (!checker->programs)
        return aur_fail(checker->failure, checker->file, 0, "memory is out, use a smaller file");
    for (uint32_t at = 0; at < workload->op_count;) {
        struct program program;
        if (!check_program(checker, &at, &program))
            return false;
        checker->programs[checker->program_count++] = program;
    }
    return true;
}

// Number of the program that starts at `entry`, or AUR_NONE.
static uint32_t find_program(const struct checker *checker, uint32_t entry)
{
    uint32_t low = 0, high = checker->program_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (checker->programs[middle].start < entry)
            low = middle + 1;
        else
            high = middle;
    }
    return low < checker->program_count && checker->programs[low].start == entry ? low : AUR_NONE;
}

// --- specs ---------------------------------------------------------------------------------------

static bool check_spec(const struct checker *checker, uint32_t index)
{
    const struct aur_spec *spec = &checker->workload->specs[index];
    uint32_t program = find_program(checker, spec->entry);
    if (program == AUR_NONE)
        return refuse(checker, "task", index, "does not start at the start of a program");
    bool good = name_is_good(checker->workload, spec->name) && kind_is_good(spec->kind) &&
                spec->start_ns < TIME_END_NS && spec->slice_ns < TIME_END_NS &&
                spec->group <= checker->workload->group_count && spec->timers <= AUR_TASKS_MAX &&
                spec->timers >= checker->programs[program].timers;
    uint32_t policy = spec->kind & 0xff;
    if (policy == AUR_POLICY_DEADLINE)
        good =
            good && deadline_is_good(spec->dl_runtime_ns, spec->dl_deadline_ns, spec->dl_period_ns);
    else if (policy == AUR_POLICY_FIFO || policy == AUR_POLICY_RR)
        good =
            good && timing_is_good(spec->dl_runtime_ns, spec->dl_deadline_ns, spec->dl_period_ns);
    else
        good = good && !spec->dl_runtime_ns && !spec->dl_deadline_ns && !spec->dl_period_ns;
    return good || refuse(checker, "task", index, "has a field out of range");
}

// Metrics are stored by name, those of groups by path.
static bool check_name_of_task(const struct checker *checker, uint32_t index)
{
    const struct aur_workload *workload = checker->workload;
    const char *name = aur_workload_name(workload, workload->specs[index].name);
    return *name != '/' || !aur_workload_find_group(workload, name) ||
           aur_fail(checker->failure, checker->file, 0,
                    "a task and a task group are both called \"%.60s\", rename the task", name);
}

static bool check_specs(const struct checker *checker)
{
    uint64_t tasks = 0;
    for (uint32_t i = 0; i < checker->workload->spec_count; i++) {
        if (!check_spec(checker, i) || !check_name_of_task(checker, i))
            return false;
        tasks += checker->workload->specs[i].instances;
    }
    if (!tasks)
        return aur_fail(checker->failure, checker->file, 0,
                        "no task starts, give at least one an instance");
    if (tasks > AUR_TASKS_MAX)
        return aur_fail(checker->failure, checker->file, 0, "%llu tasks start, at most %u can",
                        (unsigned long long)tasks, AUR_TASKS_MAX);
    return true;
}

// --- forks ---------------------------------------------------------------------------------------

enum colour {
    UNSEEN,
    OPEN,
    CLOSED
};

struct visit {
    uint32_t program;
    uint32_t at; // the next op to look at
};

// Depth first over "forks before any time has passed"; a way back into an open program is a task
// that forks itself without end at one instant. `path` has room for every program.
static bool walk_forks(const struct checker *checker, uint32_t program, uint8_t *colours,
                       struct visit *path)
{
    const struct aur_workload *workload = checker->workload;
    uint32_t depth = 0;
    path[depth++] = (struct visit){program, checker->programs[program].start};
    colours[program] = OPEN;
    while (depth) {
        struct visit *visit = &path[depth - 1];
        if (visit->at >= checker->programs[visit->program].instant) {
            colours[visit->program] = CLOSED;
            depth--;
            continue;
        }
        const struct aur_op *op = &workload->ops[visit->at++];
        if (op->code != AUR_OP_FORK)
            continue;
        const struct aur_spec *forked = &workload->specs[op->object];
        uint32_t next = find_program(checker, forked->entry);
        if (colours[next] == CLOSED)
            continue;
        if (colours[next] == OPEN)
            return aur_fail(checker->failure, checker->file, op->line,
                            "forking \"%.60s\" here leads back to this fork before any time "
                            "passes, put a run or sleep before it",
                            aur_workload_name(workload, forked->name));
        colours[next] = OPEN;
        path[depth++] = (struct visit){next, checker->programs[next].start};
    }
    return true;
}

static bool check_forks(const struct checker *checker)
{
    uint32_t count = checker->program_count;
    uint8_t *colours = calloc(count ? count : 1, 1);
    struct visit *path = malloc((count ? count : 1) * sizeof *path);
    bool good = colours && path;
    if (!good)
        aur_fail(checker->failure, checker->file, 0, "memory is out, use a smaller file");
    for (uint32_t i = 0; good && i < count; i++)
        if (colours[i] == UNSEEN)
            good = walk_forks(checker, i, colours, path);
    free(colours);
    free(path);
    return good;
}

bool aur_workload_validate(const struct aur_workload *workload, const char *file,
                           struct aur_failure *failure)
{
    struct checker checker = {.workload = workload, .file = file, .failure = failure};
    bool good = check_names(&checker);

    if (good && workload->object_count > AUR_OBJECTS_MAX)
        good = refuse(&checker, "object", AUR_OBJECTS_MAX, "is one too many");
    for (uint32_t i = 0; good && i < workload->object_count; i++)
        good = check_object(&checker, i);
    good = good && check_groups(&checker);
    for (uint32_t i = 0; good && i < workload->distribution_count; i++)
        good = aur_distribution_check(&workload->distributions[i]) ||
               refuse(&checker, "distribution", i, "has a parameter out of range");
    if (good && (workload->timers > AUR_TASKS_MAX || workload->duration_ns >= TIME_END_NS))
        good = refuse(&checker, "timer", workload->timers, "or the duration is out of range");
    good = good && check_programs(&checker) && check_specs(&checker) && check_forks(&checker);
    free(checker.programs);
    return good;
}
