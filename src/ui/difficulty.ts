/** Places a run's tasks by training step, length and solve rate. Pure. */
import { ALL_TASK_TYPES, type TaskType } from "../contracts";
import type { TaskRecord } from "../telemetry/task-book";
import { fixed, stepNumber } from "./format";

/** Choices for the vertical axis. */
export const MAP_AXES = { statements: "statements", rate: "solve rate" } as const;
export type MapAxis = keyof typeof MAP_AXES;

/** Tasks of one type in one bin at one height. */
export interface MapSpot {
  readonly type: TaskType;
  readonly bin: number;
  readonly value: number;
  readonly count: number;
}

/** The map: bins of steps to the right, the chosen axis upwards. */
export interface DifficultyMap {
  /** First and last step of each bin, counted from 1; 0 holds earlier tasks. */
  readonly bins: readonly (readonly [number, number])[];
  readonly spots: readonly MapSpot[];
  /** Per type and bin: the mean of the tasks; null if there are none. */
  readonly means: Readonly<Record<TaskType, readonly (number | null)[]>>;
  readonly counts: Readonly<Record<TaskType, readonly number[]>>;
}

/** Most bins: each needs room for three marks. */
const MOST_BINS = 15;
/** Solve rates are rounded to eighths. */
const RATE_GRID = 8;

/** The tasks' places over the steps. */
export function difficultyMap(records: readonly TaskRecord[], axis: MapAxis): DifficultyMap {
  const placed = records.flatMap(({ task, solveRate }) => {
    const value = axis === "statements" ? task.statements : solveRate;
    return value === null ? [] : [{ type: task.type, step: stepNumber(task.step), value }];
  });
  const bins = binsOf(placed.map(({ step }) => step));
  const [first] = bins[0] ?? [0];
  const width = bins[0] ? bins[0][1] - bins[0][0] + 1 : 1;
  const located = placed.map(({ type, step, value }) => ({ type, value, bin: Math.floor((step - first) / width) }));
  const valuesAt = (type: TaskType, bin: number) =>
    located.filter((one) => one.type === type && one.bin === bin).map(({ value }) => value);
  const cells = ALL_TASK_TYPES.map((type) => bins.map((_, bin) => valuesAt(type, bin)));
  const byType = <T>(of: (values: readonly number[]) => T) =>
    Object.fromEntries(ALL_TASK_TYPES.map((type, index) => [type, (cells[index] ?? []).map(of)])) as Record<
      TaskType,
      T[]
    >;
  return {
    bins,
    spots: ALL_TASK_TYPES.flatMap((type, index) =>
      (cells[index] ?? []).flatMap((values, bin) => spotsOf(values, axis).map((spot) => ({ type, bin, ...spot }))),
    ),
    means: byType((values) =>
      values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null,
    ),
    counts: byType((values) => values.length),
  };
}

function binsOf(steps: readonly number[]): [number, number][] {
  if (steps.length === 0) return [];
  const low = steps.reduce((least, step) => Math.min(least, step), Number.POSITIVE_INFINITY);
  const high = steps.reduce((most, step) => Math.max(most, step), Number.NEGATIVE_INFINITY);
  const width = Math.ceil((high - low + 1) / MOST_BINS);
  const count = Math.ceil((high - low + 1) / width);
  return Array.from({ length: count }, (_, bin) => [low + bin * width, low + (bin + 1) * width - 1]);
}

function spotsOf(values: readonly number[], axis: MapAxis): { value: number; count: number }[] {
  const counts = new Map<number, number>();
  for (const value of values) {
    const height = axis === "statements" ? value : Math.round(value * RATE_GRID) / RATE_GRID;
    counts.set(height, (counts.get(height) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, count }));
}

/** Steps of a bin in words. */
export function binName([from, to]: readonly [number, number]): string {
  const name = (step: number) => (step < 1 ? "seeds" : String(step));
  return from === to ? name(from) : `${name(from)} to ${name(to)}`;
}

/** The table behind the map. */
export function mapTable({ bins, means, counts }: DifficultyMap): { columns: string[]; rows: string[][] } {
  // Integrals only where there are some: no run has both families.
  const types = ALL_TASK_TYPES.filter((type) => type !== "integration" || counts[type].some((count) => count > 0));
  const columns = ["steps", ...types.flatMap((type) => [`${type}: tasks`, "mean"])];
  const rows = bins.map((bin, index) => [
    binName(bin),
    ...types.flatMap((type) => [String(counts[type][index] ?? 0), fixed(means[type][index] ?? null)]),
  ]);
  return { columns, rows };
}
