#!/bin/sh
# The wasm32 core makes of random policies the same blocks, and decides by them alike, as the host's
# core of the same build. Run in the build folder by `make check`; tests/streams.sh compares the
# compilers and their levels.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$WASM_LD" --no-entry --allow-undefined --export=stream_classes --export=stream_digest \
    -o "$work/stream.wasm" obj-wasm32/core/tests/rule_stream.o libaurcore-wasm32.a
"$NODE" "$AUR_SRCDIR/web/tests/stream-digests.mjs" "$work/stream.wasm" 4 3000 >"$work/wasm32"
core/tests/rule_stream 4 3000 >"$work/host"
diff "$work/host" "$work/wasm32"
echo "$(wc -l <"$work/host") streams, 3000 decisions each: the same answers, the same blocks"
