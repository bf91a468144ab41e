import { describe, expect, it } from "vitest";
import { NORM_SLICES, reduceOps } from "../../../src/ops/reduce";
import { expectAllclose, rounded } from "../../reference/allclose";
import { absolute, uniform } from "../../reference/numbers";
import * as reference from "../../reference/reduce";
import { openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, result, read } = await openTestDevice();
const reduce = reduceOps(gpu);
await gpu.ready();

/** Rows, columns, slices: more slices than rows, and slices that do not divide them. */
const sums = [
  [1, 4, 64],
  [3, 10, 2],
  [66, 61, 64],
  [129, 132, 5],
] as const;

describe.each(sums)(`reduce on ${name}: %i rows of %i in %i slices`, (rows, columns, slices) => {
  it("adds the columns to the total", async () => {
    const x = uniform(1, rows * columns);
    const before = uniform(2, columns);
    const partial = result(slices, columns);
    const total = tensor(before, columns);
    reduce.columnPartial(rows, padTo4(columns) / 4, slices, tensor(x, columns), partial);
    reduce.columnTotal(slices, padTo4(columns) / 4, partial, total);
    const expected = reference.columnTotal(columns, x).map((value, c) => value + before[c]!);
    const scale = reference.columnTotal(columns, absolute(x)).map((value) => rounded(rows + slices + 1, value + 1));
    expectAllclose(await read(total), expected, scale);
  });
});

describe.each([4, 60, 1028, 20000])(`reduce on ${name}: norm of %i numbers`, (count) => {
  const x = uniform(3, count);
  const [length] = reference.norm(1, x);

  it.each([0.5, 2])("against a limit of %f lengths", async (share) => {
    const limit = Math.fround(length * share);
    const norm = result(2, 1, 1);
    const at = 4 * Math.floor(count / 12);
    const parts = [x.subarray(0, at), x.subarray(at)].filter((part) => part.length > 0);
    const views = parts.map((part) => ({ ...tensor(part, 4), size: part.length * 4 }));
    reduce.norm(views, limit, result(parts.length * NORM_SLICES, 1, 1), norm);
    const expected = reference.norm(limit, x);
    // Squares are positive: a relative error of one rounding a term of a lane, then of a slice; halved by the root, whose
    // own error and the quotient's are 2.5 ulp each.
    const roundings = (count / 4 / NORM_SLICES + 1 + parts.length * NORM_SLICES + 4) / 2 + 10;
    expectAllclose(
      await read(norm),
      expected,
      expected.map((value) => rounded(roundings, value)),
    );
    expect(expected[1] < 1).toBe(share < 1);
  });
});
