#!/bin/sh
# The wasm32 core verifies and runs random agents as the host's core of the same build does. Run in the
# build folder by `make check`; tests/streams.sh compares the compilers and their levels.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$WASM_LD" --no-entry --allow-undefined --export=stream_classes --export=stream_digest \
    -o "$work/stream.wasm" obj-wasm32/core/tests/agent_stream.o \
    obj-wasm32/core/tests/agent_random.o libaurcore-wasm32.a
"$NODE" "$AUR_SRCDIR/web/tests/stream-digests.mjs" "$work/stream.wasm" 4 20000 >"$work/wasm32"
core/tests/agent_stream 4 20000 >"$work/host"
diff "$work/host" "$work/wasm32"
echo "$(wc -l <"$work/host") streams, 20000 agents each: the same refusals, results, fuel and memory"
