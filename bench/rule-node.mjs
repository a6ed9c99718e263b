// Measures bench/rule_case.c as WebAssembly. A line "CASE COUNT" is answered with nanoseconds each
// and the digest.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { resolve } from "node:path";

const module = resolve(process.argv[2]);
const createBenchRule = createRequire(import.meta.url)(module);
// Given here, because emscripten 3.1.6 would ask node's fetch for it, which takes no file.
const wasmBinary = readFileSync(module.replace(/js$/, "wasm"));
const rule = await createBenchRule({ wasmBinary });
if (!rule._bench_rule_begin()) process.exit(1);

for await (const line of createInterface({ input: process.stdin })) {
    const [which, count] = line.split(" ").map(Number);
    const start = process.hrtime.bigint();
    const digest = rule._bench_rule_run(which, count) >>> 0;
    console.log(`${Number(process.hrtime.bigint() - start) / count} ${digest}`);
}
