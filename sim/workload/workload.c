#include "workload/workload.h"

#include <stdlib.h>
#include <string.h>

void aur_workload_init(struct aur_workload *workload)
{
    memset(workload, 0, sizeof *workload);
}

void aur_workload_free(struct aur_workload *workload)
{
    for (uint32_t i = 0; i < workload->distribution_count; i++)
        free((void *)workload->distributions[i].samples);
    free(workload->specs);
    free(workload->ops);
    free(workload->objects);
    free(workload->groups);
    free(workload->distributions);
    free(workload->names);
    memset(workload, 0, sizeof *workload);
}

// Room for `more` items beyond `count`. Arrays double; an index stays below AUR_NONE.
static bool reserve(void **array, uint32_t *room, uint32_t count, size_t more, size_t item)
{
    uint64_t needed = (uint64_t)count + more, wanted = *room ? *room : 16;
    if (needed <= *room)
        return true;
    while (wanted < needed)
        wanted *= 2;
    if (wanted > AUR_NONE || wanted > SIZE_MAX / item)
        return false;
    void *grown = realloc(*array, (size_t)wanted * item);
    if (!grown)
        return false;
    *array = grown;
    *room = (uint32_t)wanted;
    return true;
}

// Appends `more` items of `item` bytes from `from`; returns the index of the first.
static uint32_t append(void **array, uint32_t *count, uint32_t *room, const void *from, size_t more,
                       size_t item)
{
    if (!reserve(array, room, *count, more, item))
        return AUR_NONE;
    if (more)
        memcpy((char *)*array + *count * item, from, more * item);
    uint32_t first = *count;
    *count += (uint32_t)more;
    return first;
}

uint32_t aur_workload_add_name(struct aur_workload *workload, const char *name)
{
    if (!workload->name_bytes && append((void **)&workload->names, &workload->name_bytes,
                                        &workload->name_room, "", 1, 1) == AUR_NONE)
        return AUR_NONE;
    if (!*name)
        return 0;
    return append((void **)&workload->names, &workload->name_bytes, &workload->name_room, name,
                  strlen(name) + 1, 1);
}

uint32_t aur_workload_add_spec(struct aur_workload *workload, const struct aur_spec *spec)
{
    return append((void **)&workload->specs, &workload->spec_count, &workload->spec_room, spec, 1,
                  sizeof *spec);
}

uint32_t aur_workload_add_op(struct aur_workload *workload, const struct aur_op *op)
{
    return append((void **)&workload->ops, &workload->op_count, &workload->op_room, op, 1,
                  sizeof *op);
}

uint32_t aur_workload_add_object(struct aur_workload *workload,
                                 const struct aur_object_spec *object)
{
    return append((void **)&workload->objects, &workload->object_count, &workload->object_room,
                  object, 1, sizeof *object);
}

uint32_t aur_workload_add_group(struct aur_workload *workload, const struct aur_group_spec *group)
{
    return append((void **)&workload->groups, &workload->group_count, &workload->group_room, group,
                  1, sizeof *group);
}

uint32_t aur_workload_add_distribution(struct aur_workload *workload,
                                       const struct aur_distribution *distribution)
{
    struct aur_distribution own = *distribution;
    double *samples = NULL;
    if (own.sample_count) {
        size_t size = own.sample_count * sizeof *samples;
        samples = malloc(size);
        if (!samples)
            return AUR_NONE;
        memcpy(samples, distribution->samples, size);
    }
    own.samples = samples;
    uint32_t index = append((void **)&workload->distributions, &workload->distribution_count,
                            &workload->distribution_room, &own, 1, sizeof own);
    if (index == AUR_NONE)
        free(samples);
    return index;
}

const char *aur_workload_name(const struct aur_workload *workload, uint32_t name)
{
    return name < workload->name_bytes ? workload->names + name : "";
}

uint32_t aur_workload_find_group(const struct aur_workload *workload, const char *path)
{
    for (uint32_t i = 0; i < workload->group_count; i++)
        if (strcmp(aur_workload_name(workload, workload->groups[i].name), path) == 0)
            return i + 1;
    return 0;
}

// Where the parts of the second workload land in the first.
struct shift {
    uint32_t specs, ops, objects, distributions, names, timers;
    const uint32_t *groups; // by its number in the second, from 1, the number in the first
};

static bool reserve_all(struct aur_workload *to, const struct aur_workload *more, uint32_t names)
{
    return reserve((void **)&to->specs, &to->spec_room, to->spec_count, more->spec_count,
                   sizeof *to->specs) &&
           reserve((void **)&to->ops, &to->op_room, to->op_count, more->op_count,
                   sizeof *to->ops) &&
           reserve((void **)&to->objects, &to->object_room, to->object_count, more->object_count,
                   sizeof *to->objects) &&
           reserve((void **)&to->groups, &to->group_room, to->group_count, more->group_count,
                   sizeof *to->groups) &&
           reserve((void **)&to->distributions, &to->distribution_room, to->distribution_count,
                   more->distribution_count, sizeof *to->distributions) &&
           reserve((void **)&to->names, &to->name_room, to->name_bytes, names, 1);
}

static struct aur_op shift_op(struct aur_op op, const struct shift *shift)
{
    if (op.flags & AUR_OP_DRAW)
        op.value += shift->distributions;
    switch (op.code) {
    case AUR_OP_TIMER:
        if (!(op.flags & AUR_OP_UNIQUE))
            op.object += shift->timers;
        break;
    case AUR_OP_LOCK:
    case AUR_OP_UNLOCK:
    case AUR_OP_WAIT:
    case AUR_OP_SIGNAL:
    case AUR_OP_BROADCAST:
    case AUR_OP_BARRIER:
    case AUR_OP_DOWN:
    case AUR_OP_UP:
    case AUR_OP_SEND:
    case AUR_OP_RECEIVE:
        op.object += shift->objects;
        if (op.code == AUR_OP_WAIT && op.other != AUR_NONE)
            op.other += shift->objects;
        break;
    case AUR_OP_FORK:
        op.object += shift->specs;
        break;
    case AUR_OP_SET_GROUP:
        op.object = op.object ? shift->groups[op.object - 1] : 0;
        break;
    case AUR_OP_LOOP:
    case AUR_OP_END:
        op.other += shift->ops;
        break;
    default:
        break;
    }
    return op;
}

// Room for the groups is there. `numbers` has room for one number a group.
static void merge_groups(struct aur_workload *workload, const struct aur_workload *more,
                         const struct shift *shift, uint32_t *numbers)
{
    for (uint32_t i = 0; i < more->group_count; i++) {
        struct aur_group_spec group = more->groups[i];
        numbers[i] = aur_workload_find_group(workload, aur_workload_name(more, group.name));
        group.name += group.name ? shift->names : 0;
        group.parent = group.parent ? numbers[group.parent - 1] : 0;
        if (!numbers[i]) {
            numbers[i] = aur_workload_add_group(workload, &group) + 1;
            continue;
        }
        struct aur_group_spec *here = &workload->groups[numbers[i] - 1];
        here->weight = group.weight ? group.weight : here->weight;
        here->quota_ns = group.quota_ns ? group.quota_ns : here->quota_ns;
        here->period_ns = group.period_ns ? group.period_ns : here->period_ns;
    }
}

static bool append_distributions(struct aur_workload *workload, const struct aur_workload *more)
{
    uint32_t before = workload->distribution_count;
    for (uint32_t i = 0; i < more->distribution_count; i++)
        if (aur_workload_add_distribution(workload, &more->distributions[i]) == AUR_NONE) {
            while (workload->distribution_count > before)
                free((void *)workload->distributions[--workload->distribution_count].samples);
            return false;
        }
    return true;
}

bool aur_workload_append(struct aur_workload *workload, const struct aur_workload *more)
{
    // Room is made first, so that a failure leaves the workload as it was.
    if (!reserve_all(workload, more, more->name_bytes + 1) ||
        aur_workload_add_name(workload, "") == AUR_NONE ||
        more->timers > AUR_NONE - workload->timers)
        return false;
    // Name 0 of `more` is the empty string, and becomes the one of `workload`.
    struct shift shift = {.specs = workload->spec_count,
                          .ops = workload->op_count,
                          .objects = workload->object_count,
                          .distributions = workload->distribution_count,
                          .names = workload->name_bytes - 1,
                          .timers = workload->timers};
    uint32_t *groups = malloc((more->group_count + 1u) * sizeof *groups);
    // Samples take memory of their own, so distributions come first.
    if (!groups || !append_distributions(workload, more)) {
        free(groups);
        return false;
    }
    if (more->name_bytes > 1)
        append((void **)&workload->names, &workload->name_bytes, &workload->name_room,
               more->names + 1, more->name_bytes - 1, 1);
    merge_groups(workload, more, &shift, groups);
    shift.groups = groups;
    for (uint32_t i = 0; i < more->spec_count; i++) {
        struct aur_spec spec = more->specs[i];
        spec.name += spec.name ? shift.names : 0;
        spec.entry += shift.ops;
        spec.group = spec.group ? groups[spec.group - 1] : 0;
        aur_workload_add_spec(workload, &spec);
    }
    for (uint32_t i = 0; i < more->op_count; i++) {
        struct aur_op op = shift_op(more->ops[i], &shift);
        aur_workload_add_op(workload, &op);
    }
    for (uint32_t i = 0; i < more->object_count; i++) {
        struct aur_object_spec object = more->objects[i];
        object.name += object.name ? shift.names : 0;
        aur_workload_add_object(workload, &object);
    }
    free(groups);
    workload->timers += more->timers;
    if (more->duration_ns > workload->duration_ns)
        workload->duration_ns = more->duration_ns;
    return true;
}
