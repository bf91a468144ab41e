/** What the numerics gates of products and attention share: numbers to try a kernel on, and when two results agree. */

/** Variants add the same terms, in orders that may differ: float32 keeps far better than this. */
const TOLERANCE = 1e-5;

/** Multiples of `unit`, thirty at most, that repeat only after 61. */
export function pattern(floats: number, stride: number, unit = 1 / 61): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: floats }, (_, i) => (((i * stride) % 61) - 30) * unit);
}

/** Whether two kernels computed the same tensors but for the order of their sums. */
export function allAgree(ours: readonly Float32Array[], plain: readonly Float32Array[]): boolean {
  return ours.every((tensor, i) => agree(tensor, plain[i] as Float32Array));
}

/** Whether two kernels computed the same but for the order of their sums. */
export function agree(ours: Float32Array, plain: Float32Array): boolean {
  return ours.every((value, i) => {
    const expected = plain[i] as number;
    return Math.abs(value - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
  });
}
