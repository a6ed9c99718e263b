#!/usr/bin/env bash
# The same random events give the same answers and the same state, byte for byte, whatever compiled
# the core: gcc and clang for this machine and clang for 32-bit WebAssembly (under node), at every
# level of optimisation.
#
#     tests/streams.sh [SEEDS [EVENTS]]      for each class 8 seeds of 50,000 events
#
# STREAM=core/tests/rule_stream.c: random policies instead;
# STREAM="core/tests/agent_random.c core/tests/agent_stream.c": random agents.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export seeds=${1:-8} events=${2:-50000}
work=$(mktemp -d)
export work
trap 'rm -rf "$work"' EXIT
mapfile -t core < <(find core -name '*.c' -not -path 'core/tests/*' | sort)
export sources="${core[*]} ${STREAM:-core/tests/agent_scene.c core/tests/stream.c}"
export flags='-std=gnu11 -ffp-contract=off -Icore/include -Icore'

# run_build COMPILER LEVEL: writes what this build says to $work/COMPILER-LEVEL.txt
run_build() {
    local out="$work/$1$2"
    # shellcheck disable=SC2086 # the sources and the flags are words
    case $1 in
    wasm32)
        clang --target=wasm32 -ffreestanding -nostdlibinc -nostdlib $flags "$2" $sources \
            -Wl,--no-entry,--allow-undefined,--export=stream_classes,--export=stream_digest \
            -o "$out.wasm" &&
            node web/tests/stream-digests.mjs "$out.wasm" "$seeds" "$events" >"$out.txt"
        ;;
    *)
        "$1" $flags "$2" $sources core/tests/stream_main.c -o "$out" &&
            "$out" "$seeds" "$events" >"$out.txt"
        ;;
    esac || echo "does not build or run" >>"$out.txt"
}
export -f run_build

printf '%s\n' {gcc,clang,wasm32}' '-O{0,1,2,3} | xargs -P "$(nproc)" -L1 bash -c 'run_build "$@"' _

passed=0
failed=0
for text in "$work"/*.txt; do
    name=$(basename "$text" .txt)
    if diff "$work/gcc-O2.txt" "$text" >"$work/diff" && [ -s "$text" ]; then
        passed=$((passed + 1))
        echo "ok: $name"
    else
        failed=$((failed + 1))
        head -4 "$work/diff"
        echo "FAILED: $name"
    fi
done
echo "$(wc -l <"$work/gcc-O2.txt") streams of $events events in each of $((passed + failed)) builds"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
