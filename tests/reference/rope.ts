/** The first `heads` heads of `headDim` numbers in every row of `stride` are rotated. */
export interface RopeShape {
  readonly rows: number;
  readonly heads: number;
  readonly stride: number;
  readonly headDim: number;
  readonly base: number;
}

/** (a, b) → (a·cos − b·sin, b·cos + a·sin) for a = x[d], b = x[d + D/2]; direction −1 turns back. */
export function rotate(
  { rows, heads, stride, headDim, base }: RopeShape,
  direction: 1 | -1,
  positions: ArrayLike<number>,
  x: Float64Array,
): Float64Array {
  const y = Float64Array.from(x);
  for (let n = 0; n < rows; n++) {
    for (let head = 0; head < heads; head++) {
      for (let d = 0; d < headDim / 2; d++) {
        const i = n * stride + head * headDim + d;
        const j = i + headDim / 2;
        const angle = positions[n]! * base ** ((-2 * d) / headDim);
        const [cos, sin] = [Math.cos(angle), direction * Math.sin(angle)];
        y[i] = x[i]! * cos - x[j]! * sin;
        y[j] = x[j]! * cos + x[i]! * sin;
      }
    }
  }
  return y;
}
