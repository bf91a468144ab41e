import { describe, expect, it } from "vitest";
import { cellOf, gainOf, type RunResult } from "../../src/cli/experiment/columns";
import { findExperiment } from "../../src/cli/experiment/declared";
import { pageOf } from "../../src/cli/experiment/page";
import type { TrainEvent } from "../../src/contracts";

const experiment = findExperiment("rlhf");
const arm = experiment.arms[0]!;
const measured = (step: number, value: number): TrainEvent => ({
  ...{ type: "evaluate.result", suite: "rlhf", step, ms: step },
  measures: [{ name: "preference/wins", value, n: 64 }],
});

/** Twenty steps whose gold rises from −1 by a tenth each, at a distance of step² nats, and a wins measure at steps 10 and 20. */
const result: RunResult = {
  ...{ arm, seed: 1, commit: "abc1234" },
  events: [
    {
      ...{ type: "run.start", schema: 1, method: "rlhf", seed: 1, steps: 20, config: {}, device: "none", kernels: {} },
      model: { name: "m", family: "llama", parameters: 1, layers: 1, hidden: 1, vocabulary: 1 },
    },
    ...Array.from({ length: 20 }, (_, step): TrainEvent => {
      const metrics = { "preference/gold": step / 10 - 1, "preference/proxy": step / 5, "preference/kl": step ** 2 };
      return { type: "step.end", step, ms: step, timings: {}, metrics };
    }),
    measured(10, 0.6),
    measured(20, 0.8),
  ],
};

describe("an experiment with columns of its own", () => {
  it("shows metrics as means of the first and the last five steps, and measures first → last", () => {
    expect(cellOf({ title: "gold", metric: "preference/gold" }, result)).toBe("−0.80 → 0.70");
    expect(cellOf({ title: "wins", suite: "rlhf", measure: "preference/wins" }, result)).toBe(".600 → .800");
    expect(cellOf({ title: "none", metric: "preference/none" }, result)).toBe("– → –");
    expect(gainOf({ title: "gold", metric: "preference/gold" }, result)[0]).toBeCloseTo(1.5, 9);
    expect(gainOf({ title: "wins", suite: "rlhf", measure: "preference/wins" }, result)[0]).toBeCloseTo(20, 9);
  });

  it("has them in its table, reads the first of them, and draws two figures over a third", () => {
    const { markdown, plane } = pageOf(experiment, [result], 14, "npm run experiment -- rlhf");
    expect(markdown).toContain("| arm | seed | steps | what the judge likes |");
    expect(markdown).toContain("The 3 arms move what the judge likes by +1.50. No control is measured yet.");
    expect(markdown).toContain("(rlhf-plane.svg)");
    expect(plane?.match(/<polyline/g)).toHaveLength(2);
    // Means over ten steps: gold −0.55 and 0.45 at the root of 28.5 and of 218.5 nats.
    expect(plane).toContain("128 −0.5 → 0.5");
    expect(plane).toContain("128 scored 0.9 → 2.9");
    expect(pageOf(experiment, [], 14, "").plane).toBeNull();
  });
});
