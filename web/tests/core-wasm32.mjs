// Proves that the wasm32 core needs nothing of its host but the four mem functions: it is linked
// with no library at all, loaded with those four alone, and asked for a sentence.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let passed = 0;
let failed = 0;
function check(claim, holds) {
    console.log(`${holds ? "ok  " : "FAIL"} ${claim}`);
    if (holds) passed++;
    else failed++;
}

const folder = mkdtempSync(join(tmpdir(), "aurora-"));
try {
    const linked = join(folder, "core.wasm");
    execFileSync(process.env.WASM_LD ?? "wasm-ld", [
        "--no-entry", "--export-all", "--allow-undefined", "--whole-archive",
        "libaurcore-wasm32.a", "-o", linked,
    ]);
    const module = await WebAssembly.compile(readFileSync(linked));

    const allowed = ["memcpy", "memmove", "memset", "memcmp"];
    const imports = WebAssembly.Module.imports(module).map((wanted) => wanted.name);
    check(`the core imports only ${allowed.join(", ")}`, imports.every((name) => allowed.includes(name)));

    let bytes;
    const env = {
        memcpy: (to, from, size) => (bytes().copyWithin(to, from, from + size), to),
        memmove: (to, from, size) => (bytes().copyWithin(to, from, from + size), to),
        memset: (to, value, size) => (bytes().fill(value, to, to + size), to),
        memcmp: (a, b, size) => Buffer.compare(bytes().subarray(a, a + size), bytes().subarray(b, b + size)),
    };
    const { exports } = await WebAssembly.instantiate(module, { env });
    bytes = () => new Uint8Array(exports.memory.buffer);

    const start = exports.aur_status_text(0);
    const text = bytes().subarray(start, bytes().indexOf(0, start));
    check("the status AUR_OK reads: done", new TextDecoder().decode(text) === "done");
} finally {
    rmSync(folder, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
