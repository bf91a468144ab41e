import type { Rng } from "../contracts";
import { normals } from "./normals";

/**
 * Where number tokens start. A table of a hundred unrelated vectors has to discover from examples that 7 comes after 6;
 * a periodic code says so from the start. Each number n is cos and sin of 2πn/period, put through one random
 * projection: alike for all numbers, unaligned with any axis, and as free to change in training as every other weight.
 * Networks trained on modular addition end up with such a code by themselves (Nanda et al. 2023, arXiv 2301.05217).
 */
const PERIODS = [2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 40, 100, 200];

/** Share of the variance of a number's embedding that the code makes up; the rest is noise as in any other row. */
export const NUMBER_CODE_SHARE = 0.8;

/** One row [width] per number 0 … count−1, of about unit variance. */
export function numberCode(count: number, width: number, rng: Rng): Float32Array[] {
  const features = 2 * PERIODS.length;
  // Half of the squared features sum to PERIODS.length whatever the number.
  const projection = normals(features * width, 1 / Math.sqrt(PERIODS.length), rng);
  return Array.from({ length: count }, (_, number) => project(phases(number), projection, width));
}

/** cos and sin of the number on every period. */
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
