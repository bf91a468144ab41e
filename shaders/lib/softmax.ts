// A softmax of one row, always in the same order, so that a drawn token has the log-probability of training.
import { LOWEST, exp1, exp4, highest, madd, splat, total } from "./vector";

/** What `distribution` found: Σ e^z and Σ e^z z, with z = (x − the highest x) · inverse. */
export let mass: f32 = 0;
export let moment: f32 = 0;

/** The highest of `count` numbers, and of `least`. */
export function highestOf(row: usize, count: i32, least: f32): f32 {
  const whole = count & ~3;
  let high = splat(least);
  for (let v = 0; v < whole; v += 4) high = f32x4.max(high, v128.load(row + <usize>v * 4));
  let found = highest(high);
  for (let v = whole; v < count; v++) found = max(found, load<f32>(row + <usize>v * 4));
  return found;
}

/** Sets `mass` and `moment`. */
export function distribution(row: usize, count: i32, high: f32, inverse: f32): void {
  const whole = count & ~3, offset = splat(high), factor = splat(inverse);
  let sum = splat(0), product = splat(0);
  for (let v = 0; v < whole; v += 4) {
    const z = f32x4.mul(f32x4.sub(v128.load(row + <usize>v * 4), offset), factor), e = exp4(z);
    sum = f32x4.add(sum, e);
    product = madd(e, z, product);
  }
  mass = total(sum);
  moment = total(product);
  for (let v = whole; v < count; v++) {
    const z = (load<f32>(row + <usize>v * 4) - high) * inverse, e = exp1(z);
    mass += e;
    moment += e * z;
  }
}

/** The log-sum-exp of what `weights` wrote, in units of the scores times the scale. */
export let sumOfWeights: f32 = 0;

/**
 * Scores of attention to weights, in place: the first `count` of them, followed by zeros up to `padded`, a multiple of 4. Training
 * and decoding both call it, so that both have the same weights. Returns the highest score.
 */
export function weights(scores: usize, count: i32, padded: i32, scale: f32): f32 {
  const end = scores + <usize>padded * 4;
  for (let j = count; j < padded; j++) store<f32>(scores + <usize>j * 4, LOWEST);
  let high = splat(LOWEST);
  for (let at = scores; at < end; at += 16) high = f32x4.max(high, v128.load(at));
  const found = highest(high), offset = splat(found), factor = splat(scale);
  let sum = splat(0);
  for (let at = scores; at < end; at += 16) {
    const weight = exp4(f32x4.mul(f32x4.sub(v128.load(at), offset), factor));
    sum = f32x4.add(sum, weight);
    v128.store(at, weight);
  }
  sumOfWeights = total(sum);
  const share = splat(1 / sumOfWeights);
  for (let at = scores; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), share));
  return found;
}
