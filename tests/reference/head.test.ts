import { describe, expect, it } from "vitest";
import { expectGradient } from "./allclose";
import * as head from "./head";
import { differences, uniform } from "./numbers";

const logits = uniform(1, 7, -2, 2);
const target = 3;
const loss = { clipLow: 0.2, clipHigh: 0.3, klCoefficient: 0.1, entropyCoefficient: 0.05, temperature: 0.7 };

describe("head reference", () => {
  it("has the likelihood gradient that differences give", () => {
    const numeric = differences((moved) => head.likelihood(moved, target, 0.4).loss, logits);
    expectGradient(head.likelihood(logits, target, 0.4).gradient, numeric);
  });

  const { logprob } = head.statistics(logits, target, loss.temperature);
  const cases = [-1.5, 1.5].flatMap((advantage) =>
    [-0.5, -0.1, 0, 0.1, 0.5].map((shift) => ({ weight: 0.3, advantage, old: logprob + shift, reference: -1 })),
  );

  it.each(cases)("has the policy gradient that differences give: advantage $advantage, old $old", (term) => {
    const numeric = differences((moved) => head.policy(moved, target, term, loss).loss, logits);
    expectGradient(head.policy(logits, target, term, loss).gradient, numeric);
  });

  it.each(
    (["k1", "k2", "k3"] as const).flatMap((klEstimator) => [-0.5, 0, 0.5].map((drift) => ({ klEstimator, drift }))),
  )("has the gradient of $klEstimator that differences give: drift $drift", ({ klEstimator, drift }) => {
    const term = { weight: 0.3, advantage: 0.7, old: logprob + 0.05, reference: logprob + drift };
    const estimated = { ...loss, klEstimator };
    const numeric = differences((moved) => head.policy(moved, target, term, estimated).loss, logits);
    expectGradient(head.policy(logits, target, term, estimated).gradient, numeric);
  });

  it.each([
    [0.5, -0.5, 0.125, 0.1487],
    [-0.5, 0.5, 0.125, 0.1065],
  ])("estimates the KL where log π_reference − log π = %d by k1 %d, k2 %d, k3 %d", (drift, ...expected) => {
    const alone = { ...loss, klCoefficient: 1, entropyCoefficient: 0 };
    const term = { weight: 1, advantage: 0, old: logprob, reference: logprob + drift };
    (["k1", "k2", "k3"] as const).forEach((klEstimator, index) => {
      const { loss: value } = head.policy(logits, target, term, { ...alone, klEstimator });
      expect(value, klEstimator).toBeCloseTo(expected[index] ?? Number.NaN, 4);
    });
  });

  it("clips a likelier good token and an unlikelier bad one, and nothing else", () => {
    const clipped = cases.map((term) => head.policy(logits, target, term, loss).clipped);
    // A ratio of e^0.5 lies above 1.3, e^-0.5 below 0.8.
    expect(clipped).toEqual([false, false, false, false, true, true, false, false, false, false]);
  });

  it("has an entropy of log V where all logits are equal, at any temperature", () => {
    const even = head.statistics(new Float64Array(61).fill(2), 5, 0.3);
    expect(even.entropy).toBeCloseTo(Math.log(61), 12);
    expect(even.logprob).toBeCloseTo(-Math.log(61), 12);
  });
});
