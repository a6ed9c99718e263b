# bench_agent, and its other side with the compiler and options of the browser's bridge.
bench_programs += bench/bench_agent
bench_bench_agent_SOURCES = bench/bench_agent.c bench/node.c bench/node.h bench/agent_case.c bench/agent_case.h
bench_bench_agent_LDADD = libaurcore.a

bench_agent_objects = $(core_sources:%.c=obj-emcc/%.o) obj-emcc/bench/agent_case.o
bench_agent_ldflags = $(web_wasm_ldflags) -sEXPORT_NAME=createBenchAgent \
	-sEXPORTED_FUNCTIONS=_bench_agent_begin,_bench_agent_run

if BUILD_WASM
bench_wasm += bench/agent.js
bench_agent_node = $(NODE) $(srcdir)/bench/case-node.mjs bench/agent.js bench_agent
endif

bench/agent.js: $(bench_agent_objects)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && \
	NODE_PATH=/usr/share/nodejs $(EMCC) $(bench_agent_ldflags) -o $@ $(bench_agent_objects)

CLEANFILES += bench/agent.js bench/agent.wasm
