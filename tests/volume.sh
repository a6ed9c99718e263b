#!/usr/bin/env bash
# The full volume of random steps: every class of the list, as many classes at once as there are
# CPUs, a line a class with its seed and counts.
#
#     tests/volume.sh BUILD_DIR [STEPS]      10 million steps a class; AUR_SEED sets the seed
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: tests/volume.sh BUILD_DIR [STEPS]" >&2; exit 2; }
program="$1/core/tests/test_random"
export AUR_STEPS=${2:-10000000}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# Of a class that fails, its seed, the smallest case that it was shrunk to and how that ends.
run_class() {
    if AUR_CLASS=$2 "$1" >"$3/$2.log" 2>&1; then
        grep "^$2: " "$3/$2.log"
    else
        head -n 8 "$3/$2.log"
        tail -n 60 "$3/$2.log"
        echo "FAILED: $2"
        touch "$3/failed"
    fi
}
export -f run_class

"$program" --list | xargs -P "$(nproc)" -I{} bash -c 'run_class "$@"' _ "$program" {} "$logs"
[ ! -e "$logs/failed" ]
