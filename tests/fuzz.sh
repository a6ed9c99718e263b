#!/usr/bin/env bash
# Fuzzes one target, or all, with libFuzzer and clang's sanitizers:
#
#     tests/fuzz.sh [NAME [SECONDS]]        core/tests/fuzz/fuzz_NAME.c; 60 seconds each
#
# What it finds stays in the folder that it names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${2:-60}
names=("${1:-}")
if [ -z "${names[0]}" ]; then
    names=()
    for file in core/tests/fuzz/fuzz_*.c; do
        name=${file##*/fuzz_}
        names+=("${name%.c}")
    done
fi
mapfile -t core < <(sed -n '/^core_sources/,/^$/p' core/local.mk core/policy/local.mk |
    grep -o 'core/[a-z0-9_/]*\.c')
work=$(mktemp -d)

for name in "${names[@]}"; do
    mkdir -p "$work/$name"
    clang -g -O1 -std=gnu11 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
        -Icore/include -Icore "core/tests/fuzz/fuzz_$name.c" "${core[@]}" -o "$work/fuzz_$name"
    if ! "$work/fuzz_$name" -max_total_time="$seconds" -max_len=16384 -timeout=10 \
        -artifact_prefix="$work/" -print_final_stats=1 "$work/$name" "core/tests/fuzz/corpus/$name" \
        >"$work/$name.log" 2>&1; then
        tail -40 "$work/$name.log"
        echo "$name: a finding, in $work" >&2
        exit 1
    fi
    sed -n 's/^stat::number_of_executed_units: */'"$name: $seconds s, inputs: "'/p' "$work/$name.log"
done
rm -rf "$work"
