import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { TrainEvent } from "../../src/contracts";
import { Milestones } from "../../src/telemetry/milestones";
import { replayState } from "../../src/telemetry/reducer";
import { scriptedRun } from "../ui/scripted-run";

const run = [...scriptedRun({ seed: 1, steps: 12, proposals: 1, rollouts: 1 })].filter(
  ({ type }) => !type.startsWith("live."),
);

/** So many steps that measure one figure each. */
function longRun(steps: number): TrainEvent[] {
  const ends = Array.from({ length: steps }, (_, step): TrainEvent => {
    return { type: "step.end", step, ms: step, metrics: { "policy/loss": step }, timings: {} };
  });
  return [run[0] as TrainEvent, ...ends];
}

describe("the states of a recording", () => {
  it("are those that its events lead to, in whichever order they are asked for", () => {
    const milestones = new Milestones(run);
    for (const step of [12, 0, 7, 8, 3, 12, 11]) {
      const expected = replayState(run.slice(0, milestones.indexAt(step)));
      expect(milestones.stateAt(step)).toEqual(expected);
    }
  });

  it("are computed anew between two that are kept", async () => {
    const long = longRun(1000);
    const milestones = new Milestones(long);
    await milestones.prepare();
    for (const step of [0, 1, 499, 500, 501, 997, 1000])
      expect(milestones.stateAt(step)).toEqual(replayState(long.slice(0, milestones.indexAt(step))));
  });

  it("of 20,000 steps fit into 100 MB", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const heap = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const milestones = new Milestones(longRun(20_000));
    const before = heap();
    expect(milestones.stateAt(20_000).history).toHaveLength(20_000);
    expect(heap() - before).toBeLessThan(100e6);
    expect(milestones.stateAt(12_345).history).toHaveLength(12_345);
  });
});
