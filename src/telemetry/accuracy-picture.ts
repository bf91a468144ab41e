import {
  ALL_TASK_TYPES,
  isHeadline,
  KelvinError,
  largest,
  mostMeasured,
  partsOf,
  shareIn,
  smallest,
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
  integration: { color: "#8a5a00", dash: "8 3 1.5 3" },
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

/** What the two axes of a picture show. */
export interface Scale {
  /** The range of the vertical axis, with a line and a number at each of `rows`. */
  readonly range: readonly [number, number];
  readonly rows: readonly number[];
  /** A value as it is written. */
  readonly shown: (value: number) => string;
  /** Between two numbers of the horizontal axis, which begins at 0 and ends at `most`. */
  readonly every: (most: number) => number;
  readonly across: string;
}

/** Shares over steps, in percent. */
const SHARES: Scale = {
  range: [0, 1],
  rows: [0, 0.25, 0.5, 0.75, 1],
  shown: (share) => (share * 100).toFixed(1),
  every: tickEvery,
  across: "step (one update each)",
};

/** Lines as an SVG document; shares in 0..1 over a run's steps unless `scale` says otherwise. @param foot a line of small text */
export function drawLines(title: string, lines: readonly Line[], foot: string, scale = SHARES): string {
  const most = largest(
    lines.flatMap((line) => line.points.map(([at]) => at)),
    Math.min(1, scale.every(0)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text class="title" x="${PLOT.left}" y="22" font-size="13" font-weight="600" fill="#17181a">${plain(title)}</text>`,
    ...axes(most, scale),
    ...lines.flatMap((line) => curve(line, most, scale)),
    ...labels(lines, most, scale),
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
  const type = ALL_TASK_TYPES.find((known) => known === subject);
  return { label: plain(subject), ...(type ? STYLE[type] : OTHER), points };
}

/** Says in the picture that evaluations at the ends use more tasks than those in between. */
function taskCounts(results: readonly Result[]): string {
  const counts = results.map(({ measures }) => mostMeasured(measures));
  const most = largest(counts);
  const least = smallest(counts);
  return most === least ? `${most} tasks per type` : `${most} tasks per type at both ends, ${least} in between`;
}

const x = (at: number, most: number): number => PLOT.left + ((PLOT.right - PLOT.left) * at) / most;
const y = (value: number, { range: [low, high] }: Scale): number =>
  PLOT.bottom - ((PLOT.bottom - PLOT.top) * (value - low)) / (high - low);

/** Steps between two ticks, so that there are at most eleven. */
function tickEvery(steps: number): number {
  if (steps <= 250) return steps <= 20 ? 5 : steps <= 60 ? 10 : 25;
  const least = steps / 10;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((times) => times * power >= least) ?? 10);
}

function axes(most: number, scale: Scale): string[] {
  const rows = scale.rows.map((value) => {
    const at = y(value, scale);
    const written = scale.shown(value).replace(/\.0+$/, "");
    return (
      `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}" stroke="#e8e5e0"/>` +
      `<text x="${PLOT.left - 8}" y="${at + 4}" text-anchor="end" fill="#63656a">${written}</text>`
    );
  });
  const every = scale.every(most);
  const columns = Array.from({ length: Math.floor(most / every) + 1 }, (_, tick) => {
    const at = `x="${x(tick * every, most)}" y="${PLOT.bottom + 18}"`;
    return `<text ${at} text-anchor="middle" fill="#63656a">${tick * every}</text>`;
  });
  return [
    ...rows,
    ...columns,
    `<text x="${PLOT.right}" y="${PLOT.bottom + 34}" text-anchor="end" fill="#63656a">${plain(scale.across)}</text>`,
  ];
}

function curve({ label, color, dash, points }: Line, most: number, scale: Scale): string[] {
  const places = points.map(([at, value]) => [x(at, most).toFixed(1), y(value, scale).toFixed(1)] as const);
  const path = places.map((place) => place.join(",")).join(" ");
  return [
    `<g class="${label}" color="${color}"><polyline points="${path}" fill="none" stroke="currentColor" stroke-width="1.75" stroke-dasharray="${dash}"/>`,
    ...places.map(([left, top]) => `<circle cx="${left}" cy="${top}" r="2.5" fill="currentColor"/>`),
    "</g>",
  ];
}

/** Labels at the right end of the lines, at least one text line apart. */
function labels(lines: readonly Line[], most: number, scale: Scale): string[] {
  let lowest = Number.NEGATIVE_INFINITY;
  return lines
    .map((line) => ({ line, at: y(line.points[line.points.length - 1]?.[1] ?? 0, scale) + 4 }))
    .sort((a, b) => a.at - b.at)
    .map(({ line, at }) => {
      lowest = Math.max(at, lowest + 15);
      const first = line.points[0]?.[1] ?? 0;
      const last = line.points[line.points.length - 1]?.[1] ?? 0;
      const text = `${line.label} ${scale.shown(first)} → ${scale.shown(last)}`;
      return `<g class="${line.label}" color="${line.color}"><text x="${x(most, most) + 8}" y="${lowest}" fill="currentColor">${text}</text></g>`;
    });
}
