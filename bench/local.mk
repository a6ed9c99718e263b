# Benchmarks: `make bench` builds and runs them; `make` and `make check` leave them alone.
#
# To add one, write bench/bench_NAME.c, then
#     bench_programs += bench/bench_NAME
#     bench_bench_NAME_SOURCES = bench/bench_NAME.c
#     bench_bench_NAME_LDADD = $(bench_libs)
bench_programs = \
	bench/bench_class \
	bench/bench_queue \
	bench/bench_sim \
	bench/bench_store \
	bench/bench_trace \
	bench/bench_travel
bench_libs = libaursim.a libaurcore.a $(SIM_LIBS)

bench_bench_class_SOURCES = bench/bench_class.c bench/cycle.c bench/cycle.h bench/node.c bench/node.h
bench_bench_class_LDADD = libaurcore.a
bench_bench_queue_SOURCES = bench/bench_queue.c
bench_bench_queue_LDADD = $(bench_libs)
bench_bench_sim_SOURCES = bench/bench_sim.c
bench_bench_sim_LDADD = $(bench_libs)
bench_bench_store_SOURCES = bench/bench_store.c
bench_bench_store_LDADD = $(bench_libs)
bench_bench_trace_SOURCES = bench/bench_trace.c
bench_bench_trace_LDADD = $(bench_libs)
bench_bench_travel_SOURCES = bench/bench_travel.c
bench_bench_travel_LDADD = $(bench_libs)

EXTRA_PROGRAMS = $(bench_programs)
EXTRA_DIST += bench/README.md bench/cycle-node.mjs
CLEANFILES += $(bench_programs)

# The other side of bench_class, with the compiler and options of the browser's bridge.
bench_wasm_objects = $(core_sources:%.c=obj-emcc/%.o) obj-emcc/bench/cycle.o
bench_wasm_ldflags = $(web_wasm_ldflags) -sEXPORT_NAME=createBenchCycle \
	-sEXPORTED_FUNCTIONS=_malloc,_free,_bench_cycle_size,_bench_cycle_begin,_bench_cycle_run,_bench_cycle_digest

bench_wasm =
if BUILD_WASM
bench_wasm += bench/cycle.js
bench_node = $(NODE) $(srcdir)/bench/cycle-node.mjs bench/cycle.js
endif

bench/cycle.js: $(bench_wasm_objects)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && \
	NODE_PATH=/usr/share/nodejs $(EMCC) $(bench_wasm_ldflags) -o $@ $(bench_wasm_objects)

CLEANFILES += bench/cycle.js bench/cycle.wasm

include bench/rule.mk
include bench/agent.mk

bench: $(bench_programs) $(bench_wasm)
	@BENCH_NODE='$(bench_node)' BENCH_RULE_NODE='$(bench_rule_node)' \
	BENCH_AGENT_NODE='$(bench_agent_node)' $(SHELL) $(srcdir)/tools/bench.sh $(bench_programs)
