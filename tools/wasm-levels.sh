#!/bin/sh
# The core as WebAssembly at each level of optimisation: size of the module, and speed on the core's
# own benchmark (bench/cycle.c, a wake, pick and block among 1,000 tasks). `make wasm-levels` runs
# it; interleaved, the best of five turns each.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
levels='-O0 -O1 -O2 -O3 -Os -Oz'
classes='fifo prio eevdf'

for level in $levels; do
    files=
    for source in $SOURCES bench/cycle.c; do
        files="$files $AUR_SRCDIR/$source"
    done
    echo "building $level" >&2
    # shellcheck disable=SC2086 # the files are words
    NODE_PATH=/usr/share/nodejs "$EMCC" -std=gnu11 -ffp-contract=off "$level" \
        -I"$AUR_SRCDIR/core/include" -I"$AUR_SRCDIR/core" -I"$AUR_SRCDIR/bench" $files \
        -sMODULARIZE -sEXPORT_NAME=createBenchCycle -sENVIRONMENT=node -sWASM_BIGINT=1 \
        -sALLOW_MEMORY_GROWTH -sFILESYSTEM=0 \
        -sEXPORTED_FUNCTIONS=_malloc,_free,_bench_cycle_size,_bench_cycle_begin,_bench_cycle_run,_bench_cycle_digest,_wasm_levels_class \
        -x c - -o "$work/cycle$level.js" <<'C'
#include <aurora/sched.h>
unsigned wasm_levels_class(const char *name);
unsigned wasm_levels_class(const char *name) { return aur_class_find(name); }
C
done

cat >"$work/measure.cjs" <<'JS'
const { readFileSync, statSync } = require("node:fs");
const [folder, levels, classes] = [process.argv[2], process.argv[3].split(" "), process.argv[4].split(" ")];
const best = new Map(), modules = [];
(async () => {
    for (const level of levels) {
        const file = `${folder}/cycle${level}.wasm`;
        const module = await require(`${folder}/cycle${level}.js`)({ wasmBinary: readFileSync(file) });
        modules.push({ level, module, size: statSync(file).size });
    }
    for (const name of classes) {
        for (const one of modules) {
            const { module } = one, text = module._malloc(32);
            [...name, "\0"].forEach((c, i) => (module.HEAPU8[text + i] = c.charCodeAt(0)));
            one.number = module._wasm_levels_class(text);
            one.block = (module._malloc(module._bench_cycle_size(one.number, 1000) + 64) + 63) & ~63;
            module._bench_cycle_begin(one.block, one.number, 1000);
        }
        for (let turn = 0; turn < 6; turn++)
            for (const { level, module, block } of modules) {
                const start = process.hrtime.bigint();
                module._bench_cycle_run(block, 100000);
                const ns = Number(process.hrtime.bigint() - start) / 100000, key = level + name;
                if (turn > 0 && !(best.get(key) <= ns)) best.set(key, ns); // the first warms up
            }
    }
    const ofO2 = (level) => Math.pow(classes.map((c) => best.get("-O2" + c) / best.get(level + c))
        .reduce((a, b) => a * b), 1 / classes.length);
    console.log(`level  size KB  ${classes.map((c) => `${c} ns`.padStart(9)).join("")}  speed (-O2 is 1)`);
    for (const { level, size } of modules)
        console.log(`${level.padEnd(5)} ${(size / 1000).toFixed(0).padStart(8)}  ` +
            classes.map((c) => best.get(level + c).toFixed(0).padStart(9)).join("") +
            `  ${ofO2(level).toFixed(2)}`);
    const fastest = Math.max(...levels.map(ofO2));
    const choice = modules.filter(({ level }) => ofO2(level) > 0.97 * fastest)
        .sort((a, b) => a.size - b.size)[0];
    console.log(`best: ${choice.level}, the smallest within 3 % of the fastest`);
})();
JS
"$NODE" "$work/measure.cjs" "$work" "$levels" "$classes"
