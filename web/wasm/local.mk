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

EXTRA_DIST += web/wasm/README.md web/wasm/bridge.c

if BUILD_WASM
noinst_DATA += web/wasm/aurora-sim.js
endif

# emcc writes the .wasm beside the .js.
web/wasm/aurora-sim.js: $(web_wasm_objects)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && \
	NODE_PATH=/usr/share/nodejs $(EMCC) $(web_wasm_ldflags) -o $@ $(web_wasm_objects)

obj-emcc/%.o: $(srcdir)/%.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && \
	$(EMCC) $(web_wasm_cppflags) $(web_wasm_cflags) -MMD -MP -c -o $@ $<

-include $(web_wasm_objects:.o=.d)

CLEANFILES += web/wasm/aurora-sim.js web/wasm/aurora-sim.wasm
clean-local: clean-web-wasm
clean-web-wasm:
	rm -rf obj-emcc
.PHONY: clean-web-wasm
