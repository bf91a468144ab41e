/** The curves of the page: what each reads, on which fixed range, and what it means in one sentence. */
import { largest, TASK_TYPES, type TaskType } from "../contracts";
import type { RunState, StepRecord } from "../telemetry/state";
import type { ChartSeries, MarkShape } from "./elements/line-chart-types";
import { fixed } from "./format";
import type { TermName } from "./learn/glossary";

/** Colour, dash and mark of each task type, so that colour is never the only difference. */
export const TYPE_STYLE: Readonly<Record<TaskType, { color: string; dash: readonly number[]; mark: MarkShape }>> = {
  deduction: { color: "--k-type-deduction", dash: [], mark: "circle" },
  abduction: { color: "--k-type-abduction", dash: [6, 3], mark: "square" },
  induction: { color: "--k-type-induction", dash: [1.5, 3], mark: "triangle" },
};

const INK = { color: "--k-ink-2", dash: [], mark: "circle" } as const;

export interface Gauge {
  readonly name: string;
  readonly title: string;
  /** One line under the curve. */
  readonly short: string;
  /** One sentence in the dialog. */
  readonly meaning: string;
  /** Metric key; with `byType`, one line per task type. */
  readonly metric: string;
  readonly byType: boolean;
  /** Range of the axis; it doubles at the top when a value leaves it, and never shrinks. */
  readonly range: readonly [number, number];
  readonly decimals: number;
  /** Its entry in the glossary. */
  readonly term: TermName;
}

export const GAUGES: readonly Gauge[] = [
  {
    name: "trace-share",
    term: "trace",
    title: "Trace share",
    short: "answers worked step by step",
    metric: "trace/share",
    byType: true,
    range: [0, 1],
    decimals: 2,
    meaning:
      "The share of answers that write down every intermediate value before answering. Most of the gain is this curve rising: the model could already work step by step, and discovers that it pays.",
  },
  {
    name: "completion-length",
    term: "completion-length",
    title: "Completion length",
    short: "tokens per answer",
    metric: "length/completion",
    byType: true,
    range: [0, 40],
    decimals: 0,
    meaning: "Mean tokens of an answer. Worked answers are longer, so this rises together with the trace share.",
  },
  {
    name: "solver-reward",
    term: "reward",
    title: "Solver reward",
    short: "mean of −1, −0.5 and +1",
    metric: "reward/solver",
    byType: true,
    range: [-1, 1],
    decimals: 2,
    meaning:
      "Mean reward of the trained answers: +1 right, −0.5 wrong, −1 when there is no readable answer. The tasks get harder while it learns, so this rises slower than held-out accuracy.",
  },
  {
    name: "proposer-reward",
    term: "learnability",
    title: "Proposer reward",
    short: "high when sometimes solved",
    metric: "reward/proposer",
    byType: true,
    range: [-1, 1],
    decimals: 2,
    meaning:
      "Mean reward of the proposals: high for tasks that are solved rarely but not never, zero for tasks that are always or never solved, negative for what cannot become a task.",
  },
  {
    name: "valid-rate",
    term: "valid-rate",
    title: "Valid rate",
    short: "proposals the verifier accepts",
    metric: "valid/rate",
    byType: true,
    range: [0, 1],
    decimals: 2,
    meaning:
      "The share of proposals that run, are deterministic, stay in the domain of the tasks and are worth asking.",
  },
  {
    name: "program-length",
    term: "program-length",
    title: "Program length",
    short: "statements per new program",
    metric: "statements/proposed",
    byType: true,
    range: [0, 6],
    decimals: 1,
    meaning:
      "Mean statements of the programs that became tasks. Self-play makes its own tasks harder: programs grow while the solver gets better.",
  },
  {
    name: "entropy",
    term: "entropy",
    title: "Entropy",
    short: "nats per token, how undecided",
    metric: "policy/entropy",
    byType: false,
    range: [0, 1],
    decimals: 2,
    meaning:
      "How undecided the policy is at each token, in nats. It falls while the policy settles; near zero there is nothing left to explore.",
  },
  {
    name: "kl",
    term: "kl",
    title: "KL to reference",
    short: "drift from the start, nats",
    metric: "policy/kl",
    byType: false,
    range: [0, 0.05],
    decimals: 3,
    meaning:
      "How far the policy has moved from the model it started as (k3 estimate, nats per token). It is measured only when the method keeps a frozen copy.",
  },
  {
    name: "gradient-norm",
    term: "gradient-norm",
    title: "Gradient norm",
    short: "before clipping",
    metric: "policy/gradNorm",
    byType: false,
    range: [0, 2],
    decimals: 2,
    meaning: "Length of the gradient over all weights before it is clipped. Spikes mean that one batch pulled hard.",
  },
  {
    name: "clip-fraction",
    term: "clip-fraction",
    title: "Clip fraction",
    short: "tokens that no longer count",
    metric: "policy/clipFraction",
    byType: false,
    range: [0, 0.1],
    decimals: 3,
    meaning:
      "The share of tokens whose probability has left the trusted range since they were sampled. Each step makes one update from its own samples, so this stays at zero; anything else means that sampling and training disagree.",
  },
  {
    name: "learnable-share",
    term: "learnability",
    title: "Learnable share",
    short: "new tasks solved sometimes",
    metric: "learnable/share",
    byType: true,
    range: [0, 1],
    decimals: 2,
    meaning:
      "The share of new tasks that some tries solved and others did not. Only these can teach, and only these pay their proposer.",
  },
];

/** Lines of a gauge over the finished steps; types that were never measured have none. */
export function gaugeSeries(gauge: Gauge, history: readonly StepRecord[]): ChartSeries[] {
  if (!gauge.byType) {
    const values = metricValues(history, gauge.metric);
    return values.some((value) => value !== null) ? [{ label: gauge.title.toLowerCase(), ...INK, values }] : [];
  }
  return TASK_TYPES.map((type) => ({
    label: type,
    ...TYPE_STYLE[type],
    values: metricValues(history, `${gauge.metric}/${type}`),
  })).filter(({ values }) => values.some((value) => value !== null));
}

/** The fixed range, its top doubled until every value fits. */
export function gaugeRange({ range: [low, high] }: Gauge, series: readonly ChartSeries[]): readonly [number, number] {
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
): { columns: string[]; rows: string[][] } {
  const rows = steps.map((step, index) => [
    String(step),
    ...series.map(({ values }) => fixed(values[index] ?? null, decimals)),
  ]);
  return { columns: ["step", ...series.map(({ label }) => label)], rows };
}

export interface HeadlineData {
  readonly suite: string;
  readonly steps: readonly number[];
  readonly series: readonly ChartSeries[];
  /** Accuracy in percent with forced traces, per type, from the first evaluation that measured it. */
  readonly forced: readonly { readonly type: TaskType; readonly value: number }[];
  /** Tasks per type of each evaluation; those in between may use fewer. */
  readonly tasks: readonly number[];
}

/** Held-out accuracy of one suite in percent, greedy. */
export function headline({ evaluations }: Pick<RunState, "evaluations">, suite: string): HeadlineData {
  const of = evaluations.filter((evaluation) => evaluation.suite === suite);
  const series = TASK_TYPES.map((type) => {
    const values = of.map(({ result }) => (result[type] ? 100 * result[type].greedy : null));
    return { label: type, ...TYPE_STYLE[type], values };
  });
  const forced = TASK_TYPES.flatMap((type) => {
    const value = of.map(({ result }) => result[type]?.forcedTrace).find((share) => share !== undefined);
    return value === undefined ? [] : [{ type, value: 100 * value }];
  });
  const tasks = of.map(({ result }) =>
    largest(
      Object.values(result).map((accuracy) => accuracy.tasks),
      0,
    ),
  );
  const measured = series.filter(({ values }) => values.some((value) => value !== null));
  return { suite, steps: of.map(({ step }) => step), series: measured, forced, tasks };
}

/** Suites in order of first evaluation. */
export function suitesOf({ evaluations }: Pick<RunState, "evaluations">): string[] {
  return [...new Set(evaluations.map(({ suite }) => suite))];
}

/** Seconds per phase over the run. */
export function phaseSeconds(history: readonly StepRecord[]): ChartSeries[] {
  const seconds = (names: readonly (keyof StepRecord["timings"])[]) =>
    history.map(({ timings }) => names.reduce((sum, name) => sum + (timings[name] ?? 0), 0) / 1000);
  const lines: readonly (readonly [string, readonly (keyof StepRecord["timings"])[], readonly number[], MarkShape])[] =
    [
      ["propose", ["propose"], [], "circle"],
      ["solve", ["solve"], [6, 3], "square"],
      ["update", ["update"], [1.5, 3], "triangle"],
      ["rest", ["verify", "reward", "advantage"], [1, 6], "none"],
    ];
  return lines.map(([label, names, dash, mark]) => ({ label, color: "--k-ink-2", dash, mark, values: seconds(names) }));
}

function metricValues(history: readonly StepRecord[], key: string): (number | null)[] {
  return history.map(({ metrics }) => metrics[key] ?? null);
}
