import plain from "kelvin:cpu/plain";
import relaxed from "kelvin:cpu/relaxed";
import { KelvinError } from "../contracts";
import type { Simd } from "../device/device";
import { runsSimd } from "./simd";

/** A function of the module: fields of the uniform struct, addresses, constants. */
export type Entry = (...numbers: number[]) => void;
export type Entries = Readonly<Record<string, Entry>>;

const ADDRESSES: Readonly<Record<Simd, string>> = { plain, relaxed };

const HINT = "Open this in a current browser, or use a GPU.";

/** @throws KelvinError "no-webassembly" if the module cannot be fetched */
async function bytesOf(simd: Simd): Promise<ArrayBuffer> {
  const answer = await fetch(ADDRESSES[simd]).catch(() => null);
  if (!answer?.ok)
    throw new KelvinError(
      "no-webassembly",
      "The CPU engine could not be fetched.",
      "Reload the page when it can be reached.",
    );
  return answer.arrayBuffer();
}

/** The kernels, over one memory; `module` serves other memories too. */
export interface Loaded {
  readonly module: WebAssembly.Module;
  readonly entries: Entries;
}

/**
 * Loads the kernels with this memory.
 * @param module compiled by another thread, if one has
 * @throws KelvinError "no-webassembly" if a policy blocks WebAssembly, its SIMD is missing, or the module cannot be fetched
 */
export async function loadModule(simd: Simd, memory: WebAssembly.Memory, module?: WebAssembly.Module): Promise<Loaded> {
  const imports = { env: { memory, abort } };
  if (module) {
    const { exports } = await WebAssembly.instantiate(module, imports);
    return { module, entries: exports as Entries };
  }
  if (!runsSimd(simd)) {
    const wanted = simd === "relaxed" ? "relaxed SIMD" : "SIMD";
    const isThere = simd === "relaxed" && runsSimd("plain");
    throw new KelvinError(
      "no-webassembly",
      `WebAssembly's ${wanted} is missing here.`,
      isThere ? "Choose plain SIMD, which gives the same bits on every machine." : HINT,
    );
  }
  const bytes = await bytesOf(simd);
  try {
    const { module, instance } = await WebAssembly.instantiate(bytes, imports);
    return { module, entries: instance.exports as Entries };
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
