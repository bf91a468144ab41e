/** total[c] = Σ_n x[n,c] */
export function columnTotal(columns: number, x: Float64Array): Float64Array {
  const total = new Float64Array(columns);
  x.forEach((value, i) => {
    total[i % columns]! += value;
  });
  return total;
}

/** Length of x and the factor that shortens it to `limit`, as torch's clip_grad_norm_ has it. */
export function norm(limit: number, x: Float64Array): [norm: number, factor: number] {
  const length = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
  return [length, Math.min(1, limit / (length + 1e-6))];
}
