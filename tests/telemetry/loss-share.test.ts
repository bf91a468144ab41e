import { describe, expect, it } from "vitest";
import { normalize } from "../../src/advantage/advantage";
import type { Loss, UpdateMetrics } from "../../src/contracts";
import { packCompletions } from "../../src/loss/pack";
import { policyLesson } from "../../src/methods/lesson";
import { TERMS } from "../../src/ops/head";
import { lossShare } from "../../src/telemetry/loss-share";
import { updateMetrics } from "../../src/telemetry/summary";

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
    expect(share).toEqual({
      tokens: 10,
      total: 100,
      term: (-first.advantage * 10) / 100,
      pull: null,
      loss: -0.03,
      updates: 1,
      isOverDrawn: false,
    });
  });

  it("is of the first of several updates, over what its mean runs over", () => {
    const groups = credits.map(({ sampleIds, advantages, tokens }) => {
      const prompt = { id: "p", kind: "solver/deduction", text: "", tokens: new Int32Array(2), maxNewTokens: 9 };
      const drawn = sampleIds.map((id, index) => {
        const completion = new Int32Array(tokens?.[index] ?? 0);
        const sample = { id, tokens: completion, logprobs: new Float32Array(completion.length), text: "" };
        return { ...sample, stop: "eos" as const, reward: 0, advantage: advantages[index] ?? 0, trace: false };
      });
      return { prompt, samples: drawn };
    });
    const lesson = policyLesson(groups, LOSS, 1e-4, "drawn");
    const trained = lesson.sequences.reduce((total, { completion }) => total + completion.length, 0);
    const update = (loss: number): UpdateMetrics => ({
      ...{ loss, gradNorm: 1, entropy: 1, klToReference: 0, clipFraction: 0, logprobGap: 0, tokens: trained },
    });
    const metrics = updateMetrics([
      { lesson, update: update(-0.5) },
      { lesson, update: update(-0.7) },
    ]);
    expect(metrics).toMatchObject({ "policy/loss": -0.6, "policy/updates": 2, "tokens/trained": 2 * trained });
    const shares = samples.map((sample) => lossShare(sample, { credits, metrics }, {}));
    const all = samples.reduce((total, { tokens }) => total + tokens, 0);
    expect(shares[0]).toMatchObject({ total: all, loss: -0.5, updates: 2, isOverDrawn: true });
    // What the engine packs under the same count adds up to the same.
    let packed = 0;
    for (const { rows, terms } of packCompletions(lesson.sequences, LOSS, lesson.over))
      for (let row = 0; row < rows.length; row++) packed -= (terms[row * TERMS] ?? 0) * (terms[row * TERMS + 1] ?? 0);
    expect(sum(shares.map((share) => share?.term ?? Number.NaN))).toBeCloseTo(packed, 6);
    // The next step is known to be the same kind, and guesses nothing.
    const next = { credits, metrics: null, before: metrics };
    expect(lossShare(samples[0] ?? { advantage: 0, tokens: 0 }, next, {})).toBeNull();
  });

  it("is unknown where the loss is no mean over tokens, and told as ever in a step of one plain update", () => {
    const update: UpdateMetrics = {
      ...{ loss: 1, gradNorm: 1, entropy: 1, klToReference: 0, clipFraction: 0, logprobGap: 0, tokens: 50 },
    };
    const of = (loss: Loss) => updateMetrics([{ lesson: { loss, sequences: [], learningRate: 1 }, update }]);
    const share = (loss: Loss) => lossShare({ advantage: 1, tokens: 5 }, { credits, metrics: of(loss) }, {});
    expect(share({ kind: "likelihood" })).toBeNull();
    expect(share({ ...LOSS, aggregation: "sequence-mean" })).toBeNull();
    expect(share(LOSS)).toMatchObject({ total: 50, isOverDrawn: false });
    expect(Object.keys(of(LOSS)).filter((key) => key.startsWith("first/"))).toEqual([]);
  });

  it("is unknown in a step that learns nothing", () => {
    const equal = [credit("g", [1, 1], [3, 4])];
    expect(lossShare({ advantage: 0, tokens: 3 }, { credits: equal, metrics: null }, {})).toBeNull();
  });
});
