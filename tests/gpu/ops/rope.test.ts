import { describe, expect, it } from "vitest";
import { ropeOps, ropeTable } from "../../../src/ops/rope";
import { expectAllclose, rounded } from "../../reference/allclose";
import { integers, magnitude, uniform } from "../../reference/numbers";
import * as reference from "../../reference/rope";
import { openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, indices, read } = await openTestDevice();
const rope = ropeOps(gpu);
await gpu.ready();

/** Llama 3.2's stretch, with the original context small enough that every branch is taken. */
const stretch = { factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 64 };
/** Rows; rotated heads; heads of a row, values included; head width; base; stretch. */
const shapes = [
  [1, 1, 1, 4, 10000, undefined],
  [5, 8, 10, 10, 10000, undefined],
  [37, 4, 6, 12, 1e6, undefined],
  [66, 3, 4, 2, 500, undefined],
  [129, 6, 8, 64, 10000, undefined],
  [40, 3, 4, 64, 10000, stretch],
] as const;
const positionCount = 256;

describe.each(shapes)(
  `rope on ${name}: %i rows, %i of %i heads, width %i, base %i, stretch %o`,
  (rows, heads, all, headDim, base, scaling) => {
    const shape = { rows, heads, stride: all * headDim, headDim, base, ...(scaling && { stretch: scaling }) };
    const positions = integers(1, rows, positionCount);
    const x = uniform(2, rows * all * headDim);

    it.each([1, -1] as const)("rotates in direction %i", async (direction) => {
      const rotated = tensor(x, headDim);
      const head = padTo4(headDim);
      const table = ropeTable(positionCount, headDim, base, scaling);
      const onDevice = { rows, heads, stride: all * head, headStride: head, headDim };
      rope.rotate(onDevice, direction, indices(positions), tensor(table, 1, 1), rotated);
      const expected = reference.rotate(shape, direction, positions, x);
      // Two products of numbers up to 1 by a rounded cosine and sine, and their sum: 2 + 2 + 1 roundings of at most 2.
      expectAllclose(await read(rotated), expected, rounded(5, 2));
      expect(magnitude(expected.map((value, i) => value - x[i]!))).toBeGreaterThan(0.1);
    });
  },
);
