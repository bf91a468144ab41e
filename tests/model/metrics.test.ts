import { describe, expect, it } from "vitest";
import { column, summarize, totalLoss } from "../../src/model/metrics";

/** log p, entropy, weighted loss and k3 (−1−k3 where the ratio was clipped) of four tokens. */
const stats = Float32Array.of(
  ...[-1, 0.5, 0.25, 0.125],
  ...[-2, 1, -0.5, -1.25], // clipped, k3 = 0.25
  ...[-3, 1.5, 0.75, 0],
  ...[-4, 2, 0.5, -1], // clipped, k3 = 0
);
const sequence = (...oldLogprobs: number[]) => ({
  prompt: Int32Array.of(1),
  completion: new Int32Array(oldLogprobs.length),
  advantage: 1,
  oldLogprobs: Float32Array.from(oldLogprobs),
});

describe("the figures of an update", () => {
  it("are means over tokens, the loss their sum", () => {
    expect(summarize(stats, [sequence(-1, -2.5), sequence(-2, -4)])).toEqual({
      tokens: 4,
      loss: 1,
      entropy: 1.25,
      klToReference: 0.09375,
      clipFraction: 0.5,
      logprobGap: 0.375,
    });
    expect(totalLoss(stats)).toBe(1);
  });

  it("tell the columns of the device's table apart", () => {
    expect([...column(stats, 0)]).toEqual([-1, -2, -3, -4]);
    expect([...column(stats, 1)]).toEqual([0.5, 1, 1.5, 2]);
  });

  it("are nothing for no tokens", () => {
    expect(summarize(new Float32Array(0), [])).toEqual({
      tokens: 0,
      loss: 0,
      entropy: 0,
      klToReference: 0,
      clipFraction: 0,
      logprobGap: 0,
    });
  });
});
