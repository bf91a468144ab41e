/**
 * A reward model without a second network: a logistic head over features of the policy (`Policy.features`), fitted on the host in
 * milliseconds. Bradley–Terry over pairs: P(a ≻ b) = σ(r_a − r_b), with soft labels; L2-regularised, by Newton's method.
 */

/** Two answers to one question; `label` is the probability that a is the better one. */
export interface LabelledPair {
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly label: number;
}

/** One item that is good with probability `label`. */
export interface LabelledItem {
  readonly features: ArrayLike<number>;
  readonly label: number;
}

/** r = weights · (features − mean) / scale + bias. Plain numbers, so that a method's memory can hold it. */
export interface FeatureHead {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  readonly weights: readonly number[];
  readonly bias: number;
}

/** Ridge of standardised features: half of it times |w|² joins the loss. */
const RIDGE = 20;
/** Newton converges quadratically; a fit that has not by then never moves much. */
const MOST_ITERATIONS = 25;
const CONVERGED = 1e-9;

/** Fits r so that σ(r_a − r_b) follows the labels; only differences are learnt, so r has no bias. */
export function fitPairs(pairs: readonly LabelledPair[], ridge = RIDGE): FeatureHead {
  const { mean, scale } = standardizerOf(pairs.flatMap(({ a, b }) => [a, b]));
  const rows = pairs.map(({ a, b }) => {
    const left = standardized(a, mean, scale);
    return standardized(b, mean, scale).map((value, i) => (left[i] as number) - value);
  });
  const labels = pairs.map(({ label }) => label);
  return { mean, scale, weights: logistic(rows, labels, ridge), bias: 0 };
}

/** Fits σ(r) to the labels, with a bias that the ridge does not hold. */
export function fitItems(items: readonly LabelledItem[], ridge = RIDGE): FeatureHead {
  const { mean, scale } = standardizerOf(items.map(({ features }) => features));
  const rows = items.map(({ features }) => [...standardized(features, mean, scale), 1]);
  const solved = logistic(
    rows,
    items.map(({ label }) => label),
    ridge,
    1,
  );
  return { mean, scale, weights: solved.slice(0, -1), bias: solved.at(-1) ?? 0 };
}

/** The reward of one vector of features. */
export function scoreFeatures({ mean, scale, weights, bias }: FeatureHead, features: ArrayLike<number>): number {
  return standardized(features, mean, scale).reduce((sum, value, i) => sum + value * (weights[i] as number), bias);
}

/** −p log σ(Δ) − (1 − p) log σ(−Δ), and its slope in Δ. */
export function preferenceLoss(difference: number, label: number): { loss: number; slope: number } {
  const loss = label * softplus(-difference) + (1 - label) * softplus(difference);
  return { loss, slope: sigmoid(difference) - label };
}

export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Mean and standard deviation per column; a column that never changes has scale 1, so that it says nothing. */
function standardizerOf(rows: readonly ArrayLike<number>[]): { mean: number[]; scale: number[] } {
  const width = rows[0]?.length ?? 0;
  const mean = columns(width, (i) => rows.reduce((sum, row) => sum + (row[i] as number), 0) / rows.length);
  const scale = columns(width, (i) => {
    const squares = rows.reduce((sum, row) => sum + ((row[i] as number) - (mean[i] as number)) ** 2, 0);
    return Math.sqrt(squares / rows.length) || 1;
  });
  return { mean, scale };
}

function columns(width: number, value: (index: number) => number): number[] {
  return Array.from({ length: width }, (_, i) => value(i));
}

function standardized(row: ArrayLike<number>, mean: readonly number[], scale: readonly number[]): number[] {
  return mean.map((center, i) => ((row[i] as number) - center) / (scale[i] as number));
}

/**
 * argmin_w Σ preferenceLoss(x · w, label) + ridge/2 · |w|², the last `free` weights not held by the ridge. Newton:
 * H = Σ σ(1 − σ) x xᵀ + ridge, solved by Cholesky.
 */
function logistic(rows: readonly number[][], labels: readonly number[], ridge: number, free = 0): number[] {
  const width = rows[0]?.length ?? 0;
  let weights = new Array<number>(width).fill(0);
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const gradient = weights.map((weight, i) => (i < width - free ? ridge * weight : 0));
    const hessian = new Float64Array(width * width);
    for (let i = 0; i < width; i++) hessian[i * width + i] = i < width - free ? ridge : 1e-9;
    for (const [index, row] of rows.entries()) addRow(row, weights, labels[index] as number, gradient, hessian);
    const step = solve(hessian, gradient);
    weights = weights.map((weight, i) => weight - (step[i] as number));
    if (step.every((move) => Math.abs(move) < CONVERGED)) break;
  }
  return weights;
}

function addRow(
  row: readonly number[],
  weights: readonly number[],
  label: number,
  gradient: number[],
  hessian: Float64Array,
) {
  const width = row.length;
  const p = sigmoid(row.reduce((sum, value, i) => sum + value * (weights[i] as number), 0));
  for (let i = 0; i < width; i++) {
    const x = row[i] as number;
    gradient[i] = (gradient[i] as number) + (p - label) * x;
    const curvature = p * (1 - p) * x;
    for (let j = 0; j <= i; j++) {
      const at = i * width + j;
      hessian[at] = (hessian[at] as number) + curvature * (row[j] as number);
    }
  }
}

/** A⁻¹ b of a symmetric positive matrix whose lower half is given; the matrix is overwritten by its Cholesky factor. */
function solve(a: Float64Array, b: readonly number[]): number[] {
  const n = b.length;
  const at = (i: number, j: number): number => a[i * n + j] as number;
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = at(i, j);
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / at(j, j);
    }
  const x = [...b];
  for (let i = 0; i < n; i++) {
    let sum = x[i] as number;
    for (let k = 0; k < i; k++) sum -= at(i, k) * (x[k] as number);
    x[i] = sum / at(i, i);
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i] as number;
    for (let k = i + 1; k < n; k++) sum -= at(k, i) * (x[k] as number);
    x[i] = sum / at(i, i);
  }
  return x;
}
