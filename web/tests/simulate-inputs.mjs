// Runs the encoded inputs of runs (`aurora export RUN --format inputs`) in the WebAssembly build
// and prints one line each: the digest of the decision log, and the file.
//
//     node simulate-inputs.mjs aurora-sim.js FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [module, ...files] = process.argv.slice(2);
const path = resolve(module);
const create = createRequire(import.meta.url)(path);
const sim = await create({ wasmBinary: readFileSync(path.replace(/\.js$/, ".wasm")) });

const HEAD = 8; // of the file, before the encoding: sim/experiment/workload_file.h

for (const file of files) {
  const inputs = readFileSync(file).subarray(HEAD);
  const at = sim._aur_bridge_reserve(inputs.length);
  if (at === 0) throw new Error(`${file}: no memory for ${inputs.length} bytes`);
  sim.HEAPU8.set(inputs, at);
  const done = sim._aur_bridge_simulate(at, inputs.length);
  sim._aur_bridge_release(at);
  if (!done) throw new Error(`${file}: ${sim.UTF8ToString(sim._aur_bridge_failure())}`);
  const digest = BigInt.asUintN(64, sim._aur_bridge_digest());
  console.log(`${digest.toString(16).padStart(16, "0")} ${file}`);
}
