// Measures bench/cycle.c as WebAssembly. A line "begin CLASS TASKS" makes a core and is answered with
// "ok"; a line "run CYCLES" is answered with nanoseconds a cycle and the digest.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { resolve } from "node:path";

const module = resolve(process.argv[2]);
const createBenchCycle = createRequire(import.meta.url)(module);
// Given here, because emscripten 3.1.6 would ask node's fetch for it, which takes no file.
const wasmBinary = readFileSync(module.replace(/js$/, "wasm"));
const cycle = await createBenchCycle({ wasmBinary });
let memory = 0;
let block = 0;

function begin(number, tasks) {
    if (memory) cycle._free(memory);
    memory = cycle._malloc(cycle._bench_cycle_size(number, tasks) + 64);
    block = (memory + 63) & ~63;
    return memory && cycle._bench_cycle_begin(block, number, tasks) ? "ok" : "refused";
}

function run(cycles) {
    const start = process.hrtime.bigint();
    const events = cycle._bench_cycle_run(block, cycles);
    const ns = Number(process.hrtime.bigint() - start) / cycles;
    const digest = BigInt.asUintN(64, cycle._bench_cycle_digest(block));
    return events ? `${ns} ${digest.toString(16)}` : "refused";
}

for await (const line of createInterface({ input: process.stdin })) {
    const [verb, ...numbers] = line.split(" ");
    console.log(verb === "begin" ? begin(...numbers.map(Number)) : run(Number(numbers[0])));
}
