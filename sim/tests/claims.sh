#!/bin/sh
# What the tests of the command share; sourced by them. Makes an empty folder and goes there; $aurora
# is the program, $source the project's folder. Each test ends with `close`.
set -u

aurora=${AURORA:?names the program to test}
[ -x "$aurora" ] || { echo "there is no program $aurora"; exit 1; }
# shellcheck disable=SC2034 # for those who source this
source=$(cd "${AUR_SRCDIR:-$(dirname "$0")/../..}" && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
unset AURORA_DB

passed=0
failed=0

# claim SENTENCE STATUS: counts a claim that held if STATUS is 0.
claim() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok   $1"
    else
        failed=$((failed + 1))
        echo "FAIL $1"
        [ -s err ] && sed 's/^/     stderr: /' err | head -5
        [ -s out ] && sed 's/^/     stdout: /' out | head -5
    fi
}

# try WORD...: runs aurora; its streams are in the files out and err, its status in $status.
try() {
    "$aurora" "$@" >out 2>err
    # shellcheck disable=SC2034 # for those who source this
    status=$?
}

# holds SENTENCE COMMAND...: the claim is that the command succeeds.
holds() {
    sentence=$1
    shift
    "$@" >/dev/null 2>&1
    claim "$sentence" $?
}

# close: prints the closing line and ends the test.
close() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}
