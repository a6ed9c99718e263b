// The usual start and end of a test that drives a host.
#ifndef AURORA_CORE_TESTS_SCENE_H
#define AURORA_CORE_TESTS_SCENE_H

#include "tests/agent_scene.h"
#include "tests/choices.h"
#include "tests/host.h"
#include "tests/run_tests.h"

#define MICROSECOND 1000ull
#define MILLISECOND 1000000ull
#define SECOND      1000000000ull

#define ANYWHERE       UINT64_MAX
#define OTHER(nice)    aur_task_kind(AUR_POLICY_OTHER, nice, 0)
#define FIFO(priority) aur_task_kind(AUR_POLICY_FIFO, 0, priority)
#define RR(priority)   aur_task_kind(AUR_POLICY_RR, 0, priority)

static struct host host;

// The usual stack with this fair class, full log; tick_ns 0 is tickless.
static inline struct aur_config scene_config(const char *fair_class, uint32_t cpus,
                                             uint64_t tick_ns)
{
    struct aur_config config;
    aur_config_default(&config, cpus, aur_class_find(fair_class));
    config.log_mode = AUR_LOG_FULL;
    config.tick_ns = tick_ns;
    agent_scene_stack(&config);
    return config;
}

static inline void scene_open(const struct aur_config *config)
{
    if (!host_open(&host, config))
        ck_abort_msg("the configuration is refused");
}

static inline void scene(const char *fair_class, uint32_t cpus, uint64_t tick_ns)
{
    struct aur_config config = scene_config(fair_class, cpus, tick_ns);
    scene_open(&config);
}

static inline void scene_must_be_sound(void)
{
    if (host.failure[0])
        ck_abort_msg("%s", host.failure);
}

static inline void scene_close(void)
{
    host_settle(&host);
    if (host.config.log_mode == AUR_LOG_FULL)
        host_replay(&host);
    scene_must_be_sound();
    host_close(&host);
}

// Moves on by so much, with everything that happens on the way.
static inline void scene_pass(uint64_t by_ns)
{
    host_advance(&host, host.now_ns + by_ns, 0);
}

// Between two numbers, both included.
#define MUST_BE_WITHIN(value, low, high)                                                           \
    do {                                                                                           \
        uint64_t value_ = (value), low_ = (low), high_ = (high);                                   \
        if (value_ < low_ || value_ > high_)                                                       \
            ck_abort_msg("%s is %" PRIu64 ", not %" PRIu64 " to %" PRIu64, #value, value_, low_,   \
                         high_);                                                                   \
    } while (0)

#endif
