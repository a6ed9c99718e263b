// States that the host made, opened in WebAssembly: the same explanation of a decision, the same
// actions from there on, the same bytes in the end. Run with the core alone, and through the
// bridge if it was built (web/wasm/aurora-sim.js).
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const RECORD = 32, AT_COUNT = 68, AT_ROOM = 72, AT_LIST = 80, CANDIDATE = 160;

let passed = 0, failed = 0;
function check(claim, holds) {
    console.log(`${holds ? "ok  " : "FAIL"} ${claim}`);
    if (holds) passed++;
    else failed++;
}

// The cases of write_states: see there for the format.
function* cases(file) {
    for (let at = 0; at < file.length;) {
        const sizes = [0, 4, 8, 12].map((n) => file.readUInt32LE(at + n));
        at += 16;
        const take = (size) => file.subarray(at, (at += size));
        const [block, explanation, candidates, log] = sizes.map(take);
        yield { block, explanation, candidates, log, end: take(sizes[0]) };
    }
}

// The core with nothing but the four mem functions. Memory is handed out and never given back.
async function bareCore(folder) {
    const linked = join(folder, "core.wasm");
    execFileSync(process.env.WASM_LD ?? "wasm-ld", [
        "--no-entry", "--export-all", "--allow-undefined", "--whole-archive",
        "libaurcore-wasm32.a", "-o", linked,
    ]);
    let bytes;
    const env = {
        memcpy: (to, from, size) => (bytes().copyWithin(to, from, from + size), to),
        memmove: (to, from, size) => (bytes().copyWithin(to, from, from + size), to),
        memset: (to, value, size) => (bytes().fill(value, to, to + size), to),
        memcmp: (a, b, size) => Buffer.compare(bytes().subarray(a, a + size), bytes().subarray(b, b + size)),
    };
    const { instance } = await WebAssembly.instantiate(readFileSync(linked), { env });
    const { exports } = instance;
    bytes = () => Buffer.from(exports.memory.buffer);
    let top = exports.__heap_base.value;
    const reserve = (size) => {
        const at = (top + 63) & ~63;
        top = at + size;
        const missing = top - exports.memory.buffer.byteLength;
        if (missing > 0) exports.memory.grow((missing + 65535) >> 16);
        bytes().fill(0, at, top);
        return at;
    };
    const actions = reserve(8 + 112 * RECORD), explanation = reserve(AT_LIST + 4);
    return {
        name: "the core alone", bytes, reserve, actions, explanation,
        step: (core, event) => exports.aur_core_step(core, 0, event, actions),
        explain: (core, event) => {
            const room = 128, size = Number(exports.aur_core_size(exports.aur_core_config(core)));
            const list = reserve(room * CANDIDATE), scratch = reserve(size);
            bytes().writeUInt32LE(room, explanation + AT_ROOM);
            bytes().writeUInt32LE(list, explanation + AT_LIST);
            return exports.aur_core_explain(core, scratch, event, explanation);
        },
        text: (rule) => exports.aur_rule_text(rule),
    };
}

async function bridge(script) {
    const create = createRequire(import.meta.url)(resolve(script));
    const module = await create({ wasmBinary: readFileSync(script.replace(/js$/, "wasm")) });
    return {
        name: "the bridge",
        bytes: () => Buffer.from(module.HEAPU8.buffer),
        reserve: module._aur_bridge_reserve,
        actions: module._aur_bridge_actions(),
        explanation: module._aur_bridge_explanation(),
        step: module._aur_bridge_step,
        explain: module._aur_bridge_explain,
        text: module._aur_bridge_rule_text,
    };
}

// What differs in this case, or nothing.
function differs(engine, one) {
    const { bytes } = engine;
    const core = engine.reserve(one.block.length), event = engine.reserve(RECORD);
    bytes().set(one.block, core);
    bytes().set(one.log.subarray(0, RECORD), event);
    if (engine.explain(core, event) !== 0) return "the explanation is refused";
    const said = bytes().subarray(engine.explanation, engine.explanation + AT_LIST);
    const count = said.readUInt32LE(AT_COUNT), list = bytes().readUInt32LE(engine.explanation + AT_LIST);
    if (!said.subarray(0, AT_ROOM).equals(one.explanation.subarray(0, AT_ROOM)))
        return "the explanation is another";
    if (!bytes().subarray(list, list + count * CANDIDATE).equals(one.candidates))
        return "the candidates are others";
    if (!bytes().subarray(core, core + one.block.length).equals(one.block))
        return "the explanation changed the state";
    for (let at = 0; at < one.log.length;) {
        const record = Buffer.from(one.log.subarray(at, at + RECORD)), expected = record[31];
        record[31] = 0;
        bytes().set(record, event);
        if (engine.step(core, event) !== 0) return `record ${at / RECORD} is refused`;
        at += RECORD;
        const got = bytes().readUInt32LE(engine.actions), from = engine.actions + 8;
        const actions = one.log.subarray(at, (at += expected * RECORD));
        if (got !== expected || !bytes().subarray(from, from + got * RECORD).equals(actions))
            return `the actions before record ${at / RECORD} are others`;
    }
    if (!bytes().subarray(core, core + one.end.length).equals(one.end)) return "the end is another";
    return undefined;
}

const folder = mkdtempSync(join(tmpdir(), "aurora-"));
try {
    const path = join(folder, "states");
    execFileSync("core/tests/write_states", [path]);
    const file = readFileSync(path);
    const engines = [await bareCore(folder)];
    if (existsSync("web/wasm/aurora-sim.js")) engines.push(await bridge("web/wasm/aurora-sim.js"));
    for (const engine of engines) {
        let n = 0, records = 0, first;
        for (const one of cases(file)) {
            first ??= differs(engine, one) && `case ${n}: ${differs(engine, one)}`;
            n++;
            records += one.log.length / RECORD;
        }
        check(`${engine.name}: ${n} states of the host run on for ${records} records` +
              `${first ? `: ${first}` : ""}`, n > 0 && !first);
        const text = engine.text(1), bytes = engine.bytes();
        check(`${engine.name}: the first rule reads: nobody else could run`,
              bytes.toString("utf8", text, bytes.indexOf(0, text)) === "nobody else could run");
    }
} finally {
    rmSync(folder, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
