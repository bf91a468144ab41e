import { describe, expect, it } from "vitest";
import type { TrainEvent } from "../../src/contracts";
import { makeTask } from "../../src/tasks/task";
import { historiesOf } from "../../src/telemetry/histories";

const task = (id: string) =>
  makeTask({
    id,
    type: "deduction",
    program: `def f(x):\n return x+${id}`,
    inputs: ["1"],
    outputs: ["2"],
    normalized: id,
  });

/** A step's answers to one task: right ones are +. */
function answers(step: number, id: string, marks: string, purpose = "train"): TrainEvent[] {
  return [...marks].flatMap((mark, index) => {
    const sampleId = `${step}/${id}/${index}`;
    const verdict = { verdict: mark === "+" ? "CORRECT" : "WRONG", reason: "" };
    return [
      {
        type: "rollout.sample",
        step,
        ms: 0,
        purpose,
        prompt: { id: sampleId, task: task(id) },
        sample: { id: sampleId },
      },
      { type: "verify.verdict", step, ms: 0, sampleId, verdict },
    ] as unknown as TrainEvent[];
  });
}

describe("histories of a pool", () => {
  it("rank tasks by the variance of their accuracy over the steps", () => {
    const events = [
      ...answers(0, "1", "++--"),
      ...answers(0, "2", "----"),
      ...answers(1, "1", "+++-"),
      ...answers(2, "2", "++++"),
      ...answers(2, "3", "++++"),
      ...answers(4, "3", "----", "evaluate"),
      ...answers(3, "1", "++++"),
    ];
    const ranked = historiesOf(events);
    expect(ranked.map(({ task: { id } }) => id)).toEqual(["2", "1", "3"]);
    expect(ranked[0]).toMatchObject({ accuracies: [0, 1], mean: 0.5, variance: 0.25 });
    // (.25² + 0 + .25²) / 3
    expect(ranked[1]?.accuracies).toEqual([0.5, 0.75, 1]);
    expect(ranked[1]?.variance).toBeCloseTo(0.125 / 3, 12);
    expect(ranked[2]).toMatchObject({ accuracies: [1], variance: 0 });
  });

  it("are none of a run that trained on no task", () => {
    expect(historiesOf([])).toEqual([]);
  });
});
