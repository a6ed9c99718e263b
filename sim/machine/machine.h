// The machine model: how many CPUs, and what things cost on them.
#ifndef AURORA_SIM_MACHINE_H
#define AURORA_SIM_MACHINE_H

#include <stdint.h>

// Defaults are in the table; the experiment file sets them by name under `machine:`.
// name, default, lowest, highest, unit, summary
// clang-format off
#define AUR_MACHINE_TABLE(X)                                                                       \
    X(cpus, 2, 1, 64, COUNT, "processors")                                                         \
    X(tick_ns, 4000000, 0, 1000000000, TIME, "scheduler tick (250 Hz as in Linux); 0 is tickless") \
    X(tick_phase_ns, 0, 0, 1000000000, TIME, "ticks begin at an instant drawn below this; 0: at 0")\
    X(switch_cost_ns, 1500, 0, 1000000000, TIME, "a context switch, taken from the task switched in") \
    X(migration_cost_ns, 5000, 0, 1000000000, TIME, "cache refill at the first run on another CPU")\
    X(interrupt_latency_ns, 1000, 0, 1000000000, TIME, "from a timer's instant to its handler")    \
    X(timer_granularity_ns, 1, 1, 1000000000, TIME, "timers expire at multiples of this")          \
    X(timer_slack_ns, 0, 0, 1000000000, TIME, "added to sleeps, as Linux's 50 us for normal tasks")\
    X(balance_ns, 32000000, 0, 10000000000, TIME, "period of load balancing between busy CPUs; 0: none") \
    X(memory_bytes_per_us, 8000, 1, 1000000, COUNT, "what `mem` writes in a microsecond")          \
    X(device_bytes_per_us, 1000, 1, 1000000, COUNT, "what `iorun` writes in a microsecond")        \
    X(balance_cost_ns, 0, 0, 1000000000, TIME, "what balancers take a move to cost (500us in Linux): who ran within it stays, who idles shorter does not steal") \
    X(wake_cost_ns, 0, 0, 1000000000, TIME, "a wake-up, taken from the task that wakes")           \
    X(load_average, 0, 0, 1, COUNT, "1: placement and balancing weigh CPUs by averages of their load, as Linux; 0: by who is runnable")
// clang-format on

struct aur_machine {
#define X(name, value, low, high, unit, summary) uint64_t name;
    AUR_MACHINE_TABLE(X)
#undef X
};

void aur_machine_default(struct aur_machine *machine);

#endif
