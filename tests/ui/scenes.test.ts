import { describe, expect, it } from "vitest";
import { type TrainEvent, USUAL_GAUGES } from "../../src/contracts";
import { replayState } from "../../src/telemetry/reducer";
import { gaugeRange, gaugeSeries, headline, lastValue, tableOf } from "../../src/ui/gauges";
import { creditShare, leadingScene, scenesOf } from "../../src/ui/scenes";
import { scriptedRun } from "./scripted-run";

const events = [...scriptedRun({ seed: 5, steps: 3, proposals: 4, rollouts: 4 })];
const upTo = (type: TrainEvent["type"], step: number) =>
  replayState(
    events.slice(0, events.findIndex((event) => event.type === type && "step" in event && event.step === step) + 1),
  );

describe("scenes", () => {
  const { current } = upTo("step.end", 1);
  const scenes = scenesOf(current);

  it("are one per proposal, with the attempts at the task it became", () => {
    expect(scenes).toHaveLength(12);
    const valid = scenes.filter(({ proposal }) => proposal?.verdict?.verdict === "VALID");
    expect(valid.every(({ attempts }) => attempts.length === 5)).toBe(true);
    const refused = scenes.filter(({ proposal }) => proposal?.verdict?.verdict !== "VALID");
    expect(refused.every(({ attempts }) => attempts.length === 0)).toBe(true);
  });

  it("show an advantage only where the sample was trained on", () => {
    for (const { attempts } of scenes) {
      for (const { record, share } of attempts) expect(share !== null).toBe(record.purpose === "train");
    }
  });

  it("let the types take turns, by step, and a task that is sometimes solved lead", () => {
    expect(leadingScene(scenes)?.type).toBe("abduction");
    const lead = leadingScene(scenes);
    const right = lead?.attempts.filter(({ record }) => record.verdict?.verdict === "CORRECT").length ?? 0;
    const mixed = scenes.filter(({ type, attempts }) => {
      const solved = attempts.filter(({ record }) => record.verdict?.verdict === "CORRECT").length;
      return type === "abduction" && solved > 0 && solved < attempts.length;
    });
    expect(mixed.length).toBeGreaterThan(0);
    expect(right).toBeGreaterThan(0);
    expect(leadingScene([])).toBeNull();
  });

  it("are computed once per state", () => {
    expect(scenesOf(current)).toBe(scenes);
  });

  it("carry the arithmetic of an advantage that adds up", () => {
    const attempt = scenes
      .flatMap(({ attempts }) => attempts)
      .find(({ share }) => share !== null && share.credit.deviation > 0);
    const share = creditShare(current, attempt?.record.sample.id ?? "");
    if (!share) throw new Error("some attempt was trained on");
    const { credit, reward, advantage } = share;
    expect(advantage).toBeCloseTo((reward - credit.mean) / (credit.deviation + 1e-4), 6);
    expect(creditShare(current, "nobody")).toBeNull();
  });

  it("stand by themselves where a task was not proposed in this step", () => {
    const proposed = scenes.find(({ attempts }) => attempts.length > 0)?.attempts[0]?.record;
    const task = proposed?.prompt.task;
    if (!proposed || !task) throw new Error("the script has attempts");
    const prompt = { ...proposed.prompt, id: "2/solve/0", task: { ...task, id: "older" } };
    const event: TrainEvent = {
      type: "rollout.sample",
      prompt,
      sample: proposed.sample,
      purpose: "train",
      step: 2,
      ms: 0,
    };
    const second: TrainEvent = { ...event, sample: { ...proposed.sample, id: "other" } };
    const [scene, ...rest] = scenesOf(replayState([event, second]).current);
    expect(rest).toEqual([]);
    expect(scene).toMatchObject({ id: "2/solve/0", proposal: null, program: task.program });
    expect(scene?.attempts).toHaveLength(2);
  });
});

describe("gauges", () => {
  const state = upTo("run.end", 3);

  it("read the metrics they name, one line per type that was measured", () => {
    const trace = USUAL_GAUGES.find(({ name }) => name === "trace-share");
    if (!trace) throw new Error("there is a trace gauge");
    const series = gaugeSeries(trace, state.history);
    expect(series.map(({ label }) => label)).toEqual(["deduction", "abduction"]);
    expect(lastValue(series[0] ?? { ...trace, label: "", color: "", dash: [], mark: "none", values: [] })).toBe(
      state.history.at(-1)?.metrics["trace/share/deduction"],
    );
    expect(gaugeSeries(trace, [])).toEqual([]);
  });

  it("keep a fixed range that doubles when a value leaves it", () => {
    const gauge = { ...USUAL_GAUGES[0], range: [0, 40] } as (typeof USUAL_GAUGES)[number];
    const line = (value: number) => [{ label: "", color: "", dash: [], mark: "none" as const, values: [null, value] }];
    expect(gaugeRange(gauge, line(39))).toEqual([0, 40]);
    expect(gaugeRange(gauge, line(41))).toEqual([0, 80]);
    expect(gaugeRange(gauge, [])).toEqual([0, 40]);
  });

  it("have a table with the same numbers", () => {
    const { columns, rows } = tableOf(
      [0, 5],
      [{ label: "deduction", color: "", dash: [], mark: "none", values: [0.34, null] }],
      2,
    );
    expect(columns).toEqual(["step", "deduction"]);
    expect(rows).toEqual([
      ["0", "0.34"],
      ["5", "–"],
    ]);
  });

  it("show held-out accuracy in percent with what forced traces reach", () => {
    const data = headline(state, "in-distribution");
    expect(data.series.map(({ label }) => label)).toEqual(["deduction", "abduction", "induction"]);
    expect(data.series[0]?.values[0]).toBeCloseTo(34.1, 0);
    expect(data.forced).toEqual([
      { type: "deduction", value: 87.7 },
      { type: "abduction", value: 85.5 },
    ]);
    expect(data.tasks).toEqual(data.steps.map(() => 100));
    expect(headline(state, "unknown").steps).toEqual([]);
  });
});
