import { TASK_TYPES } from "../contracts";
import type { StepRecord } from "../telemetry/state";

/** One small curve of the report. */
export interface Figure {
  readonly title: string;
  readonly meaning: string;
  /** Metric key; with `byType`, one line per task type. */
  readonly metric: string;
  readonly byType: boolean;
}

/** The curves of a report, in its order. */
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

/** Colour and dash per task type, as on the page; an ink line where there is one only. */
const LINES = [
  { color: "#7a5ad6", dash: "" },
  { color: "#0a9673", dash: "6 3" },
  { color: "#d84d99", dash: "1.5 3" },
] as const;
const INK = { color: "#7d8087", dash: "" } as const;

const WIDTH = 300;
const HEIGHT = 90;
const EDGE = 6;

/** The curve with its range in words, so that no axis is needed. */
export function drawFigure(history: readonly StepRecord[], { title, meaning, metric, byType }: Figure): string {
  const keys = byType ? TASK_TYPES.map((type) => `${metric}/${type}`) : [metric];
  const lines = keys.map((key) => history.flatMap(({ step, metrics }) => point(step, metrics[key])));
  const values = lines.flat().map(([, value]) => value);
  if (values.length === 0) return figure(title, `${meaning}: not measured`, "");
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const steps = Math.max(1, ...lines.flat().map(([step]) => step));
  const place = ([step, value]: readonly [number, number]): string => {
    const x = EDGE + ((WIDTH - 2 * EDGE) * step) / steps;
    const y = HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * (value - low)) / (high - low || 1);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  const drawn = lines.map((line, index) => {
    const { color, dash } = byType ? (LINES[index] ?? INK) : INK;
    return `<polyline points="${line.map(place).join(" ")}" fill="none" stroke="${color}" stroke-width="1.75" stroke-dasharray="${dash}"/>`;
  });
  const last = keys.map((key) => history.at(-1)?.metrics[key]?.toFixed(2) ?? "–").join(" / ");
  return figure(title, `${meaning}; last ${last}, range ${low.toFixed(2)} to ${high.toFixed(2)}`, drawn.join(""));
}

function point(step: number, value: number | undefined): [number, number][] {
  return value === undefined || !Number.isFinite(value) ? [] : [[step, value]];
}

function figure(title: string, caption: string, lines: string): string {
  const picture = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}: ${caption}">${lines}</svg>`;
  return `<figure><figcaption><b>${title}</b><span class="quiet">${caption}</span></figcaption>${picture}</figure>`;
}
