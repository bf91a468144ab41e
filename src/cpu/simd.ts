/** Whether WebAssembly has the SIMD that the modules need; small, because the page asks before it loads anything else. */
import type { Simd } from "../device/device";

/** The smallest modules of each kind: a function that makes a vector; one that swizzles it in the relaxed way. */
const PROBES: Readonly<Record<Simd, readonly number[]>> = {
  plain: [
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
    ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
  ],
  relaxed: [
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
    ...[10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
  ],
};

/** Whether this browser, or Node, runs the module. */
export function runsSimd(simd: Simd): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(Uint8Array.from(PROBES[simd]));
}
