# The browser host.
EXTRA_DIST += web/README.md web/tests/README.md web/tests/core-wasm32.mjs \
	web/tests/simulate-inputs.mjs

if HAVE_WASM_TEST
TESTS += web/tests/core-wasm32.mjs
endif

include web/wasm/local.mk
