// What an instruction of an agent, a call of one, a check of a capability and a token cost, on this
// host and as WebAssembly under node. BENCH_AGENT_NODE is the command of that side
// (bench/case-node.mjs); without it only the host is measured.
#include "agent_case.h"
#include "node.h"

int main(void)
{
    static const struct bench_case cases[BENCH_AGENT_CASES] = {
        [BENCH_LOOP] = {"an instruction of a plain loop", "target 3.3", 40000000},
        [BENCH_EMPTY] = {"an empty call", "target 30", 2000000},
        [BENCH_MEMORY] = {"an instruction of a loop over memory", "", 20000000},
        [BENCH_CHECK] = {"a check of one of 1,000 capabilities", "target 5", 5000000},
        [BENCH_TOKEN] = {"a token of three caveats", "", 50000},
    };
    struct bench_node node;
    bool with_node = bench_node_start(&node, "BENCH_AGENT_NODE");
    if (!bench_agent_begin())
        bench_fail("something was refused");
    bench_cases("agent", cases, BENCH_AGENT_CASES, bench_agent_run, with_node ? &node : NULL);
    if (with_node)
        bench_node_end(&node);
    return 0;
}
