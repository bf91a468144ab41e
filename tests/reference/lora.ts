import * as linear from "./linear";

/** y = scale · B (A x), one adapter. x [rows, inputs], a [rank, inputs], b [outputs, rank], y [rows, outputs]. */
export interface LoraShape {
  readonly rows: number;
  readonly inputs: number;
  readonly rank: number;
  readonly outputs: number;
  readonly scale: number;
}

const scaled = (x: Float64Array, scale: number): Float64Array => x.map((value) => scale * value);

/** h[m,r] = Σ_k x[m,k]·a[r,k] */
export function shrink({ rows, inputs, rank }: LoraShape, x: Float64Array, a: Float64Array): Float64Array {
  return linear.forward({ rows, inputs, outputs: rank }, x, a);
}

/** y[m,n] = scale · Σ_r h[m,r]·b[n,r] */
export function expand({ rows, rank, outputs, scale }: LoraShape, h: Float64Array, b: Float64Array): Float64Array {
  return scaled(linear.forward({ rows, inputs: rank, outputs }, h, b), scale);
}

/** dh[m,r] = scale · Σ_n dy[m,n]·b[n,r] */
export function backwardH({ rows, rank, outputs, scale }: LoraShape, dy: Float64Array, b: Float64Array): Float64Array {
  return scaled(linear.backwardX({ rows, inputs: rank, outputs }, dy, b), scale);
}

/** db[n,r] = scale · Σ_m dy[m,n]·h[m,r] */
export function backwardB({ rows, rank, outputs, scale }: LoraShape, dy: Float64Array, h: Float64Array): Float64Array {
  return scaled(linear.backwardW({ rows, inputs: rank, outputs }, dy, h), scale);
}

/** y = scale · B (A x). Hu et al., arXiv 2106.09685 §4.1. */
export function forward(shape: LoraShape, x: Float64Array, a: Float64Array, b: Float64Array): Float64Array {
  return expand(shape, shrink(shape, x, a), b);
}

/** Gradients of x, a and b. */
export function backward(
  shape: LoraShape,
  x: Float64Array,
  a: Float64Array,
  b: Float64Array,
  dy: Float64Array,
): { dx: Float64Array; da: Float64Array; db: Float64Array } {
  const { rows, inputs, rank } = shape;
  const dh = backwardH(shape, dy, b);
  const down = { rows, inputs, outputs: rank };
  return {
    dx: linear.backwardX(down, dh, a),
    da: linear.backwardW(down, dh, x),
    db: backwardB(shape, dy, shrink(shape, x, a)),
  };
}
