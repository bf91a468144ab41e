import { fromHalves, toHalves } from "../../src/device/halves";
import { createRng } from "../../src/rollout/rng";

/** `count` numbers between `low` and `high`, rounded to float32 so that reference and device read the same ones. */
export function uniform(seed: number, count: number, low = -1, high = 1): Float64Array {
  const rng = createRng(seed);
  return Float64Array.from({ length: count }, () => Math.fround(low + (high - low) * rng.next()));
}

/** The nearest float16 of each number. */
export function halved(numbers: Float64Array): Float64Array {
  return Float64Array.from(fromHalves(toHalves(Float32Array.from(numbers), "numbers of a test")));
}

/** `count` integers from 0 to `bound` − 1. */
export function integers(seed: number, count: number, bound: number): Uint32Array {
  const rng = createRng(seed);
  return Uint32Array.from({ length: count }, () => rng.below(bound));
}

/** Largest magnitude; 0 of nothing. */
export function magnitude(x: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]!));
  return largest;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function absolute(x: Float64Array): Float64Array {
  return x.map(Math.abs);
}

/**
 * Gradient of f at x by central differences in float64: error O(step²) + ε·|f| / step, about 1e-9 for functions whose
 * values and derivatives are near 1.
 */
export function differences(f: (x: Float64Array) => number, x: Float64Array, step = 1e-5): Float64Array {
  const moved = Float64Array.from(x);
  return x.map((value, i) => {
    moved[i] = value + step;
    const above = f(moved);
    moved[i] = value - step;
    const below = f(moved);
    moved[i] = value;
    return (above - below) / (2 * step);
  });
}
