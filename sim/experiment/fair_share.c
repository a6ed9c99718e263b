#include "experiment/fair_share.h"

#include <math.h>
#include <stdlib.h>

#include <aurora/core.h>

#include "stats/fairness.h"

#define BUSY_SHARE 0.95
#define NICE_STEPS 40
#define KINDS      (NICE_STEPS + 1) // and SCHED_IDLE

struct weights {
    uint32_t of[KINDS];
};

// The core is asked, so that there is one table of weights.
static bool read_weights(struct weights *weights)
{
    struct aur_config config;
    struct aur_actions actions;

    aur_config_default(&config, 1, 0);
    config.tasks = KINDS;
    config.log_mode = AUR_LOG_OFF;
    size_t size = aur_core_size(&config);
    struct aur_core *core = size ? aligned_alloc(64, (size + 63) / 64 * 64) : NULL;
    bool good = core && aur_core_init(core, size, &config) == AUR_OK;
    for (int i = 0; i < KINDS && good; i++) {
        bool idle = i == NICE_STEPS;
        struct aur_record event = {
            .kind = AUR_EV_TASK_NEW,
            .task = AUR_NONE,
            .object =
                aur_task_kind(idle ? AUR_POLICY_IDLE : AUR_POLICY_OTHER, idle ? 0 : i - 20, 0),
            .arg = 1};
        good = aur_core_step(core, NULL, &event, &actions) == AUR_OK && actions.count &&
               aur_core_task(core, actions.list[0].task);
        if (good)
            weights->of[i] = aur_core_task(core, actions.list[0].task)->weight;
    }
    free(core);
    return good;
}

double aur_fair_share(const struct aur_inputs *inputs, const struct aur_run_result *result,
                      double window_ns)
{
    double *shares = calloc(result->task_count + 1u, sizeof *shares), index = NAN;
    struct weights weights;
    size_t count = 0;

    if (inputs->workload.group_count || !shares || !read_weights(&weights)) {
        free(shares);
        return NAN;
    }
    for (uint32_t i = 0; i < result->task_count; i++) {
        const struct aur_task_result *task = &result->tasks[i];
        uint32_t kind = inputs->workload.specs[task->spec].kind;
        uint32_t policy = kind & 0xff;
        uint32_t number = policy == AUR_POLICY_IDLE ? NICE_STEPS : kind >> 8 & 0xff;
        if (policy == AUR_POLICY_FIFO || policy == AUR_POLICY_RR || policy == AUR_POLICY_DEADLINE)
            continue;
        if (task->instance == AUR_NONE || number >= KINDS || !weights.of[number])
            continue; // forked tasks are summed, not single
        if (window_ns > 0 && (double)(task->run_ns + task->wait_ns) < BUSY_SHARE * window_ns)
            continue;
        shares[count++] = (double)task->run_ns / weights.of[number];
    }
    if (count >= 2)
        index = aur_stats_jain_fairness(shares, count);
    free(shares);
    return index;
}
