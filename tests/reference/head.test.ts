import { describe, expect, it } from "vitest";
import { expectGradient } from "./allclose";
import * as head from "./head";
import { differences, uniform } from "./numbers";

const logits = uniform(1, 7, -2, 2);
const target = 3;
const loss = { clipLow: 0.2, clipHigh: 0.3, klCoefficient: 0.1, entropyCoefficient: 0.05, temperature: 0.7 };

describe("head reference", () => {
  it("has the cross-entropy gradient that differences give", () => {
    const numeric = differences((moved) => head.crossEntropy(moved, target, 0.4).loss, logits);
    expectGradient(head.crossEntropy(logits, target, 0.4).gradient, numeric);
  });

  const { logprob } = head.statistics(logits, target, loss.temperature);
  const cases = [-1.5, 1.5].flatMap((advantage) =>
    [-0.5, -0.1, 0, 0.1, 0.5].map((shift) => ({ weight: 0.3, advantage, old: logprob + shift, reference: -1 })),
  );

  it.each(cases)("has the policy gradient that differences give: advantage $advantage, old $old", (term) => {
    const numeric = differences((moved) => head.policy(moved, target, term, loss).loss, logits);
    expectGradient(head.policy(logits, target, term, loss).gradient, numeric);
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
