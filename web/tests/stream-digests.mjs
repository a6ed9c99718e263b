// Prints the digests of random streams given to a wasm32 build of the core, a line for each class
// and seed, as core/tests/stream_main.c does for the host:
//
//     node stream-digests.mjs STREAM.wasm SEEDS EVENTS
import { readFileSync } from "node:fs";

const [file, seeds, events] = process.argv.slice(2);
let bytes;
const env = {
    memcpy: (to, from, size) => (bytes().copyWithin(to, from, from + size), to),
    memmove: (to, from, size) => (bytes().copyWithin(to, from, from + size), to),
    memset: (to, value, size) => (bytes().fill(value, to, to + size), to),
    memcmp: (a, b, size) => Buffer.compare(bytes().subarray(a, a + size), bytes().subarray(b, b + size)),
};
const { instance } = await WebAssembly.instantiate(readFileSync(file), { env });
const { memory, stream_classes, stream_digest } = instance.exports;
let view;
bytes = () => {
    if (view?.buffer !== memory.buffer) view = new Uint8Array(memory.buffer);
    return view;
};

for (let number = 0; number < stream_classes(); number++)
    for (let seed = 1; seed <= Number(seeds); seed++) {
        const digest = BigInt.asUintN(64, stream_digest(number, BigInt(seed), Number(events)));
        console.log(`class ${number} seed ${seed} digest ${digest.toString(16).padStart(16, "0")}`);
        if (digest === 0n) process.exit(1);
    }
