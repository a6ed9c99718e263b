// What a decision by rules costs: known to the cache, and over ten policies; on this host and as
// WebAssembly under node. BENCH_RULE_NODE is the command of that side (bench/case-node.mjs);
// without it only the host is measured.
#include "node.h"
#include "rule_case.h"

int main(void)
{
    static const struct bench_case cases[BENCH_RULE_CASES] = {
        {"a decision that the cache knows", "target 100", 1000000},
        {"a decision over 10 policies", "target 2000", 200000},
        {"the same, with a cache that forgets", "", 200000},
        {"building its request", "", 200000},
        {"compiling 10 policies of 1100 bytes", "", 5000},
    };
    struct bench_node node;
    bool with_node = bench_node_start(&node, "BENCH_RULE_NODE");
    if (!bench_rule_begin())
        bench_fail("something was refused");
    bench_cases("rule", cases, BENCH_RULE_CASES, bench_rule_run, with_node ? &node : NULL);
    if (with_node)
        bench_node_end(&node);
    return 0;
}
