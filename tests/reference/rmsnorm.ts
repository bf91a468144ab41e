/** Where the rows lie, in numbers: `heads` rows of `columns` each inside a wider row of `stride`, from `offset` on. */
export interface NormShape {
  readonly rows: number;
  readonly columns: number;
  readonly eps: number;
  readonly heads: number;
  readonly stride: number;
  readonly offset: number;
}

export function plainShape(rows: number, columns: number, eps: number): NormShape {
  return { rows, columns, eps, heads: 1, stride: columns, offset: 0 };
}

function start({ heads, stride, offset, columns }: NormShape, n: number): number {
  return Math.floor(n / heads) * stride + offset + (n % heads) * columns;
}

/** rstd[n] = 1 / sqrt(Σ_c x² / C + eps) */
export function reciprocalRoot(shape: NormShape, x: Float64Array): Float64Array {
  return Float64Array.from({ length: shape.rows }, (_, n) => {
    let squares = 0;
    for (let c = 0; c < shape.columns; c++) squares += x[start(shape, n) + c]! ** 2;
    return 1 / Math.sqrt(squares / shape.columns + shape.eps);
  });
}

/** y = x · rstd · w on the shape's rows; a copy of x elsewhere. */
export function forward(shape: NormShape, x: Float64Array, w: Float64Array): Float64Array {
  const rstd = reciprocalRoot(shape, x);
  const y = Float64Array.from(x);
  for (let n = 0; n < shape.rows; n++) {
    for (let c = 0; c < shape.columns; c++) y[start(shape, n) + c] = x[start(shape, n) + c]! * rstd[n]! * w[c]!;
  }
  return y;
}

/**
 * dx = rstd · (w·dy − x · rstd² · mean_c(w·dy·x)) on the shape's rows, in place of what was there `before` or added to it;
 * `before` elsewhere.
 */
export function backwardX(
  shape: NormShape,
  x: Float64Array,
  w: Float64Array,
  dy: Float64Array,
  before: Float64Array = new Float64Array(x.length),
  accumulate = false,
): Float64Array {
  const rstd = reciprocalRoot(shape, x);
  const dx = Float64Array.from(before);
  for (let n = 0; n < shape.rows; n++) {
    const row = start(shape, n);
    const r = rstd[n]!;
    let mean = 0;
    for (let c = 0; c < shape.columns; c++) mean += (w[c]! * dy[row + c]! * x[row + c]!) / shape.columns;
    for (let c = 0; c < shape.columns; c++) {
      const gradient = r * (w[c]! * dy[row + c]! - x[row + c]! * r * r * mean);
      dx[row + c] = gradient + (accumulate ? before[row + c]! : 0);
    }
  }
  return dx;
}

/** dw[c] = Σ_n dy · x · rstd */
export function backwardW(shape: NormShape, x: Float64Array, rstd: Float64Array, dy: Float64Array): Float64Array {
  const dw = new Float64Array(shape.columns);
  for (let n = 0; n < shape.rows; n++) {
    for (let c = 0; c < shape.columns; c++) dw[c]! += dy[start(shape, n) + c]! * x[start(shape, n) + c]! * rstd[n]!;
  }
  return dw;
}
