#!/bin/sh
# The wasm32 core answers random streams as the host's core of the same build does, and its state
# ends with the same bytes. Run in the build folder by `make check`; tests/streams.sh compares the
# compilers and their levels.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$WASM_LD" --no-entry --allow-undefined --export=stream_classes --export=stream_digest \
    -o "$work/stream.wasm" obj-wasm32/core/tests/stream.o obj-wasm32/core/tests/agent_scene.o \
    libaurcore-wasm32.a
"$NODE" "$AUR_SRCDIR/web/tests/stream-digests.mjs" "$work/stream.wasm" 2 20000 >"$work/wasm32"
core/tests/stream 2 20000 >"$work/host"
diff "$work/host" "$work/wasm32"
echo "$(wc -l <"$work/host") streams, 20000 events each: the same answers, the same state"
