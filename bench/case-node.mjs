// Measures cases (bench/node.h) as WebAssembly: MODULE.js, and the prefix of its two functions. A
// line "CASE COUNT" is answered with nanoseconds each and what came out.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { resolve } from "node:path";

const module = resolve(process.argv[2]), prefix = process.argv[3];
const create = createRequire(import.meta.url)(module);
// Given here, because emscripten 3.1.6 would ask node's fetch for it, which takes no file.
const instance = await create({ wasmBinary: readFileSync(module.replace(/js$/, "wasm")) });
if (!instance[`_${prefix}_begin`]()) process.exit(1);

for await (const line of createInterface({ input: process.stdin })) {
    const [which, count] = line.split(" ").map(Number);
    const start = process.hrtime.bigint();
    const result = instance[`_${prefix}_run`](which, count) >>> 0;
    console.log(`${Number(process.hrtime.bigint() - start) / count} ${result}`);
}
