# bench_rule, and its other side with the compiler and options of the browser's bridge.
bench_programs += bench/bench_rule
bench_bench_rule_SOURCES = bench/bench_rule.c bench/node.c bench/node.h bench/rule_case.c bench/rule_case.h
bench_bench_rule_LDADD = libaurcore.a

bench_rule_objects = $(core_sources:%.c=obj-emcc/%.o) obj-emcc/bench/rule_case.o
bench_rule_ldflags = $(web_wasm_ldflags) -sEXPORT_NAME=createBenchRule \
	-sEXPORTED_FUNCTIONS=_bench_rule_begin,_bench_rule_run

if BUILD_WASM
bench_wasm += bench/rule.js
bench_rule_node = $(NODE) $(srcdir)/bench/case-node.mjs bench/rule.js bench_rule
endif

bench/rule.js: $(bench_rule_objects)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && \
	NODE_PATH=/usr/share/nodejs $(EMCC) $(bench_rule_ldflags) -o $@ $(bench_rule_objects)

CLEANFILES += bench/rule.js bench/rule.wasm
EXTRA_DIST += bench/case-node.mjs
