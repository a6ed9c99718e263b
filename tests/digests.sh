#!/usr/bin/env bash
# The same inputs give the same decisions whatever compiled the program: runs every experiment
# that is shipped with each build of `aurora` given, and in the WebAssembly build under node, and
# compares all digests with those of the first build.
#
#     tests/digests.sh BUILD_DIR...      the first may hold web/wasm/aurora-sim.js
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -gt 0 ] || { echo "usage: tests/digests.sh BUILD_DIR..." >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

result() {
    if [ "$1" = good ]; then
        passed=$((passed + 1))
        echo "ok: $2"
    else
        failed=$((failed + 1))
        echo "FAILED: $2"
    fi
}

# Experiment, identity of the inputs and digest of the decisions of each run, one line each.
digests() {
    sqlite3 "$1" "SELECT e.name || ' ' || r.label || ' ' || r.inputs_digest || ' ' || r.digest
                  FROM run r JOIN experiment e ON e.id = r.experiment_id ORDER BY 1"
}

first=
for build; do
    database="$work/$(basename "$build").db"
    for experiment in experiments/*.yaml; do
        "$build/aurora" run "$experiment" --db "$database" >"$work/out" 2>&1 || {
            cat "$work/out"
            result bad "$build runs $experiment"
        }
    done
    digests "$database" >"$work/$(basename "$build").txt"
    if [ -z "$first" ]; then
        first=$build
        runs=$(wc -l <"$work/$(basename "$build").txt")
        result "$([ "$runs" -gt 0 ] && echo good)" "$build: $runs runs of $(find experiments -name "*.yaml" | wc -l) experiments"
    elif diff "$work/$(basename "$first").txt" "$work/$(basename "$build").txt" >"$work/diff"; then
        result good "$build decides as $first does"
    else
        head -5 "$work/diff"
        result bad "$build decides as $first does"
    fi
done

module="$first/web/wasm/aurora-sim.js"
if [ -f "$module" ]; then
    database="$work/$(basename "$first").db"
    sqlite3 "$database" "SELECT id || ' ' || digest FROM run ORDER BY id" >"$work/runs"
    while read -r id digest; do
        "$first/aurora" export "$id" --db "$database" --format inputs -o "$work/$id.inputs"
        echo "$digest $work/$id.inputs"
    done <"$work/runs" >"$work/native.txt"
    if cut -d' ' -f2 "$work/native.txt" | xargs node web/tests/simulate-inputs.mjs "$module" \
        >"$work/wasm.txt" 2>"$work/err" && diff "$work/native.txt" "$work/wasm.txt" >"$work/diff"; then
        result good "WebAssembly under node decides as $first does, $(wc -l <"$work/wasm.txt") runs"
    else
        tail -3 "$work/err"
        head -5 "$work/diff" 2>/dev/null || true
        result bad "WebAssembly under node decides as $first does"
    fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
