# The bridge: core, the portable part of the simulator and the exports, as one WebAssembly module.
#
# emcc optimises the JavaScript around the module with acorn, which Debian keeps outside of
# node's search path. EM_CACHE stays as it is: Debian's emscripten comes with its system
# libraries built and its cache frozen, so a cache of our own could never be filled. The engines
# inline nothing from one WebAssembly function into another, so the linker does (-flto).
web_wasm_sources = $(core_sources) $(sim_portable_sources) web/wasm/bridge.c
web_wasm_objects = $(patsubst %.c,obj-emcc/%.o,$(filter %.c,$(web_wasm_sources)))
web_wasm_cppflags = -I$(srcdir)/sim -I$(srcdir)/core/include -I$(srcdir)/core $(HOSTILE_CPPFLAGS)
web_wasm_cflags = -std=gnu11 -ffp-contract=off -O2 -flto $(WARNING_CFLAGS)
web_wasm_ldflags = -O2 -flto -sMODULARIZE -sEXPORT_NAME=createAuroraSim -sENVIRONMENT=web,worker,node \
	-sWASM_BIGINT=1 -sALLOW_MEMORY_GROWTH -sFILESYSTEM=0 -sEXPORTED_RUNTIME_METHODS=UTF8ToString

EXTRA_DIST += web/wasm/README.md web/wasm/bridge.c web/wasm/kernel.c

# The small one: the core and four functions, an ES module for pages and workers, `make wasm`.
# All of the core at -O2 would be 340 KB. It has the classes that a small system needs, and what no
# decision waits for is made small (-Os).
kernel_wasm_fast = $(addprefix core/, step/account.o step/dispatch.o step/step.o step/task.o \
	step/timeout.o sched/fifo.o sched/mlfq.o sched/prio.o sched/select_cpu.o agent/helper.o \
	agent/map.o agent/memory.o agent/run.o policy/rule_cache.o policy/rule_evaluate.o \
	policy/rule_operator.o policy/rule_run.o policy/rule_value.o)
kernel_wasm_small = $(filter-out $(kernel_wasm_fast) core/sched/classes.o,$(core_sources:.c=.o))
kernel_wasm_objects = $(addprefix obj-emcc/,$(kernel_wasm_fast)) \
	$(addprefix obj-emcc-small/,$(kernel_wasm_small)) \
	obj-emcc-small/kernel-classes.o obj-emcc/web/wasm/kernel.o
kernel_wasm_ldflags = -O2 -flto -sMODULARIZE -sEXPORT_ES6 -sEXPORT_NAME=AuroraKernel \
	-sENVIRONMENT=web,worker -sINITIAL_MEMORY=16MB -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=512MB \
	-sFILESYSTEM=0 -sEXPORTED_RUNTIME_METHODS=ccall,cwrap,UTF8ToString,stringToUTF8,HEAP32 \
	-sEXPORTED_FUNCTIONS=_malloc,_free,_wasm_schedule,_wasm_schedule_next,_wasm_policy_eval,_wasm_policy_request,_wasm_agent_exec,_wasm_error

if BUILD_WASM
noinst_DATA += web/wasm/aurora-sim.js web/wasm/kernel.js
TESTS += web/tests/kernel.mjs
endif
EXTRA_DIST += web/tests/kernel.mjs tools/wasm-levels.sh

web/wasm/kernel.js: $(kernel_wasm_objects)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && \
	NODE_PATH=/usr/share/nodejs $(EMCC) $(kernel_wasm_ldflags) -o $@ $(kernel_wasm_objects)

obj-emcc-small/%.o: $(srcdir)/%.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && \
	$(EMCC) $(web_wasm_cppflags) $(web_wasm_cflags) -Os -MMD -MP -c -o $@ $<

obj-emcc-small/kernel-classes.o: $(srcdir)/core/sched/classes.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && \
	$(EMCC) $(web_wasm_cppflags) $(web_wasm_cflags) -Os \
	  -D'AUR_CLASS_LIST(X)=X(fifo) X(prio) X(mlfq) X(eevdf)' -MMD -MP -c -o $@ $<

wasm: web/wasm/kernel.js

# Size and speed of each level of optimisation, on the core's own benchmark.
wasm-levels:
	@EMCC='$(EMCC)' NODE='$(NODE)' AUR_SRCDIR='$(srcdir)' \
	SOURCES='$(core_sources)' $(SHELL) $(srcdir)/tools/wasm-levels.sh

.PHONY: wasm wasm-levels

# emcc writes the .wasm beside the .js.
web/wasm/aurora-sim.js: $(web_wasm_objects)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && \
	NODE_PATH=/usr/share/nodejs $(EMCC) $(web_wasm_ldflags) -o $@ $(web_wasm_objects)

obj-emcc/%.o: $(srcdir)/%.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && \
	$(EMCC) $(web_wasm_cppflags) $(web_wasm_cflags) -MMD -MP -c -o $@ $<

-include $(web_wasm_objects:.o=.d) $(kernel_wasm_objects:.o=.d)

CLEANFILES += web/wasm/aurora-sim.js web/wasm/aurora-sim.wasm web/wasm/kernel.js \
	web/wasm/kernel.wasm
clean-local: clean-web-wasm
clean-web-wasm:
	rm -rf obj-emcc obj-emcc-small
.PHONY: clean-web-wasm
