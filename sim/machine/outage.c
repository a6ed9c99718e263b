// CPUs that go off and come back.
#include "machine/world.h"

static bool is_before(const struct aur_outage *a, const struct aur_outage *b)
{
    return a->from_ns != b->from_ns ? a->from_ns < b->from_ns : a->cpu < b->cpu;
}

void aur_outages_sort(struct aur_outage *outages, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        for (uint32_t k = i; k > 0 && is_before(&outages[k], &outages[k - 1]); k--) {
            struct aur_outage moved = outages[k];
            outages[k] = outages[k - 1];
            outages[k - 1] = moved;
        }
}

static const char *fault_of(const struct aur_outage *outages, uint32_t number, uint64_t cpus)
{
    const struct aur_outage *outage = &outages[number];
    uint64_t off = 1ull << (outage->cpu & 63);
    if (outage->cpu >= cpus)
        return "the machine has no such CPU, raise machine.cpus";
    if (outage->from_ns >= AUR_TIME_END_NS || outage->to_ns <= outage->from_ns ||
        (outage->to_ns >= AUR_TIME_END_NS && outage->to_ns != AUR_NEVER_NS) || outage->reserved)
        return "it ends before it has begun, give a later \"to\"";
    if (number > 0 && is_before(outage, &outages[number - 1]))
        return "it is not in order";
    for (uint32_t i = 0; i < number; i++) {
        if (outages[i].cpu == outage->cpu && outages[i].to_ns >= outage->from_ns)
            return "the CPU is off at that time already, make one outage of the two";
        if (outages[i].to_ns > outage->from_ns)
            off |= 1ull << outages[i].cpu;
    }
    return off == UINT64_MAX >> (64 - cpus) ? "no CPU is left at that time, leave one on" : NULL;
}

const char *aur_outages_fault(const struct aur_outage *outages, uint32_t count, uint64_t cpus,
                              uint32_t *at)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *fault = fault_of(outages, i, cpus);
        if (fault && at)
            *at = i;
        if (fault)
            return fault;
    }
    return NULL;
}

void aur_outage_arm(struct aur_world *world, uint64_t from_ns)
{
    const struct aur_inputs *inputs = world->inputs;
    uint64_t next_ns = AUR_NEVER_NS;
    for (uint32_t i = 0; i < inputs->outage_count; i++) {
        const uint64_t instants[] = {inputs->outages[i].from_ns, inputs->outages[i].to_ns};
        for (uint32_t k = 0; k < 2; k++)
            if (instants[k] >= from_ns && instants[k] < next_ns)
                next_ns = instants[k];
    }
    aur_queue_arm(&world->queue, world->sources.outage, next_ns);
}

uint32_t aur_online_cpu(const struct aur_world *world)
{
    return (uint32_t)__builtin_ctzll(aur_core_online(world->core));
}

static bool turn(struct aur_world *world, uint32_t cpu, enum aur_event_kind kind)
{
    uint64_t others = aur_core_online(world->core) & ~(1ull << cpu);
    uint32_t from = (uint32_t)__builtin_ctzll(others);
    enum aur_status status = aur_post(world, kind, from, AUR_NONE, cpu, 0, 0);
    if (status == AUR_NO_BANDWIDTH)
        return aur_fail(world->failure, NULL, 0,
                        "CPU %u cannot go off at %llu ns: the SCHED_DEADLINE tasks need it; take "
                        "it out of machine.offline or lower their dl-runtime",
                        cpu, (unsigned long long)world->now_ns);
    if (status != AUR_OK)
        return aur_fail(world->failure, NULL, 0, "CPU %u cannot go %s at %llu ns: %s", cpu,
                        kind == AUR_EV_CPU_OFF ? "off" : "on", (unsigned long long)world->now_ns,
                        aur_status_text(status));
    if (kind == AUR_EV_CPU_OFF) {
        aur_queue_cancel(&world->queue, world->sources.timer + cpu);
        aur_queue_cancel(&world->queue, world->sources.tick + cpu);
    }
    return true;
}

// Those that come back do so first, so that a CPU is left when another goes at the same instant.
bool aur_outage_begin_or_end(struct aur_world *world)
{
    const struct aur_inputs *inputs = world->inputs;
    for (uint32_t i = 0; i < inputs->outage_count; i++)
        if (inputs->outages[i].to_ns == world->now_ns &&
            !turn(world, inputs->outages[i].cpu, AUR_EV_CPU_ON))
            return false;
    for (uint32_t i = 0; i < inputs->outage_count; i++)
        if (inputs->outages[i].from_ns == world->now_ns &&
            !turn(world, inputs->outages[i].cpu, AUR_EV_CPU_OFF))
            return false;
    aur_outage_arm(world, world->now_ns + 1);
    return true;
}
