/** Two runs against each other: what they were set to, how they went, what came of them. Pure. */
import { describeLora, type GaugeInfo, isHeadline, type Json, partsOf, shareIn, type TrainEvent } from "../contracts";
import { replayState } from "../telemetry/reducer";
import type { RunHeader, RunState } from "../telemetry/state";
import type { ChartSeries } from "./elements/line-chart-types";
import { fixed, signed, stepNumber } from "./format";
import { gaugeRange, gaugeSeries, headline, suitesOf } from "./gauges";

/** The compared parts of a run, without samples. */
export type RunFigures = Pick<RunState, "header" | "history" | "evaluations">;

const COMPARED: ReadonlySet<TrainEvent["type"]> = new Set(["run.start", "step.end", "evaluate.result", "run.end"]);

/** The figures of a log, without rebuilding its steps. */
export function figuresOf(events: readonly TrainEvent[]): RunFigures {
  return replayState(events.filter(({ type }) => COMPARED.has(type)));
}

/** One setting of both runs as text; "–" if a run lacks it. */
export interface SettingRow {
  readonly name: string;
  readonly values: readonly [string, string];
  readonly differs: boolean;
}

/** All settings of both, in order: identity of the run first, then the method's settings. */
export function compareSettings(a: RunHeader, b: RunHeader): SettingRow[] {
  const [left, right] = [settingsOf(a), settingsOf(b)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names.map((name) => {
    const values = [left.get(name) ?? "–", right.get(name) ?? "–"] as const;
    return { name, values, differs: values[0] !== values[1] };
  });
}

function settingsOf({ method, seed, steps, model, device, kernels, config, lora }: RunHeader): Map<string, string> {
  return new Map([
    ["method", method],
    ["seed", String(seed)],
    ["steps", String(steps)],
    ["model", model.name],
    ["parameters", String(model.parameters)],
    ["trained", lora ? describeLora(lora) : "the whole model"],
    ["prompts", model.chat === "on" ? "by the model's chat template" : "as they are"],
    ["device", device],
    ...flat("kernels", kernels),
    ...flat("", config),
  ]);
}

/** The entries of a record as `name.key`; other values are one entry. */
function flat(name: string, value: Json): [string, string][] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([key, inner]) => flat(name === "" ? key : `${name}.${key}`, inner));
}

/** Suites of either run, common ones first. */
export function commonSuites(a: RunFigures, b: RunFigures): string[] {
  const [left, right] = [suitesOf(a), suitesOf(b)];
  const all = [...new Set([...left, ...right])];
  const shared = (suite: string) => left.includes(suite) && right.includes(suite);
  return [...all.filter(shared), ...all.filter((suite) => !shared(suite))];
}

/** What the curves of two runs are drawn over: steps, or the tokens that the policy had sampled by then. */
export type Across = "step" | "thousand tokens";

/** Lines of both runs over the steps of either, or over thousands of sampled tokens. */
export interface Overlay {
  readonly steps: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly range: readonly [number, number];
}

const NAMES = ["A", "B"] as const;
/** Run A is solid, run B dashed; types keep colour and mark. */
const DASHES = [[], [6, 3]] as const;

/** Held-out accuracy of both on one suite, in percent. */
export function overlayAccuracy(
  runs: readonly [RunFigures, RunFigures],
  suite: string,
  across: Across = "step",
): Overlay {
  const lines = runs.map((run) => {
    const { steps, series } = headline(run, suite);
    return { steps: steps.map(placeOf(run, across)), series };
  });
  return overlay(lines, [0, 100]);
}

/** A gauge of both. */
export function overlayGauge(
  runs: readonly [RunFigures, RunFigures],
  gauge: GaugeInfo,
  across: Across = "step",
): Overlay {
  const lines = runs.map((run) => ({
    steps: run.history.map(({ step }) => stepNumber(step)).map(placeOf(run, across)),
    series: gaugeSeries(gauge, run.history),
  }));
  const range = gaugeRange(
    gauge,
    lines.flatMap(({ series }) => series),
  );
  return overlay(lines, range);
}

/** Where a number of finished steps lies: methods that sample much per step are compared fairly by what they sampled. */
function placeOf({ history }: RunFigures, across: Across): (steps: number) => number {
  if (across === "step") return (steps) => steps;
  let sum = 0;
  const sampled = new Map<number, number>();
  for (const { step, metrics } of history) {
    sum += metrics["tokens/sampled"] ?? 0;
    sampled.set(stepNumber(step), sum);
  }
  // Before the first step nothing is sampled; a skipped step has no record, and counts as the one before it.
  const before = (steps: number) => history.findLast(({ step }) => stepNumber(step) <= steps);
  return (steps) => {
    const last = before(steps);
    return Math.round(((last && sampled.get(stepNumber(last.step))) ?? 0) / 100) / 10;
  };
}

type Lines = Pick<Overlay, "steps" | "series">;

function overlay(runs: readonly Lines[], range: readonly [number, number]): Overlay {
  const steps = [...new Set(runs.flatMap((run) => run.steps))].sort((a, b) => a - b);
  return {
    steps,
    range,
    series: runs.flatMap((run, index) => run.series.map((line) => moved(line, run, steps, index))),
  };
}

/** A run's line over all steps, labelled with the run's letter. */
function moved(line: ChartSeries, { steps: own }: Lines, steps: readonly number[], index: number): ChartSeries {
  const at = new Map(own.map((step, position) => [step, line.values[position] ?? null]));
  const values = steps.map((step) => at.get(step) ?? null);
  return { ...line, values, label: `${NAMES[index]} ${line.label}`, dash: DASHES[index] ?? [] };
}

/** Results before and after, for every suite of either run and each measure that a curve shows; percent. */
export function beforeAfter(runs: readonly [RunFigures, RunFigures]): { columns: string[]; rows: string[][] } {
  const columns = ["suite and type", ...NAMES.flatMap((name) => [`${name} before`, "after", "change"])];
  const rows = commonSuites(...runs).flatMap((suite) =>
    headlinesOf(runs, suite).map((name) => [
      `${suite}, ${partsOf(name).subject}`,
      ...runs.flatMap((run) => ends(run, suite, name)),
    ]),
  );
  return { columns, rows };
}

/** Names in order of first occurrence. */
function headlinesOf(runs: readonly RunFigures[], suite: string): string[] {
  const of = runs.flatMap(({ evaluations }) => evaluations.filter((one) => one.suite === suite));
  return [...new Set(of.flatMap(({ measures }) => measures.filter(isHeadline)).map(({ name }) => name))];
}

function ends({ evaluations }: RunFigures, suite: string, name: string): [string, string, string] {
  const of = evaluations.filter((one) => one.suite === suite && shareIn(one.measures, name) !== undefined);
  const [first, last] = [shareIn(of[0]?.measures, name), shareIn(of.at(-1)?.measures, name)];
  if (first === undefined || last === undefined) return ["–", "–", "–"];
  return [fixed(100 * first, 1), fixed(100 * last, 1), of.length < 2 ? "–" : signed(100 * (last - first), 1)];
}

/** The curves that either run's method shows, those of the first before others. */
export function commonGauges(runs: readonly RunFigures[]): readonly GaugeInfo[] {
  const all = runs.flatMap(({ header }) => header?.display.gauges ?? []);
  return all.filter(({ name }, index) => all.findIndex((one) => one.name === name) === index);
}
