// Plays a workload on the Linux that it runs on, each task a thread of its own, so that what Aurora
// predicts can be recorded:
//
//     perf sched record tools/linux-play WORKLOAD.json [REPLICATION]
//
// Bursts are drawn as the simulator draws them: those of a replication are the same there. A burst
// counts the time of its thread on a CPU by the gaps between two readings of the clock: one of over
// 2 us was an interrupt, or another task. So it reads no CPU clock, which would charge the task in
// the scheduler, where ticks should, and end its slice. Only a task that has just slept reads it,
// its slice being new: what interrupts, switches and system calls took is left out of the next
// burst, so that in the mean a job takes the CPU time that it is told to.
//
// Root is needed for policies, nice values and groups; the latter are those of the first version of
// cgroups, in /sys/fs/cgroup/cpu. Ops that would not do here what they do there are refused, timers
// that tasks share among them.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "experiment/experiment.h"

#define GROUPS     "/sys/fs/cgroup/cpu"
#define GAP_MAX_NS 2000u
#define SLEPT_NS   20000u // an op that takes longer than this has blocked
#define SLEEPS     (1u << AUR_OP_SLEEP | 1u << AUR_OP_TIMER | 1u << AUR_OP_RECEIVE)
#define LEAD_NS    100000000u // from the making of threads to the begin of what they do

// include/uapi/linux/sched/types.h
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
};

static struct aur_inputs inputs;
static uint64_t begin_ns; // of the run
static int (*pipes)[2];   // by the number of the object

struct player {
    uint32_t spec;
    uint64_t start_ns;
    struct aur_stream stream;
    uint64_t *timers;       // of its own: the release that each stands at
    uint64_t had_before_ns; // CPU time, of being made
    uint64_t told_ns;       // CPU time of all bursts so far
    uint64_t debt_ns;       // of CPU time that it had beyond that, to be left out
};

static void die(const char *what)
{
    fprintf(stderr, "linux-play: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t read_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t clock_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

static void sleep_until(uint64_t at_ns)
{
    struct timespec at = {(time_t)(at_ns / 1000000000u), (long)(at_ns % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
}

static void compute(struct player *player, uint64_t ns)
{
    player->told_ns += ns;
    uint64_t done_ns = player->debt_ns < ns ? player->debt_ns : ns;
    player->debt_ns -= done_ns;
    uint64_t last_ns = clock_ns();
    while (done_ns < ns) {
        uint64_t now_ns = clock_ns();
        if (now_ns - last_ns <= GAP_MAX_NS)
            done_ns += now_ns - last_ns;
        last_ns = now_ns;
    }
}

static void write_number(const char *path, uint64_t number)
{
    FILE *file = fopen(path, "w");
    if (!file || fprintf(file, "%llu\n", (unsigned long long)number) < 0 || fclose(file) != 0)
        die(path);
}

static void make_group(const struct aur_group_spec *group)
{
    const struct aur_workload *workload = &inputs.workload;
    const char *name = aur_workload_name(workload, group->name);
    char path[4096];
    snprintf(path, sizeof path, GROUPS "%s", name);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        die(path);
    snprintf(path, sizeof path, GROUPS "%s/cpu.shares", name);
    if (group->weight != 0)
        write_number(path, group->weight * 1024ull / AUR_GROUP_WEIGHT_DEFAULT);
    if (group->quota_ns == 0)
        return;
    snprintf(path, sizeof path, GROUPS "%s/cpu.cfs_period_us", name);
    write_number(path, (group->period_ns ? group->period_ns : 100000000u) / 1000);
    snprintf(path, sizeof path, GROUPS "%s/cpu.cfs_quota_us", name);
    write_number(path, group->quota_ns / 1000);
}

static void become(const struct aur_spec *spec)
{
    const struct aur_workload *workload = &inputs.workload;
    char path[4096];
    pthread_setname_np(pthread_self(), aur_workload_name(workload, spec->name));
    if (spec->group != 0) {
        snprintf(path, sizeof path, GROUPS "%s/tasks",
                 aur_workload_name(workload, workload->groups[spec->group - 1].name));
        write_number(path, (uint64_t)gettid());
    }
    struct attributes attributes = {
        .size = sizeof attributes,
        .policy = spec->kind & 0xff,
        .nice = (int32_t)(spec->kind >> 8 & 0xff) - 20,
        .priority = spec->kind >> 16,
        .runtime_ns = spec->slice_ns,
    };
    if (attributes.policy == AUR_POLICY_DEADLINE) {
        attributes.runtime_ns = spec->dl_runtime_ns;
        attributes.deadline_ns = spec->dl_deadline_ns;
        attributes.period_ns = spec->dl_period_ns;
    }
    if (syscall(SYS_sched_setattr, 0, &attributes, 0) != 0)
        die("sched_setattr");
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (size_t cpu = 0; cpu < 64; cpu++)
        if (spec->affinity >> cpu & 1)
            CPU_SET(cpu, &cpus);
    if (spec->affinity != 0 && sched_setaffinity(0, sizeof cpus, &cpus) != 0)
        die("sched_setaffinity");
}

static uint64_t value_of(struct player *player, const struct aur_op *op)
{
    if (!(op->flags & AUR_OP_DRAW))
        return op->value;
    return aur_distribution_draw(&inputs.workload.distributions[op->value], &player->stream);
}

static void settle(struct player *player)
{
    uint64_t had_ns = read_ns(CLOCK_THREAD_CPUTIME_ID) - player->had_before_ns;
    player->debt_ns = had_ns > player->told_ns ? had_ns - player->told_ns : 0;
}

// rt-app's timer.
static void wait_for_release(struct player *player, const struct aur_op *op)
{
    uint64_t *next_ns = &player->timers[op->object], now_ns = clock_ns();
    if (*next_ns == 0)
        *next_ns = player->start_ns;
    *next_ns += value_of(player, op);
    if (*next_ns > now_ns)
        sleep_until(*next_ns);
    else if (!(op->flags & AUR_OP_ABSOLUTE))
        *next_ns = now_ns;
}

static uint64_t message_bytes(uint32_t pipe)
{
    const struct aur_workload *workload = &inputs.workload;
    for (uint32_t i = 0; i < workload->op_count; i++)
        if (workload->ops[i].code == AUR_OP_SEND && workload->ops[i].object == pipe)
            return workload->ops[i].value;
    return 0;
}

static void refuse(const struct aur_op *op)
{
    fprintf(stderr, "linux-play: line %u: this cannot be played as it is simulated\n", op->line);
    exit(2);
}

static void execute(struct player *player)
{
    char message[AUR_MESSAGE_MAX] = "";
    uint64_t turns[AUR_LOOP_DEPTH];
    uint32_t depth = 0, pc = inputs.workload.specs[player->spec].entry;
    for (;;) {
        const struct aur_op *op = &inputs.workload.ops[pc++];
        bool sleeps = SLEEPS >> op->code & 1;
        uint64_t from_ns = sleeps ? clock_ns() : 0;
        switch (op->code) {
        case AUR_OP_RUN:
            compute(player, value_of(player, op));
            break;
        case AUR_OP_SLEEP:
            sleep_until(clock_ns() + value_of(player, op));
            break;
        case AUR_OP_TIMER:
            if (!(op->flags & AUR_OP_UNIQUE))
                refuse(op);
            wait_for_release(player, op);
            break;
        case AUR_OP_SEND:
            if (write(pipes[op->object][1], message, op->value) < 0)
                die("write");
            break;
        case AUR_OP_RECEIVE:
            if (read(pipes[op->object][0], message, message_bytes(op->object)) < 0)
                die("read");
            break;
        case AUR_OP_YIELD:
            sched_yield();
            break;
        case AUR_OP_LOOP:
            turns[depth++] = op->value;
            break;
        case AUR_OP_END:
            turns[depth - 1] -= turns[depth - 1] != AUR_LOOP_FOREVER;
            if (turns[depth - 1] != 0)
                pc = op->other;
            else
                depth--;
            break;
        case AUR_OP_EXIT:
            return;
        default:
            refuse(op);
        }
        if (sleeps && clock_ns() - from_ns > SLEPT_NS)
            settle(player);
    }
}

static void *play(void *argument)
{
    struct player *player = argument;
    const struct aur_spec *spec = &inputs.workload.specs[player->spec];
    become(spec);
    player->had_before_ns = read_ns(CLOCK_THREAD_CPUTIME_ID);
    sleep_until(player->start_ns = begin_ns + spec->start_ns);
    execute(player);
    return NULL;
}

static void start(uint32_t spec, uint32_t instance)
{
    const struct aur_workload *workload = &inputs.workload;
    struct player *player = calloc(1, sizeof *player);
    pthread_t thread;
    if (!player || !(player->timers = calloc(workload->specs[spec].timers + 1u, sizeof(uint64_t))))
        die("memory");
    player->spec = spec;
    aur_stream_init(&player->stream, inputs.seed, inputs.replication, spec, instance);
    if (pthread_create(&thread, NULL, play, player) != 0)
        die("pthread_create");
    pthread_detach(thread);
}

int main(int argc, char **argv)
{
    struct aur_experiment experiment;
    struct aur_failure failure = {""};
    if (argc < 2 || argc > 3) {
        fputs("usage: linux-play WORKLOAD.json [REPLICATION]\n", stderr);
        return 2;
    }
    if (!aur_experiment_load(&experiment, argv[1], NULL, 0, NULL, NULL, &failure) ||
        !aur_experiment_resolve(&experiment, 0, &inputs, &failure)) {
        fprintf(stderr, "linux-play: %s\n", failure.text);
        return 2;
    }
    const struct aur_workload *workload = &inputs.workload;
    if (workload->duration_ns == 0) {
        fprintf(stderr, "linux-play: %s: give it a duration under \"global\"\n", argv[1]);
        return 2;
    }
    inputs.replication = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    pipes = calloc(workload->object_count + 1u, sizeof *pipes);
    if (!pipes)
        die("memory");
    for (uint32_t i = 0; i < workload->object_count; i++)
        if (pipe(pipes[i]) != 0)
            die("pipe");
    for (uint32_t i = 0; i < workload->group_count; i++)
        make_group(&workload->groups[i]);
    begin_ns = clock_ns() + LEAD_NS;
    for (uint32_t spec = 0; spec < workload->spec_count; spec++)
        for (uint32_t i = 0; i < workload->specs[spec].instances; i++)
            start(spec, i);
    sleep_until(begin_ns + workload->duration_ns);
    return 0;
}
