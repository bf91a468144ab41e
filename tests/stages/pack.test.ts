import { describe, expect, it } from "vitest";
import type { Aggregation, Loss, TrainingSequence } from "../../src/contracts";
import { microBatches, packCompletions, packWeighted } from "../../src/loss/pack";

/** Completions of 1, 3 and 4 tokens behind prompts of 2, 1 and 3. */
const sequences: readonly TrainingSequence[] = [
  [2, 1],
  [1, 3],
  [3, 4],
].map(([prompt = 0, completion = 0], index) => ({
  prompt: Int32Array.from({ length: prompt }, (_, t) => 10 * index + t),
  completion: Int32Array.from({ length: completion }, (_, t) => 10 * index + 5 + t),
  advantage: index - 1.5,
  oldLogprobs: Float32Array.from({ length: completion }, (_, t) => -(t + 1)),
  ...(index === 2 ? { referenceLogprobs: Float32Array.from({ length: completion }, (_, t) => -(t + 9)) } : {}),
}));

const policyGradient = (aggregation: Aggregation): Loss => ({
  kind: "policy-gradient",
  clipLow: 0.2,
  clipHigh: 0.2,
  klCoefficient: 0,
  entropyCoefficient: 0,
  aggregation,
  constantLength: 16,
  temperature: 1,
});

/** Weight, advantage, old and reference log p of every predicted token. */
const termsOf = (loss: Loss) =>
  packCompletions(sequences, loss).map(({ terms }) =>
    Array.from({ length: terms.length / 4 }, (_, t) => [...terms.slice(4 * t, 4 * t + 4)]),
  );

describe("packed completions", () => {
  it("are prompt and completion, predicted from the row before each completion token", () => {
    const packed = packCompletions(sequences, { kind: "likelihood" });
    expect(packed.map(({ tokens }) => [...tokens])).toEqual([
      [0, 1, 5],
      [10, 15, 16, 17],
      [20, 21, 22, 25, 26, 27, 28],
    ]);
    expect(packed.map(({ rows }) => [...rows])).toEqual([[1], [0, 1, 2], [2, 3, 4, 5]]);
  });

  it.each([
    ["token-mean", [1 / 8, 1 / 8, 1 / 8]],
    ["sequence-mean", [1 / 3, 1 / 9, 1 / 12]],
    ["constant-length", [1 / 48, 1 / 48, 1 / 48]],
  ] as const)("weigh their tokens by %s", (aggregation, expected) => {
    const terms = termsOf(policyGradient(aggregation));
    for (const [index, weight] of expected.entries())
      for (const [seen] of terms[index] ?? []) expect(seen).toBeCloseTo(weight, 7);
  });

  it("weigh every token the same for a likelihood without weights: pairs of 4 and 12 tokens 1/16 each", () => {
    const pairs = [4, 12].map((length) => ({
      ...{ prompt: Int32Array.of(1), completion: new Int32Array(length), advantage: 0 },
      oldLogprobs: new Float32Array(0),
    }));
    const weights = packCompletions(pairs, { kind: "likelihood" }).flatMap(({ terms }) =>
      [...terms].filter((_, index) => index % 4 === 0),
    );
    expect(weights).toEqual(new Array(16).fill(1 / 16));
  });

  it("weigh each token as they say for a likelihood with weights, and all of them must say", () => {
    const own = sequences.map((one) => ({ ...one, weights: Float32Array.from(one.completion, (_, t) => t - 1.5) }));
    const weights = packCompletions(own, { kind: "likelihood" }).map(({ terms }) =>
      [...terms].filter((_, index) => index % 4 === 0),
    );
    expect(weights).toEqual(own.map((one) => [...one.weights]));
    expect(() => packCompletions([...own, ...sequences], { kind: "likelihood" })).toThrow(
      "no weights for a completion",
    );
  });

  it("divide by everything drawn where that is said, however many are left", () => {
    const over = { sequences: 6, tokens: 32 };
    const weight = (loss: Loss) => packCompletions(sequences, loss, over).map(({ terms }) => terms[0]);
    expect(weight(policyGradient("token-mean"))).toEqual([1 / 32, 1 / 32, 1 / 32]);
    expect(weight(policyGradient("constant-length"))).toEqual([1 / 96, 1 / 96, 1 / 96].map(Math.fround));
    expect(weight(policyGradient("sequence-mean"))).toEqual([1 / 6, 1 / 18, 1 / 24].map(Math.fround));
    expect(weight({ kind: "likelihood" })).toEqual([1 / 32, 1 / 32, 1 / 32]);
  });

  it("weigh every token the same for a likelihood", () => {
    expect(termsOf({ kind: "likelihood" }).flatMap((tokens) => tokens.map(([weight]) => weight))).toEqual(
      Array.from({ length: 8 }, () => 1 / 8),
    );
  });

  it("carry advantage, old and reference log p; without a reference the old one stands in", () => {
    const terms = termsOf(policyGradient("token-mean")).map((tokens) => tokens.map(([, ...rest]) => rest));
    expect(terms[1]).toEqual([-1, -2, -3].map((old) => [-0.5, old, old]));
    expect(terms[2]).toEqual([1, 2, 3, 4].map((t) => [0.5, -t, -(t + 8)]));
  });
});

describe("weighted tokens", () => {
  it("are predicted where they weigh something, but for the first, which nothing predicts", () => {
    const [packed] = packWeighted([{ tokens: Int32Array.of(7, 8, 9, 10), weights: Float32Array.of(3, 0.5, 0, -2) }]);
    expect([...(packed?.rows ?? [])]).toEqual([0, 2]);
    expect([...(packed?.terms ?? [])]).toEqual([0.5, 0, 0, 0, -2, 0, 0, 0]);
  });
});

describe("micro-batches", () => {
  const ofLengths = (...lengths: number[]) => lengths.map((length) => ({ tokens: new Int32Array(length) }));
  const split = (maxRows: number, ...lengths: number[]) =>
    microBatches(ofLengths(...lengths), maxRows).map((batch) => batch.map(({ tokens }) => tokens.length));

  it("are consecutive, and as full as they may be", () => {
    expect(split(6, 3, 3, 1, 5, 6, 2)).toEqual([[3, 3], [1, 5], [6], [2]]);
    expect(split(6)).toEqual([]);
  });

  it("refuse a sequence that fits none", () => {
    expect(() => split(6, 2, 7)).toThrow("a sequence of 7 tokens exceeds the 6 rows planned for");
  });
});
