import { ALL_TASK_TYPES, type TaskType } from "../contracts";
import type { StepRecord } from "../telemetry/state";

/** One small curve of the report. */
export interface Figure {
  readonly title: string;
  readonly meaning: string;
  /** Metric key; with `byType`, one line per task type. */
  readonly metric: string;
  readonly byType: boolean;
}

/** The curves of a report, in order. */
export const FIGURES: readonly Figure[] = [
  { title: "Trace share", meaning: "answers worked step by step", metric: "trace/share", byType: true },
  { title: "Solver reward", meaning: "mean reward of trained answers", metric: "reward/solver", byType: true },
  {
    title: "Proposer reward",
    meaning: "high where tasks are sometimes solved",
    metric: "reward/proposer",
    byType: true,
  },
  { title: "Valid rate", meaning: "proposals the verifier accepts", metric: "valid/rate", byType: true },
  { title: "Completion length", meaning: "tokens per answer", metric: "length/completion", byType: true },
  { title: "Entropy", meaning: "nats per token, how undecided", metric: "policy/entropy", byType: false },
  { title: "KL to reference", meaning: "drift from the start, nats", metric: "policy/kl", byType: false },
  { title: "Gradient norm", meaning: "before clipping", metric: "policy/gradNorm", byType: false },
];

/** Dashes per task type, as on the page; the style sheet sets each class's colour. */
const DASHES: Readonly<Record<TaskType, string>> = {
  deduction: "",
  abduction: "6 3",
  induction: "1.5 3",
  integration: "8 3 1.5 3",
};

const WIDTH = 300;
const HEIGHT = 90;
const EDGE = 6;

/** The curve, with its range in words instead of an axis; "" if the run did not measure it, or it was always 0. */
export function drawFigure(history: readonly StepRecord[], { title, meaning, metric, byType }: Figure): string {
  const keys = byType ? ALL_TASK_TYPES.map((type) => `${metric}/${type}`) : [metric];
  const lines = keys.map((key) => history.flatMap(({ step, metrics }) => point(step, metrics[key])));
  const points = lines.flat();
  if (points.every(([, value]) => value === 0)) return "";
  const [low, high] = rangeOf(points.map(([, value]) => value));
  const [, steps] = rangeOf([1, ...points.map(([step]) => step)]);
  const place = ([step, value]: readonly [number, number]): string => {
    const x = EDGE + ((WIDTH - 2 * EDGE) * step) / steps;
    const y = HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * (value - low)) / (high - low || 1);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  const drawn = lines.map((line, index) => {
    const type = byType ? ALL_TASK_TYPES[index] : undefined;
    return `<polyline class="${type ?? "all"}" points="${line.map(place).join(" ")}" ${stroke(type)}/>`;
  });
  const last = lines.flatMap((line) => line.at(-1)?.[1] ?? []).map(number);
  return figure(title, `${meaning}; last ${last.join(" / ")}, range ${number(low)} to ${number(high)}`, drawn.join(""));
}

/** About three digits, with a real minus sign. */
function number(value: number): string {
  const size = Math.abs(value);
  return `${value < 0 ? "−" : ""}${size.toFixed(size >= 10 ? 1 : size > 0 && size < 0.1 ? 3 : 2)}`;
}

/** One legend for all figures: of the types that the run measured. */
export function drawLegend(history: readonly StepRecord[]): string {
  const measured = new Set(
    history.flatMap(({ metrics }) => Object.keys(metrics).map((name) => name.split("/").at(-1))),
  );
  const sample = (type: TaskType) =>
    `<span><svg viewBox="0 0 32 8" aria-hidden="true"><polyline class="${type}" points="0,4 32,4" ${stroke(type)}/></svg>${type}</span>`;
  return `<p class="legend">${ALL_TASK_TYPES.filter((type) => measured.has(type))
    .map(sample)
    .join("")}</p>`;
}

function stroke(type: TaskType | undefined): string {
  return `fill="none" stroke="currentColor" stroke-width="1.75" stroke-dasharray="${type ? DASHES[type] : ""}"`;
}

/** Minimum and maximum. A loop, because long runs have more values than a call takes arguments. */
function rangeOf(values: readonly number[]): readonly [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

function point(step: number, value: number | undefined): [number, number][] {
  return value === undefined || !Number.isFinite(value) ? [] : [[step, value]];
}

function figure(title: string, caption: string, lines: string): string {
  const picture = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}: ${caption}">${lines}</svg>`;
  return `<figure><figcaption><b>${title}</b><span class="quiet">${caption}</span></figcaption>${picture}</figure>`;
}
