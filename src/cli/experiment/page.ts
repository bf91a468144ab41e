/** An experiment's page: question, table with every run, curves, where it was measured, and the reading. Pure. */
import { largest, shareIn, smallest, TASK_TYPES, type TaskType, type TrainEvent } from "../../contracts";
import { drawLines, type Line } from "../../telemetry/accuracy-picture";
import { evaluationsOf } from "../../telemetry/reward-field";
import { RunTotals } from "../../telemetry/totals";
import type { Arm, Experiment } from "./declared";

/** One run that is over. */
export interface RunResult {
  readonly arm: Arm;
  readonly seed: number;
  readonly events: readonly TrainEvent[];
  /** Of the code it was made with. */
  readonly commit: string;
}

/** The markdown page and its picture. */
export interface ExperimentPage {
  readonly markdown: string;
  readonly picture: string;
}

/**
 * @param results runs that are over, in any order; the page says how many are still missing
 * @param command that repeats the experiment
 */
export function pageOf(
  experiment: Experiment,
  results: readonly RunResult[],
  planned: number,
  command: string,
): ExperimentPage {
  const sorted = experiment.arms.flatMap((arm) =>
    results.filter((result) => result.arm.name === arm.name).sort((a, b) => a.seed - b.seed),
  );
  const missing = planned - sorted.length;
  const { name, question, suites, evaluateTasks } = experiment;
  const markdown = [
    `# Experiment: ${name}`,
    question,
    readingOf(experiment, sorted),
    ...(missing > 0 ? [`${missing} of ${planned} runs are not over yet.`] : []),
    `Greedy accuracy on ${suites[0]}, up to ${evaluateTasks} tasks per type, before → after; share of traces at temperature 1 after it.`,
    [
      "| arm | seed | steps | deduction | abduction | induction | traces | minutes | device | commit |",
      "|---|---|---|---|---|---|---|---|---|---|",
      ...sorted.map((result) => rowOf(experiment, result)),
    ].join("\n"),
    `![Held-out deduction by step](${name}.svg)`,
    `    ${command}`,
  ].join("\n\n");
  return {
    markdown: `${markdown}\n`,
    picture: drawLines(
      `${name}: held-out deduction, greedy, percent`,
      linesOf(experiment, sorted),
      "one line per run; the controls are dotted",
    ),
  };
}

/** First and last result on the headline suite. */
function endsOf({ suites }: Experiment, { events }: RunResult) {
  const own = evaluationsOf(events).filter(({ suite }) => suite === suites[0]);
  return { before: own[0]?.measures, after: own.at(-1)?.measures };
}

function rowOf(experiment: Experiment, result: RunResult): string {
  const { before, after } = endsOf(experiment, result);
  const totals = new RunTotals();
  for (const event of result.events) totals.see(event);
  const { device, taken } = totals.summary();
  const figures = TASK_TYPES.map(
    (type) => `${share(shareIn(before, `${type}/greedy`))} → ${share(shareIn(after, `${type}/greedy`))}`,
  );
  const traces = (["deduction", "abduction"] as const)
    .map((type) => share(shareIn(after, `${type}/traceShare`)))
    .join(" / ");
  const control = result.arm.control ? " (control)" : "";
  const cells = [
    `${result.arm.name}${control}`,
    result.seed,
    taken,
    ...figures,
    traces,
    minutesOf(result),
    device,
    result.commit,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Working time of the whole run, evaluations included. */
function minutesOf({ events }: RunResult): string {
  const last = events.at(-1);
  return last && "ms" in last ? (last.ms / 60_000).toFixed(1) : "–";
}

/** Two sentences: what the arm in question does, and what the controls do. */
function readingOf(experiment: Experiment, results: readonly RunResult[]): string {
  const gain = (control: boolean) => {
    const of = results.filter(({ arm }) => (arm.control ?? false) === control);
    return TASK_TYPES.map((type) => {
      const gains = of.flatMap((result) => gainOf(experiment, result, type));
      return gains.length === 0 ? null : { type, least: smallest(gains), most: largest(gains) };
    }).filter((one) => one !== null);
  };
  const say = (parts: ReturnType<typeof gain>) =>
    parts
      .map(({ type, least, most }) => `${type} by ${points(least)}${least === most ? "" : ` to ${points(most)}`}`)
      .join(", ");
  const [own, controls] = [gain(false), gain(true)];
  const [only, ...others] = experiment.arms.filter(({ control }) => !control);
  const subject = others.length === 0 ? `${only?.name} moves` : `The ${others.length + 1} arms move`;
  const first = own.length === 0 ? "Nothing is measured yet." : `${subject} ${say(own)} points.`;
  const second = controls.length === 0 ? "No control is measured yet." : `The controls move ${say(controls)} points.`;
  return `${first} ${second}`;
}

function gainOf(experiment: Experiment, result: RunResult, type: TaskType): number[] {
  const { before, after } = endsOf(experiment, result);
  const [from, to] = [shareIn(before, `${type}/greedy`), shareIn(after, `${type}/greedy`)];
  return from === undefined || to === undefined ? [] : [100 * (to - from)];
}

/** One colour and dash per arm, in the type colours of the page; seeds share them. */
const STYLES = [
  { color: "#4f2bac", dash: "" },
  { color: "#d84d99", dash: "1.5 3" },
  { color: "#067d5f", dash: "6 3" },
];

function linesOf(experiment: Experiment, results: readonly RunResult[]): Line[] {
  return results.map((result) => {
    const arm = experiment.arms.findIndex(({ name }) => name === result.arm.name);
    const own = evaluationsOf(result.events).filter(({ suite }) => suite === experiment.suites[0]);
    const points = own.flatMap(({ step, measures }) => {
      const share = shareIn(measures, "deduction/greedy");
      return share === undefined ? [] : [[step, share] as const];
    });
    return {
      label: `${result.arm.short} ${result.seed}`,
      ...(STYLES[arm % STYLES.length] ?? { color: "#17181a", dash: "" }),
      points,
    };
  });
}

function share(value: number | undefined): string {
  return value === undefined ? "–" : value.toFixed(3).replace(/^0/, "");
}

function points(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}
