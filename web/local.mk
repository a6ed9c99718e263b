# The browser host.
EXTRA_DIST += web/README.md web/tests/README.md web/tests/core-states.mjs \
	web/tests/core-wasm32.mjs web/tests/simulate-inputs.mjs web/tests/stream-digests.mjs \
	web/tests/rule-streams.sh web/tests/streams.sh

if HAVE_WASM_TEST
TESTS += web/tests/core-states.mjs web/tests/core-wasm32.mjs web/tests/rule-streams.sh \
	web/tests/streams.sh
check_DATA = obj-wasm32/core/tests/agent_scene.o obj-wasm32/core/tests/rule_stream.o obj-wasm32/core/tests/stream.o
-include obj-wasm32/core/tests/agent_scene.d obj-wasm32/core/tests/rule_stream.d obj-wasm32/core/tests/stream.d
endif

include web/wasm/local.mk
