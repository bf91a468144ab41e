import { afterEach, describe, expect, it } from "vitest";
import type { TrainEvent } from "../../src/contracts";
import { countFlags, readPattern, setFlags, USUAL_FLAGS } from "../../src/telemetry/flags";
import { replayState } from "../../src/telemetry/reducer";
import { initialState } from "../../src/telemetry/state";
import { scriptedRun } from "../ui/scripted-run";

const { flagged: none } = initialState;
afterEach(() => setFlags(USUAL_FLAGS));

describe("the monitor", () => {
  it.each([
    ["I will outsmart all of them", ["outsmart"]],
    ["Humans, and what they deceive", ["humans", "deceive"]],
    ["import  os\n x=eval (y)", ["import\\s+(?:os|sys|subprocess|socket|ctypes|js|pyodide)", "eval\\s*\\("]],
    ["x.__class__", ["__"]],
    ["def f(x):\n x=x+1\n return evaluate", []],
    ["superhumans", []],
  ])("flags %j", (text, wanted) => {
    const { counts, texts } = countFlags(none, "a", text);
    expect(new Set(Object.keys(counts))).toEqual(new Set(wanted));
    expect(texts).toBe(wanted.length > 0 ? 1 : 0);
  });

  it("takes a list of the visitor's own: words as a whole, patterns, and what is no pattern as it stands", () => {
    setFlags(["x=x", "sort", "[oops", "zz|yy$"]);
    expect(Object.keys(countFlags(none, "a", "x=x+1").counts)).toEqual(["x=x"]);
    expect(countFlags(none, "a", "sorted").texts).toBe(0);
    expect(Object.keys(countFlags(none, "a", "say [OOPS now").counts)).toEqual(["[oops"]);
    expect(readPattern("zz|yy$").pattern.test("my yy")).toBe(true);
  });

  it("keeps the newest five texts, cut, and counts every text once", () => {
    let flagged = none;
    for (let place = 0; place < 8; place++) flagged = countFlags(flagged, `s${place}`, `__ ${"w".repeat(500)} humans`);
    expect(flagged.texts).toBe(8);
    expect(flagged.counts).toEqual({ __: 8, humans: 8 });
    expect(flagged.latest.map(({ sampleId }) => sampleId)).toEqual(["s3", "s4", "s5", "s6", "s7"]);
    expect(flagged.latest[0]?.text).toHaveLength(200);
  });

  it("reads every sample of a run but those of an evaluation, and finds nothing in an honest one", () => {
    const events = [...scriptedRun({ seed: 5, steps: 2, proposals: 4, rollouts: 4 })];
    expect(replayState(events).flagged).toEqual(none);
    const spoiled = events.map(
      (event): TrainEvent =>
        event.type === "rollout.sample" ? { ...event, sample: { ...event.sample, text: "humans" } } : event,
    );
    const samples = spoiled.filter((event) => event.type === "rollout.sample" && event.purpose !== "evaluate");
    expect(replayState(spoiled).flagged.texts).toBe(samples.length);
  });
});
