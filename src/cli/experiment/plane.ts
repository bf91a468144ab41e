/** The second picture of an experiment: two figures over a third, one point for a few steps of a run. Pure. */
import { largest, smallest } from "../../contracts";
import { drawLines, type Line, type Scale } from "../../telemetry/accuracy-picture";
import { metricOf, type RunResult } from "./columns";
import type { Experiment } from "./shape";

/** Steps that one point is the mean of. */
const TOGETHER = 10;
const COLORS = ["#4f2bac", "#d84d99", "#067d5f", "#17181a", "#b3541e", "#1f6fb2", "#8a7a00", "#7a3b69"];

/** Means over the seeds of each arm that the plane is about; null if the experiment has none, or no run is over. */
export function planeOf({ name, plane, arms }: Experiment, results: readonly RunResult[]): string | null {
  if (!plane || results.length === 0) return null;
  const lines = arms.flatMap((arm, index) => {
    const own = results.filter((result) => result.arm.name === arm.name);
    if (own.length === 0) return [];
    const color = COLORS[index % COLORS.length] ?? "#17181a";
    const across = pointsOf(own, plane.across.metric).map((nats) => Math.sqrt(Math.max(0, nats)));
    return plane.up.map((metric, other): Line => {
      const values = pointsOf(own, metric);
      const points = across.map((at, place) => [at, values[place] ?? 0] as const);
      return { label: `${arm.short}${other === 0 ? "" : " scored"}`, color, dash: other === 0 ? "" : "1.5 3", points };
    });
  });
  return drawLines(`${name}: ${plane.title}`, lines, "means over the seeds", scaleOf(lines, plane.across.title));
}

/** Means over ten steps and over the runs. */
function pointsOf(results: readonly RunResult[], metric: string): number[] {
  const series = results.map((result) => metricOf(metric, result));
  const shortest = smallest(series.map(({ length }) => length));
  return Array.from({ length: Math.floor(shortest / TOGETHER) }, (_, point) => {
    const own = series.flatMap((values) => values.slice(point * TOGETHER, (point + 1) * TOGETHER));
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  });
}

function scaleOf(lines: readonly Line[], across: string): Scale {
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const low = Math.floor(smallest(values, 0));
  const high = Math.ceil(largest(values, 1));
  const rows = Array.from({ length: high - low + 1 }, (_, row) => low + row);
  return {
    range: [low, high],
    rows,
    shown,
    every: (most) => (most > 4 ? 1 : 0.5),
    across,
  };
}

/** Never −0.0. */
function shown(value: number): string {
  const rounded = Math.round(10 * value) / 10;
  return `${rounded < 0 ? "−" : ""}${Math.abs(rounded).toFixed(1)}`;
}
