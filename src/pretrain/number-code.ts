import type { Rng } from "../contracts";
import { normals } from "./normals";

/**
 * Initial embedding of number tokens. With unrelated vectors the model must learn from examples that 7 comes after 6; a periodic
 * code says so from the start. A number n becomes cos and sin of 2πn/period for each period, put through one random projection,
 * which is the same for all numbers. The rows stay trainable. Networks trained on modular addition learn such a code by
 * themselves (Nanda et al. 2023, arXiv 2301.05217).
 */
const PERIODS = [2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 40, 100, 200];

/** The code's share of the variance of a number's embedding; the rest is noise as in other rows. */
export const NUMBER_CODE_SHARE = 0.8;

/** One row [width] per number 0 … count−1, of about unit variance. */
export function numberCode(count: number, width: number, rng: Rng): Float32Array[] {
  const features = 2 * PERIODS.length;
  // The features' squared norm is PERIODS.length for every number.
  const projection = normals(features * width, 1 / Math.sqrt(PERIODS.length), rng);
  return Array.from({ length: count }, (_, number) => project(phases(number), projection, width));
}

/** cos and sin of the number for every period. */
function phases(number: number): number[] {
  return PERIODS.flatMap((period) => {
    const angle = (2 * Math.PI * number) / period;
    return [Math.cos(angle), Math.sin(angle)];
  });
}

function project(phases: readonly number[], projection: Float32Array, width: number): Float32Array {
  const row = new Float32Array(width);
  for (const [feature, phase] of phases.entries()) {
    for (let column = 0; column < width; column++) {
      row[column] = (row[column] as number) + phase * (projection[feature * width + column] as number);
    }
  }
  return row;
}
