import { describe, expect, it } from "vitest";
import { linearOps } from "../../../src/ops/linear";
import { shardedLinear } from "../../../src/ops/linear-shards";
import { allBy, variantsOf } from "../../../src/ops/linear-variants";
import { expectAllclose, rounded } from "../../reference/allclose";
import * as reference from "../../reference/linear";
import { absolute, uniform } from "../../reference/numbers";
import { openTestDevice } from "../tensors";

const { gpu, name, tensor, result, read } = await openTestDevice();
const variants = [
  ...variantsOf(gpu).map((variant) => ({ variant, kernels: allBy(variant) })),
  { variant: "few", kernels: { ...allBy("plain"), few: "few" as const } },
];

/** Rows, and rows of w in shards: whole blocks but for the last, which no tile divides. */
const shapes = [
  { rows: 3, inputs: 36, shards: [64, 64, 12] },
  { rows: 66, inputs: 132, shards: [128, 4] },
  { rows: 300, inputs: 20, shards: [64, 64] },
] as const;

describe.each(variants)(`linear in shards, $variant on ${name}`, ({ kernels }) => {
  const linear = linearOps(gpu, kernels);
  const sharded = shardedLinear(linear);

  describe.each(shapes)("$rows rows, $inputs inputs, shards of $shards", ({ rows, inputs, shards }) => {
    const outputs = shards.reduce((sum, count) => sum + count, 0);
    const shape = { rows, inputs, outputs };
    const x = uniform(1, rows * inputs);
    const w = uniform(2, outputs * inputs);
    const dy = uniform(3, rows * outputs);
    /** Every shard in a buffer of its own. */
    const shardsOf = (matrix: Float64Array) =>
      shards.map((count, i) => {
        const first = shards.slice(0, i).reduce((sum, before) => sum + before, 0);
        const view = tensor(matrix.subarray(first * inputs, (first + count) * inputs), inputs);
        return { first, rows: count, view };
      });

    it("forward gives the same bits as in one piece, with bias and with residual", async () => {
      await gpu.ready();
      const bias = tensor(uniform(4, outputs), outputs);
      const residual = tensor(uniform(5, rows * outputs), outputs);
      for (const addend of [{ bias }, { residual }]) {
        const [whole, parts] = [result(rows, outputs), result(rows, outputs)];
        linear.forward(shape, tensor(x, inputs), tensor(w, inputs), whole, addend);
        sharded.forward(shape, tensor(x, inputs), shardsOf(w), parts, addend);
        expect(await read(parts)).toEqual(await read(whole));
      }
    });

    it("backwardX adds the shards up", async () => {
      await gpu.ready();
      const before = uniform(6, rows * inputs);
      const [fresh, sum] = [result(rows, inputs), tensor(before, inputs)];
      sharded.backwardX(shape, tensor(dy, outputs), shardsOf(w), fresh);
      sharded.backwardX(shape, tensor(dy, outputs), shardsOf(w), sum, true);
      const expected = reference.backwardX(shape, dy, w);
      // As in one piece (see linear.test.ts), and a rounding more for each shard.
      const scale = reference.backwardX(shape, absolute(dy), absolute(w));
      const limit = rounded(outputs + 3 + shards.length, scale) + rounded(2, 1);
      expectAllclose(await read(fresh), expected, limit);
      expectAllclose(
        await read(sum),
        expected.map((value, i) => value + (before[i] as number)),
        limit,
      );
    });

    it("backwardW gives each shard its rows of the gradient", async () => {
      await gpu.ready();
      const before = uniform(7, outputs * inputs);
      const dw = shardsOf(before);
      sharded.backwardW(shape, tensor(dy, outputs), tensor(x, inputs), dw);
      const expected = reference.backwardW(shape, dy, x);
      const limit = rounded(rows + 3, reference.backwardW(shape, absolute(dy), absolute(x))) + rounded(2, 1);
      for (const { first, rows: count, view } of dw) {
        const [from, to] = [first * inputs, (first + count) * inputs];
        const moved = expected.subarray(from, to).map((value, i) => value + (before[from + i] as number));
        expectAllclose(await read(view), moved, limit);
      }
    });
  });
});

describe("linear refuses", () => {
  it("rows of a result that are wider than its tensor, by name", () => {
    const linear = linearOps(gpu, allBy("plain"));
    const [x, w, y] = [tensor(uniform(1, 128), 4), tensor(uniform(1, 128), 4), tensor(uniform(1, 128), 4)];
    const shape = { rows: 16, inputs: 4, outputs: 4, stride: 64 };
    expect(() => linear.forward(shape, x, w, y)).toThrow(/linear\.y: expected 964 floats, got/);
  });
});
