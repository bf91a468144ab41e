/** Shared by the numerics checks: test numbers, and the tolerance for comparing results. */

/** Variants add the same terms in possibly different orders; float32 is far more exact than this. */
const TOLERANCE = 1e-5;

/** Multiples of `unit`, at most thirty, with period 61. */
export function pattern(floats: number, stride: number, unit = 1 / 61): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: floats }, (_, i) => (((i * stride) % 61) - 30) * unit);
}

/** Whether two kernels' tensors are equal up to the order of sums. */
export function allAgree(ours: readonly Float32Array[], plain: readonly Float32Array[]): boolean {
  return ours.every((tensor, i) => agree(tensor, plain[i] as Float32Array));
}

/** Whether two results are equal up to the order of sums. */
export function agree(ours: Float32Array, plain: Float32Array): boolean {
  return ours.every((value, i) => {
    const expected = plain[i] as number;
    return Math.abs(value - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
  });
}
