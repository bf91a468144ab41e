/** The curves of the page: what each reads, on which fixed range, and what it means in one sentence. */
import {
  ALL_TASK_TYPES,
  type GaugeInfo,
  isHeadline,
  largest,
  mostMeasured,
  type PhaseInfo,
  partsOf,
  shareIn,
  type TaskType,
} from "../contracts";
import type { RunState, StepRecord } from "../telemetry/state";
import type { ChartSeries, MarkShape } from "./elements/line-chart-types";
import { fixed } from "./format";

/** Colour, dash and mark of each task type, so that colour is never the only difference. */
export const TYPE_STYLE: Readonly<Record<TaskType, { color: string; dash: readonly number[]; mark: MarkShape }>> = {
  deduction: { color: "--k-type-deduction", dash: [], mark: "circle" },
  abduction: { color: "--k-type-abduction", dash: [6, 3], mark: "square" },
  induction: { color: "--k-type-induction", dash: [1.5, 3], mark: "triangle" },
  integration: { color: "--k-type-integration", dash: [8, 3, 1.5, 3], mark: "diamond" },
};

const INK = { color: "--k-ink-2", dash: [], mark: "circle" } as const;

/** Of lines that are not about a task type, in order. */
const OTHER_STYLES: readonly Pick<ChartSeries, "color" | "dash" | "mark">[] = [
  INK,
  { color: "--k-ink-2", dash: [6, 3], mark: "square" },
  { color: "--k-ink-2", dash: [1.5, 3], mark: "triangle" },
  { color: "--k-ink-2", dash: [1, 6], mark: "none" },
];

/** Lines of a gauge over the finished steps; what was never measured has none. */
export function gaugeSeries({ title, metric, split }: GaugeInfo, history: readonly StepRecord[]): ChartSeries[] {
  const lines = split?.map((name) => ({ label: name, key: `${metric}/${name}` })) ?? [
    { label: title.toLowerCase(), key: metric },
  ];
  return lines
    .map(({ label, key }, index) => ({ label, ...lineStyle(label, index), values: metricValues(history, key) }))
    .filter(({ values }) => values.some((value) => value !== null));
}

function lineStyle(label: string, index: number): Pick<ChartSeries, "color" | "dash" | "mark"> {
  const type = ALL_TASK_TYPES.find((name) => name === label);
  return type ? TYPE_STYLE[type] : (OTHER_STYLES[index % OTHER_STYLES.length] ?? INK);
}

/** The fixed range, its top doubled until every value fits. */
export function gaugeRange(
  { range: [low, high] }: GaugeInfo,
  series: readonly ChartSeries[],
): readonly [number, number] {
  const most = largest(
    series.flatMap(({ values }) => values.map((value) => value ?? high)),
    high,
  );
  let top = high;
  while (top < most) top *= 2;
  return [low, top];
}

/** Last measured value of a line. */
export function lastValue({ values }: ChartSeries): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

/** The data table behind any set of lines. */
export function tableOf(
  steps: readonly number[],
  series: readonly ChartSeries[],
  decimals: number,
  across = "step",
): { columns: string[]; rows: string[][] } {
  const rows = steps.map((step, index) => [
    String(step),
    ...series.map(({ values }) => fixed(values[index] ?? null, decimals)),
  ]);
  return { columns: [across, ...series.map(({ label }) => label)], rows };
}

export interface HeadlineData {
  readonly suite: string;
  readonly steps: readonly number[];
  readonly series: readonly ChartSeries[];
  /** Accuracy in percent with forced traces, per subject, from the first evaluation that measured it. */
  readonly forced: readonly { readonly type: string; readonly value: number }[];
  /** Tasks per type of each evaluation; those in between may use fewer. */
  readonly tasks: readonly number[];
}

/** Held-out accuracy of one suite in percent: a line for each measure that a curve shows. */
export function headline({ evaluations }: Pick<RunState, "evaluations">, suite: string): HeadlineData {
  const of = evaluations.filter((evaluation) => evaluation.suite === suite);
  const measured = of.flatMap(({ measures }) => measures);
  const lines = [...new Set(measured.filter(isHeadline).map(({ name }) => name))];
  const series = lines.map((name, index) => {
    const { subject } = partsOf(name);
    const values = of.map(({ measures }) => inPercent(shareIn(measures, name)));
    return { label: subject, ...lineStyle(subject, index), values };
  });
  const forced = lines.flatMap((name) => {
    const type = partsOf(name).subject;
    const value = inPercent(shareIn(measured, `${type}/forcedTrace`));
    return value === null ? [] : [{ type, value }];
  });
  const tasks = of.map(({ measures }) => mostMeasured(measures));
  return { suite, steps: of.map(({ step }) => step), series, forced, tasks };
}

function inPercent(share: number | undefined): number | null {
  return share === undefined ? null : 100 * share;
}

/** Suites in order of first evaluation. */
export function suitesOf({ evaluations }: Pick<RunState, "evaluations">): string[] {
  return [...new Set(evaluations.map(({ suite }) => suite))];
}

/** Seconds per step over the run: a line for each phase that writes or learns, and one for the rest. */
export function phaseSeconds(history: readonly StepRecord[], phases: readonly PhaseInfo[]): ChartSeries[] {
  const seconds = (names: readonly string[]) =>
    history.map(({ timings }) => names.reduce((sum, name) => sum + (timings[name] ?? 0), 0) / 1000);
  const long = phases.filter(({ work }) => work === "writing" || work === "learning").slice(0, OTHER_STYLES.length - 1);
  const lines = [
    ...long.map(({ name }) => ({ label: name, values: seconds([name]) })),
    { label: "rest", values: seconds(phases.filter((phase) => !long.includes(phase)).map(({ name }) => name)) },
  ];
  return lines.map((line, index) => {
    const style = line.label === "rest" ? OTHER_STYLES.at(-1) : OTHER_STYLES[index];
    return { ...(style ?? INK), ...line };
  });
}

function metricValues(history: readonly StepRecord[], key: string): (number | null)[] {
  return history.map(({ metrics }) => metrics[key] ?? null);
}
