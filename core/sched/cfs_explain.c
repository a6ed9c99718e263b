// CFS: what an entity is ordered by, and what vruntime would have let another be picked.
#include "sched/cfs_queue.h"
#include "sched/keys.h"

void aur_cfs_explain(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                     struct aur_candidate *candidate)
{
    const struct cfs_entity *e = &cfs_entities(core, slot)[entity];
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    aur_key_add(candidate, AUR_KEY_VRUNTIME, (int64_t)(e->vruntime - q->min_vruntime));
    aur_key_add(candidate, AUR_KEY_WEIGHT, e->fair.weight);
}

// The buddies that the pick heeds if `waiting` has the least vruntime in the tree: without a tick
// those of curr are forgotten once its slice is over, which depends on vruntimes, too.
static struct cfs_buddies heeded(const struct aur_core *core, uint32_t slot, uint32_t queue,
                                 const struct cfs_supposed *if_so, uint32_t waiting)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    struct cfs_buddies buddies = q->found;
    uint32_t curr = q->fair.curr;
    if (core->config.tick_ns != 0 || curr == AUR_NONE || waiting == AUR_NONE)
        return buddies;
    int64_t behind =
        (int64_t)(cfs_vruntime_of(all, if_so, curr) - cfs_vruntime_of(all, if_so, waiting));
    if (aur_cfs_until_preempted(core, slot, queue, q->found_ran_ns, behind) != 0)
        return buddies;
    buddies.next = buddies.next == curr ? AUR_NONE : buddies.next;
    buddies.last = buddies.last == curr ? AUR_NONE : buddies.last;
    buddies.skip = buddies.skip == curr ? AUR_NONE : buddies.skip;
    return buddies;
}

// Would `other` have been picked with that vruntime? Among equals it would be the last of the tree,
// and curr comes after the tree.
static bool would_win(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t other,
                      uint64_t vruntime)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    const struct cfs_supposed if_so = {other, vruntime};
    uint32_t curr = cfs_queue_at(core, slot, queue)->fair.curr;
    uint32_t among[5], count = 0, left = AUR_NONE, second = AUR_NONE, waiting = AUR_NONE;
    for (uint32_t e = cfs_first(core, slot, queue); e != AUR_NONE && count < 3;
         e = cfs_after(core, slot, queue, e))
        if (e != other)
            among[count++] = e;
    among[count++] = other;
    if (curr != other && curr != AUR_NONE)
        among[count++] = curr;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t less = cfs_lesser(all, &if_so, left, among[i]);
        second = cfs_lesser(all, &if_so, second, less == left ? among[i] : left);
        left = less;
        if (among[i] != curr)
            waiting = cfs_lesser(all, &if_so, waiting, among[i]);
    }
    const struct cfs_buddies buddies = heeded(core, slot, queue, &if_so, waiting);
    return aur_cfs_elect(core, slot, &buddies, &if_so, left,
                         buddies.skip == left ? second : AUR_NONE) == other;
}

// What the rules compare the other's vruntime with; the greatest below its own that would have won
// is the answer. There always is one. A greater one may win, too, where the least loses to a buddy.
void aur_cfs_versus(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t picked,
                    uint32_t other, struct aur_verdict *verdict)
{
    static const struct cfs_supposed as_it_is = {AUR_NONE, 0};
    const struct cfs_entity *all = cfs_entities(core, slot);
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    uint32_t waiting = cfs_first(core, slot, queue), curr = q->fair.curr;
    const struct cfs_buddies buddies = heeded(core, slot, queue, &as_it_is, waiting);
    uint64_t has = all[other].vruntime, gran = aur_cfs_wakeup_gran(core, slot, other);
    uint64_t ideal_ns = curr == AUR_NONE ? 0 : aur_cfs_ideal_runtime_ns(core, slot, queue);
    int64_t difference = (int64_t)(has - all[picked].vruntime);
    bool buddy = buddies.next == picked || buddies.last == picked;
    enum aur_rule rule = difference > 0    ? AUR_RULE_VRUNTIME
                         : difference == 0 ? AUR_RULE_TIE
                         : buddy           ? AUR_RULE_GRANULARITY
                                           : AUR_RULE_YIELDED;
    uint32_t rivals[] = {picked, q->found.next, q->found.last, curr, waiting, AUR_NONE};
    if (waiting != AUR_NONE)
        rivals[5] = cfs_after(core, slot, queue, waiting);
    bool found = false;
    uint64_t needs = 0;
    for (uint32_t i = 0; i < sizeof rivals / sizeof rivals[0]; i++) {
        if (rivals[i] == AUR_NONE || rivals[i] == other)
            continue;
        uint64_t v = all[rivals[i]].vruntime;
        uint64_t bounds[] = {v,
                             v - 1,
                             v - gran - 1,
                             v + aur_cfs_wakeup_gran(core, slot, rivals[i]),
                             v + ideal_ns,
                             v - ideal_ns - 1};
        for (uint32_t j = 0; j < sizeof bounds / sizeof bounds[0]; j++)
            if (cfs_before(bounds[j], has) && (!found || cfs_before(needs, bounds[j])) &&
                would_win(core, slot, queue, other, bounds[j])) {
                found = true;
                needs = bounds[j];
            }
    }
    aur_verdict_set(verdict, rule, found ? AUR_KEY_VRUNTIME : AUR_KEY_NONE, AUR_OF_OTHER,
                    (int64_t)(has - q->min_vruntime), (int64_t)(needs - q->min_vruntime));
}
