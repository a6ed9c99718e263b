// What a decision costs: one task wakes, the running one blocks, the class picks; for every class,
// by the number of runnable tasks, on this host and as WebAssembly under node. The two take turns,
// so that what else the machine does meets both.
//
// BENCH_NODE is the command of the WebAssembly side (bench/cycle-node.mjs); without it only the
// host is measured.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <aurora/sched.h>

#include "cycle.h"
#include "node.h"

#define TURNS 5

static const uint32_t sizes[] = {10, 1000, 100000};
#define SIZES (sizeof sizes / sizeof sizes[0])

// Asks and reads one line of answer.
static void ask(struct bench_node *node, char *answer, int room, const char *verb, uint32_t first,
                uint32_t second)
{
    fprintf(node->to, "%s %u %u\n", verb, first, second);
    fflush(node->to);
    if (!fgets(answer, room, node->from) || strncmp(answer, "refused", 7) == 0)
        bench_fail("the WebAssembly side has failed");
}

struct cost {
    double host_ns, wasm_ns; // of a cycle, the best turn; wasm_ns 0: not measured
};

static struct cost measure(uint32_t class, uint32_t tasks, struct bench_node *node)
{
    const uint32_t cycles = 100000;
    struct cost best = {1e9, node ? 1e9 : 0};
    char answer[128];
    size_t size = bench_cycle_size(class, tasks);
    void *block = aligned_alloc(64, (size + 63) & ~(size_t)63);
    if (!block || !bench_cycle_begin(block, class, tasks))
        bench_fail("the core has refused an event");
    if (node)
        ask(node, answer, sizeof answer, "begin", class, tasks);
    for (int turn = 0; turn < TURNS; turn++) {
        double start = bench_now_ns();
        if (bench_cycle_run(block, cycles) == 0)
            bench_fail("the core has refused an event");
        double host_ns = (bench_now_ns() - start) / cycles, wasm_ns;
        best.host_ns = host_ns < best.host_ns ? host_ns : best.host_ns;
        if (!node)
            continue;
        unsigned long long digest;
        ask(node, answer, sizeof answer, "run", cycles, 0);
        if (sscanf(answer, "%lf %llx", &wasm_ns, &digest) != 2 ||
            digest != bench_cycle_digest(block))
            bench_fail("host and WebAssembly have decided differently");
        best.wasm_ns = wasm_ns < best.wasm_ns ? wasm_ns : best.wasm_ns;
    }
    free(block);
    return best;
}

int main(void)
{
    struct bench_node node;
    bool with_node = bench_node_start(&node, "BENCH_NODE");
    for (uint32_t class = 0; aur_class_info(class); class ++) {
        const char *name = aur_class_info(class)->name;
        double few_ns = 0;
        for (size_t i = 0; i < SIZES; i++) {
            struct cost cost = measure(class, sizes[i], with_node ? &node : NULL);
            char remark[96] = "";
            few_ns = i == 0 ? cost.host_ns : few_ns;
            if (sizes[i] == 1000 && class != aur_class_find("agent"))
                snprintf(remark, sizeof remark, "target 150");
            else if (i > 0)
                snprintf(remark, sizeof remark, "grows %.1f times from 10, target 5",
                         cost.host_ns / few_ns);
            printf("class: %s, a cycle with %u runnable\t%.0f\tns\t%s\n", name, sizes[i],
                   cost.host_ns, remark);
            if (with_node)
                printf("class: %s, the same as WebAssembly\t%.0f\tns\t%.2f times, target 1.6\n",
                       name, cost.wasm_ns, cost.wasm_ns / cost.host_ns);
        }
        fflush(stdout);
    }
    if (with_node)
        bench_node_end(&node);
    return 0;
}
