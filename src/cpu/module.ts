import plainBase64 from "kelvin:cpu/plain";
import relaxedBase64 from "kelvin:cpu/relaxed";
import { KelvinError } from "../contracts";
import type { Simd } from "../device/device";

/** A function of the module: fields of the uniform struct, addresses, constants. */
export type Entry = (...numbers: number[]) => void;
export type Entries = Readonly<Record<string, Entry>>;

const MODULES: Readonly<Record<Simd, string>> = { plain: plainBase64, relaxed: relaxedBase64 };

const HINT = "Open this in a current browser, or use a GPU.";

function bytesOf(simd: Simd): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(MODULES[simd]), (letter) => letter.charCodeAt(0));
}

/** Whether this browser, or Node, runs the module. */
export function runsSimd(simd: Simd): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(bytesOf(simd));
}

/**
 * Loads the kernels with this memory.
 * @throws KelvinError "no-webassembly" if a policy blocks WebAssembly, or its SIMD is missing
 */
export async function loadModule(simd: Simd, memory: WebAssembly.Memory): Promise<Entries> {
  if (!runsSimd(simd)) {
    const wanted = simd === "relaxed" ? "relaxed SIMD" : "SIMD";
    const isThere = simd === "relaxed" && runsSimd("plain");
    throw new KelvinError(
      "no-webassembly",
      `WebAssembly's ${wanted} is missing here.`,
      isThere ? "Choose plain SIMD, which gives the same bits on every machine." : HINT,
    );
  }
  try {
    const { instance } = await WebAssembly.instantiate(bytesOf(simd), { env: { memory, abort } });
    return instance.exports as Entries;
  } catch (cause) {
    throw new KelvinError("no-webassembly", `WebAssembly is blocked here: ${messageOf(cause)}`, HINT);
  }
}

function abort(): never {
  throw new Error("a kernel gave up");
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
