const sigmoid = (g: number): number => 1 / (1 + Math.exp(-g));

/** y = silu(gate) · up; a row of gu is `columns` gates, then as many ups. */
export function forward(columns: number, gu: Float64Array): Float64Array {
  return Float64Array.from({ length: gu.length / 2 }, (_, i) => {
    const { gate, up } = parts(columns, gu, i);
    return gate * sigmoid(gate) * up;
  });
}

/** d silu(g) / dg = σ(g) (1 + g (1 − σ(g))) */
export function backward(columns: number, gu: Float64Array, dy: Float64Array): Float64Array {
  const dgu = new Float64Array(gu.length);
  dy.forEach((d, i) => {
    const { gate, up, at } = parts(columns, gu, i);
    const s = sigmoid(gate);
    dgu[at] = d * up * s * (1 + gate * (1 - s));
    dgu[at + columns] = d * gate * s;
  });
  return dgu;
}

function parts(columns: number, gu: Float64Array, i: number): { gate: number; up: number; at: number } {
  const at = Math.floor(i / columns) * 2 * columns + (i % columns);
  return { gate: gu[at]!, up: gu[at + columns]!, at };
}
