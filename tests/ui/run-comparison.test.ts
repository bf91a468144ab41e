import { describe, expect, it } from "vitest";
import { shareIn, type TrainEvent, USUAL_GAUGES } from "../../src/contracts";
import { replayState } from "../../src/telemetry/reducer";
import {
  beforeAfter,
  commonSuites,
  compareSettings,
  figuresOf,
  overlayAccuracy,
  overlayGauge,
} from "../../src/ui/run-comparison";
import { scriptedRun } from "./scripted-run";

const events = (seed: number, steps: number) => [...scriptedRun({ seed, steps, proposals: 3, rollouts: 4 })];
const [long, short] = [events(1, 10), events(2, 6)];
const [a, b] = [figuresOf(long), figuresOf(short)];
const traceShare = USUAL_GAUGES.find(({ name }) => name === "trace-share");
if (!a.header || !b.header || !traceShare) throw new Error("the scripted runs have headers");

describe("figuresOf", () => {
  it("are those of the whole log", () => {
    const { header, history, evaluations } = replayState(long);
    expect(a).toMatchObject({ header, history, evaluations });
  });
});

describe("compareSettings", () => {
  it("says what differs and what does not, nested settings too", () => {
    const rows = compareSettings(a.header!, { ...b.header!, kernels: { linear: "plain" } });
    const differing = rows.filter(({ differs }) => differs);
    expect(differing.map(({ name, values }) => [name, ...values])).toEqual([
      ["seed", "1", "2"],
      ["steps", "10", "6"],
      ["kernels.linear", "–", "plain"],
    ]);
    expect(rows.find(({ name }) => name === "proposals")).toMatchObject({ values: ["3", "3"], differs: false });
    expect(compareSettings(a.header!, a.header!).some(({ differs }) => differs)).toBe(false);
  });
});

describe("overlays", () => {
  it("lay both runs over the steps of either, with gaps where one has none", () => {
    const { steps, series } = overlayGauge([a, b], traceShare);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const line = series.find(({ label }) => label === "B deduction");
    expect(line?.values.slice(6)).toEqual([null, null, null, null]);
    expect(line?.values.slice(0, 6)).toEqual(b.history.map(({ metrics }) => metrics["trace/share/deduction"]));
    expect(line?.dash).not.toEqual(series.find(({ label }) => label === "A deduction")?.dash);
  });

  it("lie over the tokens that were sampled by then, if they are to be compared by those", () => {
    const thousands = (steps: number) =>
      Math.round(
        a.history.slice(0, steps).reduce((sum, { metrics }) => sum + (metrics["tokens/sampled"] ?? 0), 0) / 100,
      ) / 10;
    const { steps } = overlayAccuracy([a, a], "in-distribution", "thousand tokens");
    expect(steps).toEqual([0, 5, 10].map(thousands));
    expect(steps.at(-1)).toBeGreaterThan(0);
    // A run that samples three times as much in a step reaches further in fewer steps.
    const thrice = b.history.map((record) => {
      const sampled = 3 * (record.metrics["tokens/sampled"] ?? 0);
      return { ...record, metrics: { ...record.metrics, "tokens/sampled": sampled } };
    });
    const gauge = overlayGauge([a, { ...b, history: thrice }], traceShare, "thousand tokens");
    const last = (label: string) =>
      gauge.steps[gauge.series.find((line) => line.label === label)?.values.findLastIndex((one) => one !== null) ?? -1];
    expect(last("A deduction")).toBe(thousands(10));
    expect(last("B deduction")).toBeGreaterThan(1.5 * thousands(10));
  });

  it("show accuracy in percent at the steps it was measured", () => {
    const { steps, series, range } = overlayAccuracy([a, b], "in-distribution");
    expect(range).toEqual([0, 100]);
    expect(steps).toEqual([0, 5, 10]);
    const measured = a.evaluations.map(({ measures }) => 100 * (shareIn(measures, "abduction/greedy") ?? 0));
    expect(series.find(({ label }) => label === "A abduction")?.values.filter((value) => value !== null)).toEqual(
      measured,
    );
  });
});

describe("beforeAfter", () => {
  it("gives the first and the last evaluation of each, and the change", () => {
    const { columns, rows } = beforeAfter([a, b]);
    expect(columns).toHaveLength(7);
    const row = rows.find(([name]) => name === "in-distribution, deduction") ?? [];
    const greedy = (index: number) =>
      (100 * (shareIn(a.evaluations.at(index)?.measures, "deduction/greedy") ?? 0)).toFixed(1);
    expect(row.slice(1, 3)).toEqual([greedy(0), greedy(-1)]);
    // Each of the three is rounded to a tenth by itself.
    expect(Math.abs(Number(row[3]) - (Number(greedy(-1)) - Number(greedy(0))))).toBeLessThan(0.15);
  });

  it("leaves a dash where a run was not measured, and suites of both come first", () => {
    const other = short.map(
      (event): TrainEvent => (event.type === "evaluate.result" ? { ...event, suite: "other" } : event),
    );
    const unlike = figuresOf([...other, ...short.filter(({ type }) => type === "evaluate.result")]);
    expect(commonSuites(unlike, a)).toEqual(["in-distribution", "other"]);
    const row = beforeAfter([a, unlike]).rows.find(([name]) => name === "other, deduction");
    expect(row?.slice(1, 4)).toEqual(["–", "–", "–"]);
  });
});
