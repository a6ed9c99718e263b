#!/bin/sh
# Proves that core-laws.sh can fail: plants one violation of each law in a small tree of its own
# and expects that law, and no other, to be reported.
set -u

laws=$(cd "$(dirname "$0")" && pwd)/core-laws.sh
cc=${CC:-gcc} ar=${AR:-ar} clang=${CLANG:-no} llvm_ar=${LLVM_AR:-no}
shell=${SHELL:-/bin/sh}
passed=0
failed=0
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
cd "$tree" || exit 1

wasm=yes
if [ "$clang" = no ] || [ "$llvm_ar" = no ]; then
    wasm=no
    echo "skip the wasm32 core: no clang or llvm-ar here"
fi

# put FILE LINE...: writes the lines into the file, below the folders that it needs.
put() {
    mkdir -p "$(dirname "$1")"
    target=$1
    shift
    printf '%s\n' "$@" >"$target"
}

# A tree that obeys every law, close to each border.
lawful() {
    rm -rf core sim web
    put core/include/aurora/a.h '#ifndef A' '#define A' '#include <stdint.h>' \
        '#include <aurora/b.h>' 'uint32_t aur_a(uint32_t value, void *to, const void *from);' '#endif'
    put core/include/aurora/b.h '#include <stddef.h>' '#include <limits.h>'
    put core/step/state.h '#include <stdbool.h>' '#include <aurora/a.h>'
    put core/step/a.c '#include <aurora/a.h>' '#include "step/state.h"' '#include "state.h"' \
        'void *memcpy(void *, const void *, size_t);' \
        '/* float in a comment, 1.5 as well */' \
        'static uint32_t twice(uint32_t v) { return v * 2; } // double' \
        'typedef uint32_t (*op)(uint32_t);' \
        'extern const op aur_ops[];' \
        'const op aur_ops[] = {twice};' \
        'const char aur_text[] = "a \"float\" of 2.5";' \
        'uint32_t aur_a(uint32_t value, void *to, const void *from)' \
        '{ memcpy(to, from, value); return aur_ops[value & 0x0e1](value); }'
    put core/tests/test_a.c '#include <stdio.h>' '#include "step/state.h"' 'double test;'
    put sim/engine/queue.h '#include <aurora/a.h>'
    put sim/engine/queue.c '#include <stdlib.h>' '#include "engine/queue.h"' '#include "queue.h"'
    put web/wasm/bridge.c '#include <aurora/b.h>' '#include "engine/queue.h"'
}

# compile NAME COMPILER...: every core source into NAME.a
compile() {
    name=$1 packer=$2
    shift 2
    # shellcheck disable=SC2086 # CC may be a command with arguments
    for source in core/*/*.c; do
        case $source in core/tests/*) continue ;; esac
        "$@" -Icore/include -Icore -c "$source" -o "$name-$(basename "$source" .c).o" || return 1
    done
    "$packer" cr "$name.a" "$name"-*.o
}

# Compiles the tree as it is now. Violations that show in the text need no new archives.
compile_all() {
    rm -f ./*.o ./*.a
    # shellcheck disable=SC2086 # CC may be a command with arguments
    compile host "$ar" $cc -w -O2 -ffreestanding -fno-stack-protector &&
        compile kernel "$ar" $cc -w -O2 -ffreestanding -fno-stack-protector -fno-pic || exit 1
    archives='host:host.a kernel:kernel.a'
    if [ $wasm = yes ]; then
        compile wasm32 "$llvm_ar" "$clang" --target=wasm32 -w -O2 -ffreestanding || exit 1
        archives="$archives wasm32:wasm32.a"
    fi
}

# expect CLAIM SENTENCE...: the laws with these sentences fail, and no others.
expect() {
    claim=$1
    shift
    # shellcheck disable=SC2086 # one word an archive
    "$shell" "$laws" "$tree" $archives >"$tree/said" 2>&1
    status=$?
    for sentence; do echo "FAIL $sentence"; done >"$tree/wanted"
    [ $# -gt 0 ] && want=1 || want=0
    if [ $status -eq "$want" ] && grep '^FAIL' "$tree/said" | cmp -s - "$tree/wanted"; then
        passed=$((passed + 1))
        echo "ok   $claim"
    else
        failed=$((failed + 1))
        echo "FAIL $claim: exit $status, and it said"
        sed 's/^/     /' "$tree/said"
    fi
    lawful
}

expect_of_archives() {
    compile_all
    expect "$@"
}

includes="core includes only the compiler's headers and its own"
public="core's public headers include no private header"
hosts="hosts include only core's public headers"
cycles="core's headers do not include each other in a circle"
integers="core computes with integers of at most 64 bits"
symbols_host="the host core wants only memcpy, memmove, memset and memcmp"
symbols_kernel="the kernel core wants only memcpy, memmove, memset and memcmp"
symbols_wasm="the wasm32 core wants only memcpy, memmove, memset and memcmp"
data_host="the host core has no writable data"
data_kernel="the kernel core has no writable data"

lawful
expect_of_archives "a lawful tree passes"

put core/step/b.c '#include <time.h>'
expect "a system header in core is refused" "$includes"
put core/step/b.c '#include "../../sim/engine/queue.h"'
expect "a simulator's header in core is refused" "$includes"
put core/tests/fixture.h ''
put core/step/b.c '#include "tests/fixture.h"'
expect "a test's header in core is refused" "$includes"

put core/include/aurora/b.h '#include <stddef.h>' '#include "step/limits.h"'
put core/step/limits.h ''
expect "a private header in a public one is refused" "$public"

put sim/engine/queue.c '#include "step/state.h"'
expect "a private header of core in the simulator is refused" "$hosts"
put web/wasm/bridge.c '#include "../../core/step/state.h"'
expect "a path into core in the bridge is refused" "$hosts"
put sim/engine/queue.c '#include <aurora/nowhere.h>'
expect "a public header that core does not have is refused" "$hosts"

put core/include/aurora/b.h '#include <stddef.h>' '#include <aurora/a.h>'
expect "two headers that include each other are refused" "$cycles"
put core/step/own.h '#ifndef OWN' '#define OWN' '#include "step/own.h"' '#endif'
expect "a header that includes itself is refused" "$cycles"

put core/step/b.c 'int aur_b(int v) { return (int)((float)v); }'
expect "float in core is refused" "$integers"
put core/step/b.c 'int aur_b(void) { return (int)1.5; }'
expect "a floating literal in core is refused" "$integers"
put core/step/b.c 'int aur_b(int v) { return (int)((unsigned __int128)v >> 1); }'
expect "a 128-bit integer in core is refused" "$integers"

put core/step/b.c 'int puts(const char *); int aur_b(void) { return puts("b"); }'
if [ $wasm = yes ]; then
    expect_of_archives "a call of libc in core is refused" "$symbols_host" "$symbols_kernel" "$symbols_wasm"
    put core/step/b.c '#ifdef __wasm__' 'int puts(const char *);' \
        'int aur_b(void) { return puts("b"); }' '#endif'
    expect_of_archives "a call of libc on wasm32 only is refused" "$symbols_wasm"
else
    expect_of_archives "a call of libc in core is refused" "$symbols_host" "$symbols_kernel"
fi
put core/step/b.c 'static int elsewhere(void) { return 1; } int aur_b(void) { return elsewhere(); }'
put core/step/c.c 'int elsewhere(void); int aur_c(void) { return elsewhere(); }'
if [ $wasm = yes ]; then
    expect_of_archives "another file's static function does not satisfy a call" \
        "$symbols_host" "$symbols_kernel" "$symbols_wasm"
else
    expect_of_archives "another file's static function does not satisfy a call" \
        "$symbols_host" "$symbols_kernel"
fi

put core/step/b.c 'int aur_b(void) { static int calls; return ++calls; }'
expect_of_archives "a static counter is refused" "$data_host" "$data_kernel"
put core/step/b.c 'int aur_b = 1;'
expect_of_archives "a global variable is refused" "$data_host" "$data_kernel"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
