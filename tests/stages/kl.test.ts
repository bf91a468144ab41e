import { describe, expect, it } from "vitest";
import type { Group } from "../../src/contracts";
import { klEstimate, klOf, penalizeKl } from "../../src/reward/kl";
import { drain, ScriptedModel, selfPlay } from "../train/scripted";

describe("the KL in the reward", () => {
  it.each([
    [0.5, -0.5, 0.125, 0.1487],
    [-0.5, 0.5, 0.125, 0.1065],
    [0, 0, 0, 0],
  ])("is estimated where log π_reference − log π = %d by k1 %d, k2 %d, k3 %d", (difference, k1, k2, k3) => {
    expect(klEstimate(difference, "k1")).toBeCloseTo(k1, 12);
    expect(klEstimate(difference, "k2")).toBeCloseTo(k2, 12);
    expect(klEstimate(difference, "k3")).toBeCloseTo(k3, 4);
  });

  it("averages to the divergence for k1 and k3, and nearly for k2", () => {
    const [p, q] = [
      [0.5, 0.3, 0.2],
      [0.4, 0.4, 0.2],
    ];
    const mean = (estimator: "k1" | "k2" | "k3") =>
      p.reduce((sum, value, i) => sum + value * klEstimate(Math.log((q[i] ?? 0) / value), estimator), 0);
    const exact = p.reduce((sum, value, i) => sum + value * Math.log(value / (q[i] ?? 0)), 0);
    expect(mean("k1")).toBeCloseTo(exact, 12);
    expect(mean("k3")).toBeCloseTo(exact, 12);
    expect(Math.abs(mean("k2") - exact)).toBeLessThan(0.1 * exact);
  });

  it("takes β Σ (log π − log π_reference) off every reward, whatever the length", async () => {
    const samples = [2, 4].map((length, index) => ({
      ...({ id: String(index), text: "", stop: "eos", trace: false, reward: 1, advantage: 0 } as const),
      tokens: new Int32Array(length),
      logprobs: new Float32Array(length).fill(-0.25),
    }));
    const prompt = { id: "p", kind: "solver/deduction", text: "", tokens: Int32Array.of(1), maxNewTokens: 9 };
    const groups: Group[] = [{ prompt, samples }];
    // The scripted model scores every token -0.5, a quarter of a nat less likely than the policy.
    const reference = new ScriptedModel(selfPlay);
    const { events } = await drain(penalizeKl(groups, reference, { coefficient: 0.4 }));
    expect(samples.map(({ reward }) => reward)).toEqual([1 - 0.4 * 0.5, 1 - 0.4 * 1].map((x) => expect.closeTo(x, 6)));
    expect(events).toMatchObject([{ sampleId: "0" }, { sampleId: "1" }]);
    expect(klOf([-0.25, -0.25], [-0.5, -0.5], "k1")).toBeCloseTo(0.5, 12);
  });
});
