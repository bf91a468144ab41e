import { describe, expect, it } from "vitest";
import { attentionOps } from "../../../src/ops/attention";
import {
  ATTENTION_VARIANTS,
  type AttentionVariant,
  attentionBy,
  attentionVariantsOf,
} from "../../../src/ops/attention-variants";
import type { HeadShape } from "../../../src/ops/heads";
import { expectAllclose, rounded } from "../../reference/allclose";
import * as reference from "../../reference/attention";
import { uniform } from "../../reference/numbers";
import { openTestDevice } from "../tensors";

const { gpu, name, tensor, result, indices, read } = await openTestDevice();

/** Head geometries: grouped queries 6:2, widths that are no multiple of 4, one head only, wide ones. */
const geometries: readonly HeadShape[] = [
  { queryHeads: 6, keyHeads: 2, headDim: 10 },
  { queryHeads: 4, keyHeads: 4, headDim: 12 },
  { queryHeads: 1, keyHeads: 1, headDim: 2 },
  { queryHeads: 2, keyHeads: 1, headDim: 36 },
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

const variants = attentionVariantsOf(gpu);
const others = ATTENTION_VARIANTS.filter((variant) => !variants.includes(variant));
if (others.length > 0) console.log(`not run: ${name} cannot run attention by ${others.join(", ")}`);
const cases = variants.flatMap((variant) => geometries.map((shape) => ({ variant, shape, ...shape })));

/** Packed sequences on the device, and what the kernels write. */
function planned(shape: HeadShape, lengths: readonly number[]) {
  const { queryHeads, keyHeads, headDim } = shape;
  const rows = lengths.reduce((a, b) => a + b);
  const qkv = uniform(1, rows * reference.qkvWidth(shape));
  const dout = uniform(2, rows * queryHeads * headDim);
  const views = {
    qkv: tensor(qkv, headDim),
    start: indices(reference.starts(lengths)),
    end: indices(reference.ends(lengths)),
    out: result(rows * queryHeads, headDim),
    lse: result(rows * queryHeads, 1, 1),
    dout: tensor(dout, headDim),
    dqkv: result(rows * (queryHeads + 2 * keyHeads), headDim),
    delta: result(rows * queryHeads, 1, 1),
  };
  return { rows, qkv, dout, views };
}

describe.each(cases)(`$variant attention on ${name}: heads $queryHeads:$keyHeads of $headDim`, ({ variant, shape }) => {
  const attention = attentionOps(gpu, shape, attentionBy(variant));

  it.each(packings)("sequences of $lengths tokens", async ({ lengths }) => {
    await gpu.ready();
    const longest = Math.max(...lengths);
    const { rows, qkv, dout, views } = planned(shape, lengths);
    attention.forward(rows, views.qkv, views.start, views.out, views.lse);
    attention.backward(rows, views);

    const expected = reference.forward(shape, lengths, qkv);
    const weight = roundings(shape, longest);
    expectAllclose(await read(views.out), expected.out, rounded(weight, 1));
    expectAllclose(await read(views.lse), expected.lse, rounded(weight, 1) + rounded(2, expected.lse));
    // A gradient adds up to `longest` weighted terms of either sign: it is smaller than their magnitudes by √longest.
    const gradient = reference.backward(shape, lengths, qkv, dout);
    const limit = rounded(weight * Math.sqrt(longest), gradient) + rounded(2 * weight, 1 / Math.sqrt(shape.headDim));
    expectAllclose(await read(views.dqkv), gradient, limit);
  });
});

describe.each(variants)(`%s attention on ${name}`, (variant) => {
  const [shape] = geometries as [HeadShape];
  const lengths = [3, 2, 61, 1];

  it("adds the terms of forward in the order in which decoding adds them: the same bits as the plain kernel", async () => {
    const forward = async (by: AttentionVariant) => {
      const attention = attentionOps(gpu, shape, attentionBy(by));
      await gpu.ready();
      const { rows, views } = planned(shape, lengths);
      attention.forward(rows, views.qkv, views.start, views.out, views.lse);
      return [await read(views.out), await read(views.lse)];
    };
    expect(await forward(variant)).toEqual(await forward("plain"));
  });
});
