#include "node.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TURNS 7

double bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void bench_fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

bool bench_node_start(struct bench_node *node, const char *variable)
{
    const char *command = getenv(variable);
    int to[2], from[2];
    if (!command || !*command)
        return false;
    if (pipe(to) != 0 || pipe(from) != 0)
        bench_fail("no pipe");
    pid_t child = fork();
    if (child < 0)
        bench_fail("no process");
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

void bench_node_end(struct bench_node *node)
{
    fclose(node->to);
    fclose(node->from);
    wait(NULL);
}

static double ask(struct bench_node *node, uint32_t which, uint32_t count, uint32_t digest)
{
    char answer[128];
    double ns;
    uint32_t other;
    fprintf(node->to, "%u %u\n", which, count);
    fflush(node->to);
    if (!fgets(answer, sizeof answer, node->from) || sscanf(answer, "%lf %u", &ns, &other) != 2 ||
        other != digest)
        bench_fail("host and WebAssembly have come to different ends");
    return ns;
}

void bench_cases(const char *area, const struct bench_case *cases, uint32_t count,
                 uint32_t (*run)(uint32_t which, uint32_t count), struct bench_node *node)
{
    for (uint32_t i = 0; i < count; i++) {
        double host_ns = 1e18, wasm_ns = 1e18;
        for (int turn = 0; turn < TURNS; turn++) {
            double start = bench_now_ns();
            uint32_t digest = run(i, cases[i].count);
            double ns = (bench_now_ns() - start) / cases[i].count;
            if (!digest)
                bench_fail("something was refused");
            host_ns = ns < host_ns ? ns : host_ns;
            ns = node ? ask(node, i, cases[i].count, digest) : wasm_ns;
            wasm_ns = ns < wasm_ns ? ns : wasm_ns;
        }
        printf("%s: %s\t%.*f\tns\t%s\n", area, cases[i].name, host_ns < 100 ? 2 : 0, host_ns,
               cases[i].remark);
        if (node)
            printf("%s: the same as WebAssembly\t%.*f\tns\t%.2f times\n", area,
                   wasm_ns < 100 ? 2 : 0, wasm_ns, wasm_ns / host_ns);
        fflush(stdout);
    }
}
