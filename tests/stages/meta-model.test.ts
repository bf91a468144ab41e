import { describe, expect, it } from "vitest";
import { preferenceLoss } from "../../src/reward/feature-head";
import {
  agreementWithin,
  fitMeta,
  guidedSums,
  likelySums,
  metaScore,
  vectorOf,
  type Weighed,
  weighed,
} from "../../src/reward/meta-model";
import { createRng } from "../../src/rollout/rng";

const round = (ballot: Weighed["ballot"], score: number, logprob = 0): Weighed => ({
  ...{ ballot, vector: Float64Array.of(score), logprob },
});

describe("a meta reward model", () => {
  it("sees of a judgement its features, and sum, smallest and mean log-probability, length, entropy", () => {
    const figures = { features: [3, 4], logprobs: [-0.5, -1.5, -1], entropies: [0.2, 0.4] };
    expect(Array.from(vectorOf(figures))).toEqual([3, 4, -3, -1.5, -1, 3, expect.closeTo(0.3, 12)]);
    const { vector, logprob } = weighed([8, 2], [figures, figures]);
    expect(logprob).toBe(-6);
    expect(Array.from(vector.subarray(0, 3))).toEqual([6, 8, -6]);
  });

  it("has the loss of the paper: −log .8 = .2231 where it is right, −log .2 = 1.6094 where it is wrong", () => {
    const sure = Math.log(0.8 / 0.2);
    expect(preferenceLoss(sure, 1).loss).toBeCloseTo(0.2231, 4);
    expect(preferenceLoss(sure, 0).loss).toBeCloseTo(1.6094, 4);
  });

  it("learns what tells right from wrong within a query, and not which query is easy", () => {
    // The first column tells right from wrong; the second tells hard queries, of which most rounds are wrong.
    const rng = createRng(7);
    const queries = Array.from({ length: 40 }, (_, query) =>
      Array.from({ length: 8 }, (): Weighed => {
        const hard = query % 2 === 0;
        const right = rng.next() < (hard ? 0.2 : 0.8);
        const vector = Float64Array.of((right ? 1 : 0) + rng.next(), hard ? 1 : 0);
        return { ballot: right ? [8, 2] : [2, 8], vector, logprob: 0 };
      }),
    );
    const head = fitMeta(queries);
    expect(head).not.toBeNull();
    const [first = 0, second = 1] = head?.weights ?? [];
    expect(first).toBeGreaterThan(0.5);
    expect(second).toBe(0);
    const agreement = head && agreementWithin(queries, metaScore(head));
    expect(agreement?.value).toBeGreaterThan(0.95);
  });

  it("has nothing to learn where every query is right always or never", () => {
    expect(fitMeta([[round([8, 2], 1)], [round([2, 8], 0)]])).toBeNull();
    expect(agreementWithin([[round([8, 2], 1)]], () => 1)).toBeNull();
  });
});

describe("guided votes", () => {
  const rounds = [round([2, 9], 0.1, -4), round([8, 6], 0.9, -1), round([1, 9], 0.2, -3), round([8, 7], 0.8, -2)];
  it("add up the better half alone", () => {
    expect(guidedSums(rounds, ({ vector }) => vector[0] ?? 0)).toEqual([16, 13]);
    expect(guidedSums(rounds.slice(0, 1), () => 0)).toEqual([2, 9]);
  });

  it("by log-probability count in proportion to it", () => {
    const [e1, e2, e3] = [1, 2, 3].map((nats) => Math.exp(-nats)) as [number, number, number];
    const [first, second] = likelySums(rounds);
    expect(first).toBeCloseTo(2 * e3 + 8 + 1 * e2 + 8 * e1, 10);
    expect(second).toBeCloseTo(9 * e3 + 6 + 9 * e2 + 7 * e1, 10);
  });
});
