/** A module of one function, `i32x4.splat(0)`: SIMD was the last of what the CPU engine needs to come to browsers. */
const PROBE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 17, 11];

/** Whether this browser has WebAssembly with SIMD; false where a policy blocks it. */
export function hasSimd(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(Uint8Array.from(PROBE));
}
