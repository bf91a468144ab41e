import { expect } from "vitest";
import { magnitude } from "./numbers";

/** Half the distance from 1 to the next float32: the largest relative error of one rounding. */
export const ROUNDING = 2 ** -24;

/** What `count` float32 roundings may add up to where no number on the way is larger than `scale`. */
export function rounded(count: number, scale: number | ArrayLike<number>): number {
  return count * ROUNDING * (typeof scale === "number" ? scale : magnitude(scale));
}

/**
 * Fails where any |actual − expected| exceeds the absolute tolerance (one for all, or one each), or is not a number; the
 * message names the worst place.
 */
export function expectAllclose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number | ArrayLike<number>,
): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  let excess = 0;
  for (let i = 0; i < expected.length; i++) {
    const allowed = typeof tolerance === "number" ? tolerance : tolerance[i]!;
    const share = Math.abs(actual[i]! - expected[i]!) / Math.max(allowed, Number.MIN_VALUE);
    if (share <= excess) continue;
    excess = Number.isNaN(share) ? Number.POSITIVE_INFINITY : share;
    worst = i;
  }
  const allowed = typeof tolerance === "number" ? tolerance : tolerance[worst];
  const report = `at ${worst} of ${expected.length}: ${actual[worst]} is not ${expected[worst]} ± ${allowed}`;
  expect(excess, report).toBeLessThanOrEqual(1);
}

/** That a gradient agrees with central differences of the same float64 function: 1e-7 of its largest entry. */
export function expectGradient(gradient: Float64Array, numeric: Float64Array): void {
  const size = magnitude(numeric);
  expect(size, "the differences are all zero").toBeGreaterThan(0);
  expectAllclose(gradient, numeric, 1e-7 * Math.max(1, size));
}
