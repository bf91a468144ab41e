import { describe, expect, it } from "vitest";
import { normalize } from "../../src/advantage/advantage";
import type { Loss } from "../../src/contracts";
import { packCompletions } from "../../src/loss/pack";
import { TERMS } from "../../src/ops/head";
import { lossShare } from "../../src/telemetry/loss-share";

const credit = (group: string, rewards: readonly number[], lengths: readonly number[]) =>
  normalize(
    group,
    rewards.map((reward, index) => ({ id: `${group}/${index}`, reward, tokens: new Int32Array(lengths[index] ?? 0) })),
  );

/** Two groups of one step; in the second all are equal, so nobody has credit. */
const credits = [
  credit("solver deduction", [1, -0.5, 1, -1], [10, 4, 12, 6]),
  credit("solver abduction", [1, 1], [9, 9]),
];
const samples = credits.flatMap(({ advantages, tokens }) =>
  advantages.map((advantage, index) => ({ advantage, tokens: tokens?.[index] ?? 0 })),
);

const LOSS: Loss = {
  kind: "policy-gradient",
  clipLow: 0.2,
  clipHigh: 0.2,
  klCoefficient: 0,
  entropyCoefficient: 0,
  aggregation: "token-mean",
  constantLength: 0,
  temperature: 1,
};

/** The surrogate loss as the engine packs it, with every ratio 1. */
function packedLoss(trained: readonly { advantage: number; tokens: number }[]): number {
  const sequences = trained.map(({ advantage, tokens }) => ({
    prompt: new Int32Array(2),
    completion: new Int32Array(tokens),
    advantage,
    oldLogprobs: new Float32Array(tokens),
  }));
  let sum = 0;
  for (const { rows, terms } of packCompletions(sequences, LOSS))
    for (let row = 0; row < rows.length; row++) sum -= (terms[row * TERMS] ?? 0) * (terms[row * TERMS + 1] ?? 0);
  return sum;
}

const termsOf = (config: Record<string, number>) =>
  samples.map((sample) => lossShare(sample, { credits, metrics: null }, config)?.term ?? Number.NaN);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe("a sample's share of the loss", () => {
  it("adds up to what the engine packs, samples without credit left out", () => {
    const credited = samples.filter(({ advantage }) => advantage !== 0);
    expect(sum(termsOf({}))).toBeCloseTo(packedLoss(credited), 6);
    expect(lossShare(credited[0] ?? { advantage: 0, tokens: 0 }, { credits, metrics: null }, {})?.total).toBe(32);
  });

  it("counts every sample where KL or entropy terms act", () => {
    expect(sum(termsOf({ klCoefficient: 0.001 }))).toBeCloseTo(packedLoss(samples), 6);
    expect(sum(termsOf({ entropyCoefficient: 0.001 }))).toBeCloseTo(packedLoss(samples), 6);
    expect(Math.abs(packedLoss(samples))).toBeLessThan(Math.abs(packedLoss(samples.slice(0, 4))));
  });

  it("has pulls that add up to one", () => {
    const pulls = samples.map((sample) => lossShare(sample, { credits, metrics: null }, {})?.pull ?? Number.NaN);
    expect(sum(pulls)).toBeCloseTo(1, 12);
    expect(pulls.slice(4)).toEqual([0, 0]);
  });

  it("takes the step's own figures where there are some, and needs them where a log has no tokens", () => {
    const bare = credits.map(({ tokens: _left, ...rest }) => rest);
    const first = samples[0] ?? { advantage: 0, tokens: 0 };
    expect(lossShare(first, { credits: bare, metrics: null }, {})).toBeNull();
    const metrics = { "tokens/trained": 100, "policy/loss": -0.03 };
    const share = lossShare(first, { credits: bare, metrics }, {});
    expect(share).toEqual({ tokens: 10, total: 100, term: (-first.advantage * 10) / 100, pull: null, loss: -0.03 });
  });

  it("is unknown in a step that learns nothing", () => {
    const equal = [credit("g", [1, 1], [3, 4])];
    expect(lossShare({ advantage: 0, tokens: 3 }, { credits: equal, metrics: null }, {})).toBeNull();
  });
});
