// The small bridge (web/wasm/kernel.c) as a page calls it: by its exports, by cwrap and by ccall.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

let passed = 0, failed = 0;
function same(claim, got, expected) {
    const holds = JSON.stringify(got) === JSON.stringify(expected);
    console.log(`${holds ? "ok  " : "FAIL"} ${claim}${holds ? "" : `: ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`}`);
    if (holds) passed++;
    else failed++;
}

const js = resolve("web/wasm/kernel.js"), wasm = resolve("web/wasm/kernel.wasm");
same("kernel.wasm is below 200 KB", statSync(wasm).size < 200000, true);
same("its loader is below 50 KB", statSync(js).size < 50000, true);

// node takes an ES module by its ending.
const folder = mkdtempSync(join(tmpdir(), "kernel-"));
copyFileSync(js, join(folder, "kernel.mjs"));
const { default: AuroraKernel } = await import(pathToFileURL(join(folder, "kernel.mjs")));
rmSync(folder, { recursive: true });
const kernel = await AuroraKernel({ wasmBinary: readFileSync(wasm) });
same("memory is 16 MiB", kernel.HEAP32.byteLength, 16 << 20);

const numbers = (list) => {
    const at = kernel._malloc(4 * list.length);
    kernel.HEAP32.set(list, at / 4);
    return at;
};
const next = (current, list) => {
    const at = numbers(list), pid = kernel._wasm_schedule_next(current, at, list.length);
    kernel._free(at);
    return pid;
};
const error = () => kernel.UTF8ToString(kernel._wasm_error());

// Scheduling, by direct exports.
same("nobody wants to run", next(-1, []), -1);
same("the highest priority goes first", next(-1, [3, 9, 5]), 1);
same("though its turn is over", next(1, [3, 9, 5]), 1);
let turns = [], pid = -1;
for (let i = 0; i < 9; i++) turns.push((pid = next(pid, [4, 4, 4])));
same("equals take turns", turns.slice(0, 3).sort(), [0, 1, 2]);
same("in one order", turns.slice(3), [...turns.slice(0, 3), ...turns.slice(0, 3)]);
same("who does not want to run does not", next(0, [-1, -1, 0, 5]), 3);
same("a lower one when the higher has gone", next(3, [-1, -1, 0, -1]), 2);
same("after the one that is named, the next of its equals", next(2, [1, 1, 1, 1]) !== 2, true);
same("a priority out of range", next(0, [99]), -2);
same("says so", error().includes("0 to 98"), true);

// And by cwrap.
const schedule = kernel.cwrap("wasm_schedule", "number", ["number", "number"]);
next(-1, []);
same("the first to come runs", schedule(7, 10), 7);
same("a lower one waits", schedule(8, 9), 7);
same("a higher one runs at once", schedule(9, 11), 9);
same("until it goes", schedule(9, -1), 7);
same("or has less than another", schedule(7, 2), 8);
same("a pid out of range", schedule(1024, 1), -2);

// Policies, by ccall.
const evaluate = (text) => {
    const at = kernel._malloc(4);
    kernel.ccall("wasm_policy_eval", null, ["string", "number"], [text, at]);
    const result = kernel.HEAP32[at / 4];
    kernel._free(at);
    return result;
};
const ask = (...names) =>
    kernel.ccall("wasm_policy_request", "number", ["string", "string", "string"], names);
same("no policy denies", evaluate(""), 0);
same("a permit allows", evaluate("permit(principal, action, resource);"), 1);
same("a forbid overrides", evaluate(
    "permit(principal, action, resource); forbid(principal, action, resource);"), 0);
same("a request of one's own", ask('User::"ann"', 'Action::"read"', 'File::"a.txt"'), 0);
same("is what policies are asked", evaluate(
    'permit(principal == User::"ann", action == Action::"read", resource is File);'), 1);
same("and denied to others", evaluate('permit(principal == User::"bob", action, resource);'), 0);
same("what is no policy is -1", evaluate("permit(principal action, resource);"), -1);
same("and says why", error() !== "", true);

// Agents.
const agent = kernel.cwrap("wasm_agent_exec", "number", ["string", "number"]);
same("an agent computes", agent("mov r0, 6\nmul r0, 7\nexit", 0), 42);
same("in the other syntax", agent("r0 = 40; r0 += 2; exit", 0), 42);
same("a negative result", agent("r0 = -5; exit", 0), -5);
same("no error is left", error(), "");
same("what is no instruction", agent("movv r0, 1\nexit", 0), -1);
same("says so", error(), "no such instruction");
same("a register that is not set", agent("r0 = r3; exit", 0), -1);
same("an endless loop", agent("again: goto again", 0), -1);
same("ends", error(), "out of fuel");
const keeps = ".map m array 4 8 1\nr1 = m ll; w2 = 0; *(u32 *)(r10 - 4) = r2; r2 = r10; r2 += -4\n" +
    "call 1; if r0 == 0 goto out; r1 = 9; *(u64 *)(r0 + 0) = r1; r0 = *(u64 *)(r0 + 0)\nout: exit";
same("maps are for level 2", agent(keeps, 2), 9);
same("not for level 1", agent(keeps, 1), -1);
same("a helper that schedules", agent("call bpf_ktime_get_ns; exit", 2), -1);
same("a level that there is not", agent("r0 = 0; exit", 3), -1);
same("memory that is not its own", agent("r1 = 4096; r0 = *(u32 *)(r1 + 0); exit", 0), -1);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
