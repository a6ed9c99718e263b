// Which mutexes tasks hold when they take others. A task's steps do not depend on data, so its
// program is walked as it will run: each loop that repeats twice, which shows what one turn
// leaves to the next. Each pair "b taken while a is held" is an edge a -> b; a cycle of edges is
// a deadlock that some schedule reaches, unless one thread alone makes it.
#include "workload/rtapp_import.h"

#include <stdlib.h>
#include <string.h>

#define MANY UINT32_MAX // in place of a spec: more than one thread

struct held {
    uint32_t mutex, line;
};

struct edge {
    uint32_t from, to;
    uint32_t from_line, to_line; // of the two locks
    uint32_t spec;               // whose only instance nests them, or MANY
};

struct locks {
    const struct aur_workload *workload;
    const char *file;
    struct aur_failure *failure;
    bool *alone; // by spec: it has at most one instance
    struct edge *edges;
    uint32_t edge_count, edge_room;
    uint32_t *slots; // open hash of edges: index + 1
    uint32_t slot_count;

    // of the walk
    uint32_t spec;
    struct held held[RTAPP_HELD_MAX];
    uint32_t held_count;
    bool over; // an endless loop or the exit has been reached
};

static const char *mutex_name(const struct locks *locks, uint32_t mutex)
{
    return aur_workload_name(locks->workload, locks->workload->objects[mutex].name);
}

static bool no_memory(const struct locks *locks)
{
    return aur_fail(locks->failure, locks->file, 0, "memory is out, use a smaller file");
}

// --- edges ---------------------------------------------------------------------------------------

static uint32_t *slot_of(struct locks *locks, uint32_t from, uint32_t to)
{
    uint32_t mask = locks->slot_count - 1;
    uint32_t at = (from * 0x9e3779b1u ^ to * 0x85ebca6bu) >> 7 & mask;
    while (locks->slots[at] && (locks->edges[locks->slots[at] - 1].from != from ||
                                locks->edges[locks->slots[at] - 1].to != to))
        at = (at + 1) & mask;
    return &locks->slots[at];
}

static bool grow(struct locks *locks)
{
    uint32_t room = locks->edge_room ? locks->edge_room * 2 : 64;
    struct edge *edges = realloc(locks->edges, room * sizeof *edges);
    if (!edges)
        return no_memory(locks);
    locks->edges = edges;
    uint32_t *slots = calloc((size_t)room * 2, sizeof *slots);
    if (!slots)
        return no_memory(locks);
    free(locks->slots);
    locks->slots = slots;
    locks->slot_count = room * 2;
    locks->edge_room = room;
    for (uint32_t i = 0; i < locks->edge_count; i++)
        *slot_of(locks, edges[i].from, edges[i].to) = i + 1;
    return true;
}

static bool add_edge(struct locks *locks, const struct held *held, uint32_t mutex, uint32_t line)
{
    if (locks->edge_count == locks->edge_room && !grow(locks))
        return false;
    uint32_t spec = locks->alone[locks->spec] ? locks->spec : MANY;
    uint32_t *slot = slot_of(locks, held->mutex, mutex);
    if (*slot) {
        struct edge *edge = &locks->edges[*slot - 1];
        edge->spec = edge->spec == spec ? spec : MANY;
        return true;
    }
    locks->edges[locks->edge_count++] = (struct edge){
        .from = held->mutex, .to = mutex, .from_line = held->line, .to_line = line, .spec = spec};
    *slot = locks->edge_count;
    return true;
}

// --- the walk ------------------------------------------------------------------------------------

static uint32_t find_held(const struct locks *locks, uint32_t mutex)
{
    uint32_t i = 0;
    while (i < locks->held_count && locks->held[i].mutex != mutex)
        i++;
    return i;
}

static bool take(struct locks *locks, const struct aur_op *op)
{
    uint32_t at = find_held(locks, op->object);
    if (at < locks->held_count)
        return aur_fail(locks->failure, locks->file, op->line,
                        "\"%.60s\" is locked here by a task that holds it since line %u, unlock it "
                        "in between",
                        mutex_name(locks, op->object), locks->held[at].line);
    if (locks->held_count == RTAPP_HELD_MAX)
        return aur_fail(locks->failure, locks->file, op->line,
                        "more than %u mutexes are held at once, unlock some", RTAPP_HELD_MAX);
    for (uint32_t i = 0; i < locks->held_count; i++)
        if (!add_edge(locks, &locks->held[i], op->object, op->line))
            return false;
    locks->held[locks->held_count++] = (struct held){op->object, op->line};
    return true;
}

static bool release(struct locks *locks, const struct aur_op *op)
{
    uint32_t at = find_held(locks, op->object);
    if (at == locks->held_count)
        return aur_fail(locks->failure, locks->file, op->line,
                        "\"%.60s\" is unlocked here by a task that does not hold it, lock it "
                        "before",
                        mutex_name(locks, op->object));
    locks->held[at] = locks->held[--locks->held_count];
    return true;
}

// A wait gives its mutex back, and takes it again while the others are still held.
static bool wait(struct locks *locks, const struct aur_op *op)
{
    if (op->other == AUR_NONE)
        return true;
    if (find_held(locks, op->other) == locks->held_count)
        return aur_fail(locks->failure, locks->file, op->line,
                        "this waits with the mutex \"%.60s\", which the task does not hold, lock "
                        "it before",
                        mutex_name(locks, op->other));
    for (uint32_t i = 0; i < locks->held_count; i++)
        if (locks->held[i].mutex != op->other &&
            !add_edge(locks, &locks->held[i], op->other, op->line))
            return false;
    return true;
}

static bool leave(struct locks *locks, const struct aur_op *op)
{
    locks->over = true;
    if (locks->held_count)
        return aur_fail(locks->failure, locks->file, locks->held[0].line,
                        "\"%.60s\" is locked here, and the task of line %u ends without an unlock, "
                        "add one",
                        mutex_name(locks, locks->held[0].mutex), op->line);
    return true;
}

// Walks the ops from `at` to before `end`, or to the EXIT. Recursion is as deep as loops nest,
// AUR_LOOP_DEPTH by aur_workload_validate.
static bool walk(struct locks *locks, uint32_t at, uint32_t end)
{
    bool good = true;
    while (good && at < end && !locks->over) {
        const struct aur_op *op = &locks->workload->ops[at++];
        switch (op->code) {
        case AUR_OP_LOCK:
            good = take(locks, op);
            break;
        case AUR_OP_UNLOCK:
            good = release(locks, op);
            break;
        case AUR_OP_WAIT:
            good = wait(locks, op);
            break;
        case AUR_OP_EXIT:
            good = leave(locks, op);
            break;
        case AUR_OP_LOOP:
            good = walk(locks, at, op->other - 1) &&
                   (op->value == 1 || walk(locks, at, op->other - 1));
            if (op->value == AUR_LOOP_FOREVER)
                locks->over = true; // what follows never runs
            at = op->other;
            break;
        default:
            break;
        }
    }
    return good;
}

static bool walk_specs(struct locks *locks)
{
    const struct aur_workload *workload = locks->workload;
    locks->alone = malloc(workload->spec_count * sizeof *locks->alone);
    if (!locks->alone)
        return no_memory(locks);
    for (uint32_t i = 0; i < workload->spec_count; i++)
        locks->alone[i] = workload->specs[i].instances <= 1;
    for (uint32_t i = 0; i < workload->op_count; i++)
        if (workload->ops[i].code == AUR_OP_FORK)
            locks->alone[workload->ops[i].object] = false;
    for (uint32_t i = 0; i < workload->spec_count; i++) {
        locks->spec = i;
        locks->held_count = 0;
        locks->over = false;
        if (!walk(locks, workload->specs[i].entry, workload->op_count))
            return false;
    }
    return true;
}

// --- cycles --------------------------------------------------------------------------------------

static int by_from(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

enum colour {
    UNSEEN,
    OPEN,
    CLOSED
};

struct search {
    uint8_t *colours; // by mutex
    uint32_t *first;  // by mutex: its first edge, after sorting
    uint32_t *path;   // edges from the mutex where the search began
    uint32_t depth;
};

// Edge `last` leads back to a mutex on the path.
static bool report_cycle(const struct locks *locks, const struct search *search, uint32_t last)
{
    const struct edge *edges = locks->edges, *closing = &edges[last];
    uint32_t start = search->depth;
    bool one_thread = closing->spec != MANY;
    while (start > 0 && edges[search->path[start - 1]].to != closing->to)
        start--;
    for (uint32_t i = start; i < search->depth; i++)
        one_thread = one_thread && edges[search->path[i]].spec == closing->spec;
    if (one_thread)
        return true;
    const struct edge *opening = &edges[search->path[start]];
    // The later line is where a reader meets the contradiction.
    if (opening->to_line > closing->to_line) {
        const struct edge *swap = opening;
        opening = closing;
        closing = swap;
    }
    return aur_fail(locks->failure, locks->file, closing->to_line,
                    "cyclic lock: \"%.50s\" is locked here while \"%.50s\" is held, but on line %u "
                    "\"%.50s\" is locked while \"%.50s\" is held, lock them in one order",
                    mutex_name(locks, closing->to), mutex_name(locks, closing->from),
                    opening->to_line, mutex_name(locks, opening->to),
                    mutex_name(locks, opening->from));
}

// Depth first from `root`. next[] of a mutex is kept in first[], which moves along its edges.
static bool search_from(const struct locks *locks, struct search *search, uint32_t root)
{
    const struct edge *edges = locks->edges;
    uint32_t mutex = root;
    search->depth = 0;
    search->colours[root] = OPEN;
    for (;;) {
        uint32_t at = search->first[mutex];
        if (at < locks->edge_count && edges[at].from == mutex) {
            search->first[mutex]++;
            uint32_t to = edges[at].to;
            if (search->colours[to] == OPEN && !report_cycle(locks, search, at))
                return false;
            if (search->colours[to] != UNSEEN)
                continue;
            search->path[search->depth++] = at;
            search->colours[to] = OPEN;
            mutex = to;
            continue;
        }
        search->colours[mutex] = CLOSED;
        if (!search->depth)
            return true;
        mutex = edges[search->path[--search->depth]].from;
    }
}

static bool refuse_cycles(struct locks *locks)
{
    uint32_t count = locks->workload->object_count;
    if (!locks->edge_count)
        return true;
    qsort(locks->edges, locks->edge_count, sizeof *locks->edges, by_from);
    struct search search = {.colours = calloc(count, 1),
                            .first = malloc(count * sizeof *search.first),
                            .path = malloc(count * sizeof *search.path)};
    bool good = search.colours && search.first && search.path;
    if (!good)
        no_memory(locks);
    for (uint32_t i = 0; good && i < count; i++)
        search.first[i] = locks->edge_count;
    for (uint32_t i = locks->edge_count; good && i > 0; i--)
        search.first[locks->edges[i - 1].from] = i - 1;
    for (uint32_t i = 0; good && i < count; i++)
        if (search.colours[i] == UNSEEN)
            good = search_from(locks, &search, i);
    free(search.colours);
    free(search.first);
    free(search.path);
    return good;
}

bool aur_rtapp_check_locks(const struct aur_workload *workload, const char *file,
                           struct aur_failure *failure)
{
    struct locks locks = {.workload = workload, .file = file, .failure = failure};
    bool good = walk_specs(&locks) && refuse_cycles(&locks);
    free(locks.alone);
    free(locks.edges);
    free(locks.slots);
    return good;
}
