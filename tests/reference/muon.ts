import * as linear from "./linear";

/** Nesterov momentum: state' = μ·state + g, update = g + μ·state'. */
export function momentum(mu: number, state: Float64Array, g: Float64Array) {
  const moved = state.map((value, i) => mu * value + g[i]!);
  return { state: moved, update: g.map((value, i) => value + mu * moved[i]!) };
}

/** x / (‖x‖_F + 1e-7) */
export function normalize(x: Float64Array): Float64Array {
  const length = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
  return x.map((value) => value / (length + 1e-7));
}

/**
 * Newton–Schulz iteration towards the nearest orthogonal matrix: X ← aX + (bA + cA²)X with A = X·Xᵀ, five times.
 * x [rows, columns], wide or tall. Jordan et al. 2024.
 */
export function orthogonalize(rows: number, columns: number, x: Float64Array): Float64Array {
  if (rows > columns) return transpose(columns, rows, orthogonalize(columns, rows, transpose(rows, columns, x)));
  const [a, b, c] = [3.4445, -4.775, 2.0315];
  let y = normalize(x);
  for (let i = 0; i < 5; i++) {
    const gram = linear.forward({ rows, inputs: columns, outputs: rows }, y, y);
    const squared = linear.forward({ rows, inputs: rows, outputs: rows }, gram, gram); // gram is symmetric
    const polynomial = gram.map((value, k) => b * value + c * squared[k]!);
    const product = linear.backwardX({ rows, inputs: columns, outputs: rows }, polynomial, y);
    y = y.map((value, k) => a * value + product[k]!);
  }
  return y;
}

export function transpose(rows: number, columns: number, x: Float64Array): Float64Array {
  return x.map((_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
}
