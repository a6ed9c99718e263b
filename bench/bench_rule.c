// What a decision by rules costs: known to the cache, and over ten policies; on this host and as
// WebAssembly under node. The two take turns, so that what else the machine does meets both.
//
// BENCH_RULE_NODE is the command of the WebAssembly side (bench/rule-node.mjs); without it only the
// host is measured.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rule_case.h"

#define TURNS 7

struct node {
    FILE *to, *from;
};

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_rule: %s\n", what);
    exit(1);
}

static bool start_node(struct node *node)
{
    const char *command = getenv("BENCH_RULE_NODE");
    int to[2], from[2];
    if (!command || !*command)
        return false;
    if (pipe(to) != 0 || pipe(from) != 0)
        fail("no pipe");
    pid_t child = fork();
    if (child < 0)
        fail("no process");
    if (child == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[1]);
        close(from[0]);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    node->to = fdopen(to[1], "w");
    node->from = fdopen(from[0], "r");
    return true;
}

static double measure(uint32_t which, uint32_t count, struct node *node, double *wasm_ns)
{
    double best = 1e9;
    char answer[128];
    *wasm_ns = 1e9;
    for (int turn = 0; turn < TURNS; turn++) {
        double start = now_ns();
        uint32_t digest = bench_rule_run(which, count), other;
        double own_ns = (now_ns() - start) / count, other_ns;
        if (!digest)
            fail("something was refused");
        best = own_ns < best ? own_ns : best;
        if (!node)
            continue;
        fprintf(node->to, "%u %u\n", which, count);
        fflush(node->to);
        if (!fgets(answer, sizeof answer, node->from) ||
            sscanf(answer, "%lf %u", &other_ns, &other) != 2 || other != digest)
            fail("host and WebAssembly have decided differently");
        *wasm_ns = other_ns < *wasm_ns ? other_ns : *wasm_ns;
    }
    return best;
}

int main(void)
{
    static const struct {
        const char *name, *remark;
        uint32_t count;
    } cases[BENCH_RULE_CASES] = {
        {"a decision that the cache knows", "target 100", 1000000},
        {"a decision over 10 policies", "target 2000", 200000},
        {"the same, with a cache that forgets", "", 200000},
        {"building its request", "", 200000},
        {"compiling 10 policies of 1100 bytes", "", 5000},
    };
    struct node node;
    bool with_node = start_node(&node);
    if (!bench_rule_begin())
        fail("something was refused");
    for (uint32_t i = 0; i < BENCH_RULE_CASES; i++) {
        double wasm_ns, host_ns = measure(i, cases[i].count, with_node ? &node : NULL, &wasm_ns);
        printf("rule: %s\t%.0f\tns\t%s\n", cases[i].name, host_ns, cases[i].remark);
        if (with_node)
            printf("rule: the same as WebAssembly\t%.0f\tns\t%.2f times\n", wasm_ns,
                   wasm_ns / host_ns);
        fflush(stdout);
    }
    if (with_node) {
        fclose(node.to);
        fclose(node.from);
        wait(NULL);
    }
    return 0;
}
