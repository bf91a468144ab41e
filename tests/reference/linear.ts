/** y = x·wᵀ. x [rows, inputs], w [outputs, inputs], y [rows, outputs]. */
export interface LinearShape {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** y[m,n] = Σ_k x[m,k]·w[n,k] (+ bias[n]) (+ residual[m,n]) */
export function forward(
  { rows, inputs, outputs }: LinearShape,
  x: Float64Array,
  w: Float64Array,
  { bias, residual }: { bias?: Float64Array; residual?: Float64Array } = {},
): Float64Array {
  const y = new Float64Array(rows * outputs);
  for (let m = 0; m < rows; m++) {
    for (let n = 0; n < outputs; n++) {
      let sum = (bias?.[n] ?? 0) + (residual?.[m * outputs + n] ?? 0);
      for (let k = 0; k < inputs; k++) sum += x[m * inputs + k]! * w[n * inputs + k]!;
      y[m * outputs + n] = sum;
    }
  }
  return y;
}

/** dx[m,k] = Σ_n dy[m,n]·w[n,k] */
export function backwardX({ rows, inputs, outputs }: LinearShape, dy: Float64Array, w: Float64Array): Float64Array {
  const dx = new Float64Array(rows * inputs);
  for (let m = 0; m < rows; m++) {
    for (let n = 0; n < outputs; n++) {
      for (let k = 0; k < inputs; k++) dx[m * inputs + k]! += dy[m * outputs + n]! * w[n * inputs + k]!;
    }
  }
  return dx;
}

/** dw[n,k] = Σ_m dy[m,n]·x[m,k] */
export function backwardW({ rows, inputs, outputs }: LinearShape, dy: Float64Array, x: Float64Array): Float64Array {
  const dw = new Float64Array(outputs * inputs);
  for (let m = 0; m < rows; m++) {
    for (let n = 0; n < outputs; n++) {
      for (let k = 0; k < inputs; k++) dw[n * inputs + k]! += dy[m * outputs + n]! * x[m * inputs + k]!;
    }
  }
  return dw;
}
