#!/bin/sh
# `aurora agent`, and experiments under an agent: against clang, llvm-objdump and what the command
# promises of its errors.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
agents=$AUR_SRCDIR/experiments/agents
failed=0
checks=0

fail() {
    echo "FAIL: $1"
    failed=$((failed + 1))
}

# same NAME EXPECTED GOT
same() {
    checks=$((checks + 1))
    [ "$2" = "$3" ] || fail "$1: expected \"$2\", got \"$3\""
}

# refuses STATUS TEXT COMMAND...: one line on stderr, which holds TEXT.
refuses() {
    checks=$((checks + 1))
    want=$1 text=$2
    shift 2
    status=0
    "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq "$want" ] || fail "$*: status $status, not $want: $(cat "$work/err")"
    [ "$(wc -l <"$work/err")" -eq 1 ] || fail "$*: not one line: $(cat "$work/err")"
    grep -qF -- "$text" "$work/err" || fail "$*: not \"$text\" but $(cat "$work/err")"
}

# exec: what runners of conformance tests do.
same 'exec' 2a "$(echo 'b7 00 00 00 2a 00 00 00 95 00 00 00 00 00 00 00' | "$AURORA" agent exec)"
same 'exec without spaces' 2a "$(echo 'b70000002a0000009500000000000000' | "$AURORA" agent exec)"
same 'exec of a negative' ffffffffffffffff \
    "$(echo 'b7000000ffffffff9500000000000000' | "$AURORA" agent exec)"
same 'exec with memory' 302 \
    "$(echo '6910010000000000 9500000000000000' | "$AURORA" agent exec '01 02 03')"
same 'exec with the length of its memory' 3 \
    "$(echo 'bf20000000000000 9500000000000000' | "$AURORA" agent exec '01 02 03')"
echo 'zz' >"$work/in"
refuses 2 'hexadecimal digits in pairs' sh -c "'$AURORA' agent exec <'$work/in'"
echo '6910ff0000000000 9500000000000000' >"$work/in"
refuses 1 'instruction 0 (r0 = *(u16 *)(r1 + 255)): no memory at this address' \
    sh -c "'$AURORA' agent exec 0102 <'$work/in'"
echo '9500' >"$work/in"
refuses 2 '2 bytes are no whole number of instructions' sh -c "'$AURORA' agent exec <'$work/in'"
echo '05 00 ff ff 00 00 00 00' >"$work/in"
refuses 1 'out of fuel' sh -c "'$AURORA' agent exec <'$work/in'"

# Both syntaxes.
cat >"$work/ubpf.s" <<'TEXT'
# factorial of r2
    mov %r0, 1
    jle %r2, 1, done
again:
    mul %r0, %r2
    sub %r2, 1
    jgt %r2, 1, again
done:
    exit
TEXT
cat >"$work/clang.s" <<'TEXT'
    r0 = 1
    if r2 <= 1 goto done
again: r0 *= r2; r2 += -1
    if r2 > 1 goto again
done: exit
TEXT
for syntax in ubpf clang; do
    same "run, $syntax" 'r0 = 0x78 (120), 15 instructions' \
        "$("$AURORA" agent run "$work/$syntax.s" --memory 0102030405)"
done
"$AURORA" agent asm "$work/ubpf.s" -o "$work/ubpf.bin"
same 'asm and disasm' 'r0 *= r2' "$("$AURORA" agent disasm "$work/ubpf.bin" | sed -n 's/^ *2: //p')"

refuse_text() {
    printf '%b' "$3" >"$work/bad.s"
    refuses "$1" "$work/bad.s:$2" "$AURORA" agent run "$work/bad.s"
}
refuse_text 2 '1:1: no such instruction' 'movv r0, 1\nexit'
refuse_text 2 '2:10: a comma is expected' 'mov r0, 1\n  mov r1 2\nexit'
refuse_text 2 '1:5: a register is expected' 'mov r11, 1\nexit'
refuse_text 2 '1:9: an immediate has 32 bits' 'mov r0, 0x123456789\nexit'
refuse_text 2 '1:4: no such label' 'ja nowhere\nexit'
refuse_text 2 '2:1: a second label' 'a: mov r0, 1\na: exit'
refuse_text 2 '1:11: more than the instruction takes' 'mov r0, 1 2\nexit'
refuse_text 2 '1:6: neither a label nor a helper' 'call nobody\nexit'
refuse_text 2 '1:10: no such map' 'lddw r1, lost\nexit'
refuse_text 2 '1:8: memory is written' 'r1 = * u32 r2\nexit'
refuse_text 1 '1:1: a register is read before it is set' 'mov r0, r3\nexit'
refuse_text 1 '3:1: no way leads here' 'mov r0, 1\nexit\nmov r0, 2\nexit'
refuse_text 2 '1:1: a function can run off its end' 'mov r0, 1'
refuse_text 1 '2:1: outside of the stack frame' 'mov r0, 0\nstb [r10-513], 1\nexit'
printf 'call 5\nexit' >"$work/time.s"
refuses 1 'it needs sandbox level 3 and may have 2' "$AURORA" agent run "$work/time.s"
printf '.map m array 4 8 1\nr0 = 0; exit' >"$work/map.s"
refuses 1 'it needs sandbox level 2 and may have 1' "$AURORA" agent run "$work/map.s" --level 1
refuses 2 'at level 0 an agent only computes' "$AURORA" agent run "$work/clang.s" --level 0 \
    --memory 01
refuses 2 'cannot be opened' "$AURORA" agent check "$work/nothing"
refuses 2 'is not known, write check' "$AURORA" agent dance "$work/clang.s"

# What clang makes.
if clang --print-targets 2>/dev/null | grep -q bpf; then
    cat >"$work/c.c" <<'TEXT'
#include "scx.h"
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, u32);
         __type(value, u64); } counts SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 2); __type(key, u32);
         __type(value, u64); } each SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ring SEC(".maps");
const volatile u64 scale = 7;
u64 total, start = 100;
static __attribute__((noinline)) u64 square(u64 x) { return x * x; }
SEC("prog") u64 sum(unsigned char *p, u64 n)
{
    u64 s = 0;
    for (u64 i = 0; i < n; i++)
        s += square(p[i]);
    u32 k = 3;
    bpf_map_update_elem(&counts, &k, &s, 0);
    u64 *q = bpf_map_lookup_elem(&counts, &k);
    if (!q)
        return 1;
    *q += scale;
    k = 1;
    u64 *e = bpf_map_lookup_elem(&each, &k);
    if (!e)
        return 2;
    *e = *q;
    bpf_ringbuf_output(&ring, e, 8, 0);
    __sync_fetch_and_add(&total, *e + start);
    return total + (bpf_map_delete_elem(&counts, &k) != 0);
}
TEXT
    for cpu in v1 v2 v3; do
        clang -target bpf -O2 -g -mcpu=$cpu -I"$agents" -c "$work/c.c" -o "$work/c.o"
        # 1 + 4 + 9 + 7, then 100, then 1
        same "an object of clang, $cpu" 'r0 = 0x7a (122)' \
            "$("$AURORA" agent run "$work/c.o" --memory 010203 | sed -n 's/,.*//p')"
    done
    # Text as llvm-objdump has it. Its calls of functions and addresses of data are not yet resolved.
    "$AURORA" agent disasm "$work/c.o" | sed -n 's/^ *[0-9]*: //p' |
        sed 's/^call pc.*/call -1/; s/= map [0-9]*\( value [0-9]*\)* ll/= 0 ll/' >"$work/ours"
    llvm-objdump -d --no-show-raw-insn "$work/c.o" | sed -n 's/^ *[0-9]*:[[:space:]]*//p' |
        sed 's/ <[^ ]*>$//' >"$work/theirs"
    checks=$((checks + 1))
    cmp -s "$work/ours" "$work/theirs" ||
        fail "not as llvm-objdump: $(diff "$work/ours" "$work/theirs" | head -5)"

    printf 'extern unsigned long far; unsigned long f(void) { return far; }' >"$work/v.c"
    clang -target bpf -O2 -g -c "$work/v.c" -o "$work/v.o"
    refuses 2 'far: a variable is declared only' "$AURORA" agent check "$work/v.o"
    printf 'void nobody(void); void f(void) { nobody(); }' >"$work/v.c"
    clang -target bpf -O2 -g -c "$work/v.c" -o "$work/v.o"
    refuses 2 'nobody: a function is declared only, and no helper has its name' \
        "$AURORA" agent check "$work/v.o"
    cat >"$work/t.c" <<'TEXT'
#include "scx.h"
static void BPF_STRUCT_OPS(both, struct task_struct *p) {}
void BPF_STRUCT_OPS(more, struct task_struct *p) {}
void BPF_STRUCT_OPS(put, struct task_struct *p, u64 flags)
{
    scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, flags);
}
SCX_OPS_DEFINE(table, .enqueue = (void *)put, .running = (void *)both STOPPING);
TEXT
    clang -target bpf -O2 -g -I"$agents" -DSTOPPING= -c "$work/t.c" -o "$work/v.o"
    same 'a table of operations' 'enqueue more running' \
        "$("$AURORA" agent check "$work/v.o" | awk '$1 == "program" { print $2 }' | sort | xargs)"
    clang -target bpf -O2 -g -I"$agents" -DSTOPPING=',.stopping = (void *)both' -c "$work/t.c" \
        -o "$work/v.o"
    refuses 2 'stopping: its function is another operation, too: write one for each' \
        "$AURORA" agent check "$work/v.o"
    sed 's/tick)/cpu_online)/' "$agents/scx.h" >"$work/scx.h"
    clang -target bpf -O2 -g -DSTOPPING=',.cpu_online = (void *)more' -c "$work/t.c" -o "$work/v.o"
    refuses 2 'the operation cpu_online does not exist here' "$AURORA" agent check "$work/v.o"
    rm "$work/scx.h"
    clang -target bpf -O2 -I"$agents" -DSTOPPING= -c "$work/t.c" -o "$work/v.o"
    refuses 2 'compile with -g' "$AURORA" agent check "$work/v.o"
    clang -target bpf -O2 -I"$agents" -c "$work/c.c" -o "$work/v.o"
    refuses 2 'compile with -g' "$AURORA" agent check "$work/v.o"
    head -c 900 "$work/c.o" >"$work/v.o"
    refuses 2 'it is damaged' "$AURORA" agent check "$work/v.o"
    refuses 2 'no ELF object for bpf' "$AURORA" agent check "$AURORA"

    # The schedulers of experiments/agents, each on a workload, run again, and in the database.
    for agent in fifo vtime sjf central; do
        clang -target bpf -O2 -g -Wall -Werror -c "$agents/$agent.c" -o "$work/$agent.o"
        "$AURORA" run "$AUR_SRCDIR/experiments/load-sweep.yaml" --db "$work/db" --set replications=1 \
            --set duration=200ms --set warmup=0 --set "scheduler=agent:$work/$agent.o" >"$work/out" 2>"$work/err" ||
            fail "$agent: $(cat "$work/err")"
        checks=$((checks + 1))
        ! grep -q ejected "$work/err" || fail "$agent: $(grep ejected "$work/err")"
    done
    for run in 1 latest; do
        "$AURORA" verify $run --db "$work/db" >"$work/out" || fail "verify $run: $(cat "$work/out")"
        checks=$((checks + 1))
    done
    # One that keeps every task for itself.
    printf '#include "scx.h"\nvoid BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 f) {}\n' \
        >"$work/keeper.c"
    clang -target bpf -O2 -g -I"$agents" -c "$work/keeper.c" -o "$work/keeper.o"
    "$AURORA" run "$AUR_SRCDIR/experiments/load-sweep.yaml" --db "$work/db" --set replications=1 \
        --set duration=2s --set warmup=0 --set "scheduler={class: 'agent:$work/keeper.o', timeout: 100ms}" \
        >"$work/out" 2>"$work/err" || fail "keeper: $(cat "$work/err")"
    checks=$((checks + 1))
    grep -q 'the agent was ejected at [0-9]* ns: a runnable task was not run' "$work/err" ||
        fail "a keeper is not ejected: $(cat "$work/err")"
    refuses 2 'cannot be opened' "$AURORA" run "$AUR_SRCDIR/experiments/load-sweep.yaml" \
        --db "$work/db" --set scheduler=agent:nobody.o
fi
refuses 2 'name its file, e.g.' "$AURORA" run "$AUR_SRCDIR/experiments/load-sweep.yaml" \
    --db "$work/db" --set scheduler=agent

echo "$checks checks, $failed failed"
[ "$failed" -eq 0 ]
