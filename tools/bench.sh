#!/bin/sh
# Runs the benchmark programs given and prints their results as one table.
#
# A program prints a line a result, its fields separated by tabs: what was measured, the value,
# the unit, and where there is a peer the ratio to it or another remark. Lines without a tab are
# passed on as they are.
set -u

[ $# -gt 0 ] || {
    echo "bench: there are no benchmarks in bench/local.mk"
    exit 0
}

failed=0
line() {
    awk -F '\t' '
        NF < 2 { print; next }
        { printf "%-60s %10s  %-10s %s\n", $1, $2, $3, $4 }
        { fflush() }'
}

printf 'result\tvalue\tunit\tremark\n' | line
for program; do
    # The status must be the program's, and a pipe would give awk's.
    out=$(mktemp) || exit 1
    "./$program" >"$out"
    status=$?
    line <"$out"
    rm -f "$out"
    [ "$status" -eq 0 ] || {
        echo "bench: $program failed with exit code $status" >&2
        failed=1
    }
done
exit $failed
