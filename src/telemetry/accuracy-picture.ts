import {
  isHeadline,
  KelvinError,
  largest,
  mostMeasured,
  partsOf,
  shareIn,
  smallest,
  TASK_TYPES,
  type TaskType,
  type TrainEvent,
} from "../contracts";
import { plain } from "./markup";
import { titleOf } from "./older-logs";

/**
 * One line of the picture: points (step, share). It inherits its colour and has its label as class, so that an embedding page can
 * recolour it.
 */
export interface Line {
  readonly label: string;
  readonly color: string;
  readonly dash: string;
  readonly points: readonly (readonly [number, number])[];
}

/** The type colours of src/ui/tokens.css, light theme. */
const STYLE: Readonly<Record<TaskType, { color: string; dash: string }>> = {
  deduction: { color: "#4f2bac", dash: "" },
  abduction: { color: "#067d5f", dash: "6 3" },
  induction: { color: "#d84d99", dash: "1.5 3" },
};

/** Of a measure that is about no task type. */
const OTHER = { color: "#17181a", dash: "" };

const WIDTH = 720;
const HEIGHT = 330;
const PLOT = { left: 46, right: 572, top: 40, bottom: 290 };

/**
 * Greedy held-out accuracy per task type over a run's steps, as an SVG document.
 * @throws KelvinError "input" for a log without run.start, or without an evaluation on the suite
 */
export function drawAccuracy(events: readonly TrainEvent[], suite: string): string {
  const start = events.find((event) => event.type === "run.start");
  if (start?.type !== "run.start")
    throw new KelvinError("input", "the log has no run.start", "it is not a run's events.jsonl");
  const own = events.filter((event) => event.type === "evaluate.result").filter((event) => event.suite === suite);
  const names = own.flatMap(({ measures }) => measures.filter(isHeadline).map(({ name }) => name));
  const lines = [...new Set(names)].map((name) => accuracyLine(own, name));
  if (lines.length === 0) throw new KelvinError("input", `the log has no evaluation on ${suite}`, hintOf(events));
  const title = `${titleOf(start)} on ${start.model.name}, seed ${start.seed}: held-out accuracy, greedy, ${suite}`;
  return drawLines(title, lines, taskCounts(own));
}

/** Shares in 0..1 over a run's steps as an SVG document. @param foot a line of small text under the plot */
export function drawLines(title: string, lines: readonly Line[], foot: string): string {
  const steps = largest(
    lines.flatMap((line) => line.points.map(([step]) => step)),
    1,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text class="title" x="${PLOT.left}" y="22" font-size="13" font-weight="600" fill="#17181a">${plain(title)}</text>`,
    ...axes(steps),
    ...lines.flatMap((line) => curve(line, steps)),
    ...labels(lines, steps),
    `<text x="${PLOT.left}" y="${PLOT.bottom + 34}" fill="#63656a">${plain(foot)}</text>`,
    "</svg>\n",
  ].join("\n");
}

/** What else the log could be drawn by. */
function hintOf(events: readonly TrainEvent[]): string {
  const suites = new Set(events.flatMap((event) => (event.type === "evaluate.result" ? [event.suite] : [])));
  return suites.size > 0 ? `it has some on ${[...suites].join(", ")}` : "train with --evaluate-tasks N";
}

type Result = Extract<TrainEvent, { readonly type: "evaluate.result" }>;

/** Points of one measure; an evaluation's step is the number of updates before it. */
function accuracyLine(results: readonly Result[], name: string): Line {
  const points = results.flatMap(({ step, measures }) => {
    const share = shareIn(measures, name);
    return share === undefined ? [] : [[step, share] as const];
  });
  const { subject } = partsOf(name);
  const type = TASK_TYPES.find((known) => known === subject);
  return { label: plain(subject), ...(type ? STYLE[type] : OTHER), points };
}

/** Says in the picture that evaluations at the ends use more tasks than those in between. */
function taskCounts(results: readonly Result[]): string {
  const counts = results.map(({ measures }) => mostMeasured(measures));
  const most = largest(counts);
  const least = smallest(counts);
  return most === least ? `${most} tasks per type` : `${most} tasks per type at both ends, ${least} in between`;
}

const x = (step: number, steps: number): number => PLOT.left + ((PLOT.right - PLOT.left) * step) / steps;
const y = (share: number): number => PLOT.bottom - (PLOT.bottom - PLOT.top) * share;

/** Steps between two ticks, so that there are at most eleven. */
function tickEvery(steps: number): number {
  if (steps <= 250) return steps <= 20 ? 5 : steps <= 60 ? 10 : 25;
  const least = steps / 10;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((times) => times * power >= least) ?? 10);
}

function axes(steps: number): string[] {
  const rows = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(share)}" y2="${y(share)}" stroke="#e8e5e0"/>` +
      `<text x="${PLOT.left - 8}" y="${y(share) + 4}" text-anchor="end" fill="#63656a">${share * 100}</text>`,
  );
  const every = tickEvery(steps);
  const columns = Array.from({ length: Math.floor(steps / every) + 1 }, (_, tick) => {
    const at = `x="${x(tick * every, steps)}" y="${PLOT.bottom + 18}"`;
    return `<text ${at} text-anchor="middle" fill="#63656a">${tick * every}</text>`;
  });
  return [
    ...rows,
    ...columns,
    `<text x="${PLOT.right}" y="${PLOT.bottom + 34}" text-anchor="end" fill="#63656a">step (one update each)</text>`,
  ];
}

function curve({ label, color, dash, points }: Line, steps: number): string[] {
  const path = points.map(([step, share]) => `${x(step, steps).toFixed(1)},${y(share).toFixed(1)}`).join(" ");
  const dots = points.map(
    ([step, share]) =>
      `<circle cx="${x(step, steps).toFixed(1)}" cy="${y(share).toFixed(1)}" r="2.5" fill="currentColor"/>`,
  );
  return [
    `<g class="${label}" color="${color}"><polyline points="${path}" fill="none" stroke="currentColor" stroke-width="1.75" stroke-dasharray="${dash}"/>`,
    ...dots,
    "</g>",
  ];
}

/** Labels at the right end of the lines, at least one text line apart. */
function labels(lines: readonly Line[], steps: number): string[] {
  let lowest = Number.NEGATIVE_INFINITY;
  return lines
    .map((line) => ({ line, at: y(line.points[line.points.length - 1]?.[1] ?? 0) + 4 }))
    .sort((a, b) => a.at - b.at)
    .map(({ line, at }) => {
      lowest = Math.max(at, lowest + 15);
      const first = line.points[0]?.[1] ?? 0;
      const last = line.points[line.points.length - 1]?.[1] ?? 0;
      const text = `${line.label} ${percent(first)} → ${percent(last)}`;
      return `<g class="${line.label}" color="${line.color}"><text x="${x(steps, steps) + 8}" y="${lowest}" fill="currentColor">${text}</text></g>`;
    });
}

const percent = (share: number): string => (share * 100).toFixed(1);
