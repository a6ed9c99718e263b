# The browser host.
EXTRA_DIST += web/README.md web/tests/README.md web/tests/core-states.mjs \
	web/tests/core-wasm32.mjs web/tests/simulate-inputs.mjs web/tests/stream-digests.mjs \
	web/tests/agent-streams.sh web/tests/rule-streams.sh web/tests/streams.sh

if HAVE_WASM_TEST
TESTS += web/tests/core-states.mjs web/tests/core-wasm32.mjs web/tests/agent-streams.sh \
	web/tests/rule-streams.sh \
	web/tests/streams.sh
stream_objects = $(addprefix obj-wasm32/core/tests/, agent_random.o agent_scene.o agent_stream.o \
	rule_stream.o stream.o)
check_DATA = $(stream_objects)
-include $(stream_objects:.o=.d)
endif

include web/wasm/local.mk
