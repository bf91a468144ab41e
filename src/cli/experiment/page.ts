/** An experiment's page: question, table with every run, curves, where it was measured, and the reading. Pure. */
import { largest, shareIn, smallest } from "../../contracts";
import { drawLines, type Line } from "../../telemetry/accuracy-picture";
import { evaluationsOf } from "../../telemetry/reward-field";
import { RunTotals } from "../../telemetry/totals";
import { cellOf, columnsOf, gainOf, type RunResult, unitOf } from "./columns";
import { planeOf } from "./plane";
import type { Column, Experiment } from "./shape";

export type { RunResult } from "./columns";

/** The markdown page and its picture. */
export interface ExperimentPage {
  readonly markdown: string;
  /** null if no run has a curve. */
  readonly picture: string | null;
  /** The second picture; null if the experiment has none. */
  readonly plane: string | null;
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
  const { name, question, suites, evaluateTasks, curve } = experiment;
  const columns = columnsOf(experiment);
  const titles = ["arm", "seed", "steps", ...columns.map(({ title }) => title), "minutes", "device", "commit"];
  const plane = planeOf(experiment, sorted);
  const lines = linesOf(experiment, sorted);
  const isDrawn = lines.length === 0 || lines.some(({ points }) => points.length > 1);
  const explained = experiment.columns
    ? "Measures before → after; figures of the steps as means of the first five → the last five."
    : `Greedy accuracy on ${suites[0]}, up to ${evaluateTasks} tasks per type, before → after; share of traces at temperature 1 after it.`;
  const markdown = [
    `# Experiment: ${name}`,
    question,
    readingOf(experiment, sorted),
    ...(missing > 0 ? [`${missing} of ${planned} runs are not over yet.`] : []),
    explained,
    [
      `| ${titles.join(" | ")} |`,
      `|${titles.map(() => "---|").join("")}`,
      ...sorted.map((result) => rowOf(columns, result)),
    ].join("\n"),
    ...(isDrawn ? [`![${curve ? `${curve.title}, by step` : "Held-out deduction by step"}](${name}.svg)`] : []),
    ...(plane ? [`![${experiment.plane?.title}](${name}-plane.svg)`] : []),
    `    ${command}`,
  ].join("\n\n");
  return {
    markdown: `${markdown}\n`,
    picture: isDrawn
      ? drawLines(
          `${name}: ${curve?.title ?? "held-out deduction, greedy, percent"}`,
          lines,
          "one line per run; the controls are dotted",
        )
      : null,
    plane,
  };
}

function rowOf(columns: readonly Column[], result: RunResult): string {
  const totals = new RunTotals();
  for (const event of result.events) totals.see(event);
  const { device, taken } = totals.summary();
  const control = result.arm.control ? " (control)" : "";
  const figures = columns.map((column) => cellOf(column, result));
  const cells = [`${result.arm.name}${control}`, result.seed, taken, ...figures];
  return `| ${[...cells, minutesOf(result), device, result.commit].join(" | ")} |`;
}

/** Working time of the whole run, evaluations included. */
function minutesOf({ events }: RunResult): string {
  const last = events.at(-1);
  return last && "ms" in last ? (last.ms / 60_000).toFixed(1) : "–";
}

/** Two sentences: what the arm in question does, and what the controls do. */
function readingOf(experiment: Experiment, results: readonly RunResult[]): string {
  const told = experiment.columns ? columnsOf(experiment).slice(0, 1) : columnsOf(experiment).slice(0, -1);
  const gain = (control: boolean) => {
    const of = results.filter(({ arm }) => (arm.control ?? false) === control);
    return told.flatMap((column) => {
      const gains = of.flatMap((result) => gainOf(column, result));
      return gains.length === 0 ? [] : [{ column, least: smallest(gains), most: largest(gains) }];
    });
  };
  const say = (parts: ReturnType<typeof gain>) =>
    parts
      .map(({ column, least, most }) => {
        const [from, to] = [signed(least, column), signed(most, column)];
        return `${column.title} by ${from}${least === most ? "" : ` to ${to}`}`;
      })
      .join(", ");
  const [own, controls] = [gain(false), gain(true)];
  const [only, ...others] = experiment.arms.filter(({ control }) => !control);
  const subject = others.length === 0 ? `${only?.name} moves` : `The ${others.length + 1} arms move`;
  const unit = unitOf(told);
  const nothing = results.length === 0 ? "Nothing is measured yet." : "Each is measured once, before the first step.";
  const first = own.length === 0 ? nothing : `${subject} ${say(own)}${unit}.`;
  if (experiment.arms.every(({ control }) => !control)) return first;
  const second = controls.length === 0 ? "No control is measured yet." : `The controls move ${say(controls)}${unit}.`;
  return `${first} ${second}`;
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
    const { suite: drawn = experiment.suites[0], measure = "deduction/greedy" } = experiment.curve ?? {};
    const own = evaluationsOf(result.events).filter(({ suite }) => suite === drawn);
    const points = own.flatMap(({ step, measures }) => {
      const share = shareIn(measures, measure);
      return share === undefined ? [] : [[step, share] as const];
    });
    return {
      label: `${result.arm.short} ${result.seed}`,
      ...(STYLES[arm % STYLES.length] ?? { color: "#17181a", dash: "" }),
      points,
    };
  });
}

/** Points of a share, or the figure itself. */
function signed(value: number, column: Column): string {
  const written = Math.abs(value).toFixed("measure" in column ? 1 : 2);
  return `${value < 0 ? "−" : "+"}${written}`;
}
