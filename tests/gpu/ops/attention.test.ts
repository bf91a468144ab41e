import { describe, it } from "vitest";
import { attentionOps, type HeadShape } from "../../../src/ops/attention";
import { expectAllclose, rounded } from "../../reference/allclose";
import * as reference from "../../reference/attention";
import { uniform } from "../../reference/numbers";
import { openTestDevice } from "../tensors";

const { gpu, name, tensor, result, indices, read } = await openTestDevice();

/** Head geometries: grouped queries 6:2, widths that are no multiple of 4, one head only. */
const geometries: readonly HeadShape[] = [
  { queryHeads: 6, keyHeads: 2, headDim: 10 },
  { queryHeads: 4, keyHeads: 4, headDim: 12 },
  { queryHeads: 1, keyHeads: 1, headDim: 2 },
];
/** Lengths of packed sequences: single tokens, and 2 and 3 tokens beside long ones. */
const packings = [{ lengths: [1] }, { lengths: [2] }, { lengths: [3, 2, 61, 1] }, { lengths: [66, 2, 3] }];

/**
 * Relative error of a softmax weight, in roundings: scores are sums of D products of at most √D in all, each exponential
 * errs by 3 + 2|x| ulp for |x| up to 2√D, and the sum has one rounding a key. The running maximum multiplies a few more
 * exponentials in; twice covers both.
 */
function roundings({ headDim }: HeadShape, longest: number): number {
  const root = Math.sqrt(headDim);
  const score = (headDim + 3) * root;
  const exponential = 2 * (3 + 2 * 2 * root);
  return 2 * (score + exponential + longest);
}

describe.each(geometries)(`attention on ${name}: heads $queryHeads:$keyHeads of $headDim`, (shape) => {
  const attention = attentionOps(gpu, shape);
  const { queryHeads, keyHeads, headDim } = shape;

  it.each(packings)("sequences of $lengths tokens", async ({ lengths }) => {
    await gpu.ready();
    const rows = lengths.reduce((a, b) => a + b);
    const longest = Math.max(...lengths);
    const qkv = uniform(1, rows * reference.qkvWidth(shape));
    const dout = uniform(2, rows * queryHeads * headDim);
    const start = indices(reference.starts(lengths));
    const end = indices(reference.ends(lengths));
    const views = {
      qkv: tensor(qkv, headDim),
      out: result(rows * queryHeads, headDim),
      lse: result(rows * queryHeads, 1, 1),
      dout: tensor(dout, headDim),
      dqkv: result(rows * (queryHeads + 2 * keyHeads), headDim),
      delta: result(rows * queryHeads, 1, 1),
    };
    attention.forward(rows, views.qkv, start, views.out, views.lse);
    attention.backward(rows, { ...views, start, end });

    const expected = reference.forward(shape, lengths, qkv);
    const weight = roundings(shape, longest);
    expectAllclose(await read(views.out), expected.out, rounded(weight, 1));
    expectAllclose(await read(views.lse), expected.lse, rounded(weight, 1) + rounded(2, expected.lse));
    // A gradient adds up to `longest` weighted terms of either sign: it is smaller than their magnitudes by √longest.
    const gradient = reference.backward(shape, lengths, qkv, dout);
    const limit = rounded(weight * Math.sqrt(longest), gradient) + rounded(2 * weight, 1 / Math.sqrt(headDim));
    expectAllclose(await read(views.dqkv), gradient, limit);
  });
});
