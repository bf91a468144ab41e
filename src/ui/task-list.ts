/** Filters, sorts and summarises a run's tasks for the Tasks view. Pure. */
import { ALL_TASK_TYPES, SHOWN_PAIRS, type Task, type TaskType } from "../contracts";
import type { TaskRecord } from "../telemetry/task-book";

/** Solve rate at the time of rating. */
export const RATE_BANDS = {
  any: "any solve rate",
  never: "never solved",
  sometimes: "sometimes solved",
  always: "always solved",
  unrated: "not rated",
} as const;
export type RateBand = keyof typeof RATE_BANDS;

export interface TaskFilter {
  readonly type: TaskType | "all";
  readonly rate: RateBand;
  /** First and last step of the proposer; seeds are step −1. */
  readonly from: number;
  readonly to: number;
  /** Text to find in program, inputs or outputs, ignoring spaces. */
  readonly text: string;
}

export const NO_FILTER: TaskFilter = { type: "all", rate: "any", from: -1, to: Number.POSITIVE_INFINITY, text: "" };

export const SORT_KEYS = ["arrival", "step", "type", "statements", "rate", "right", "used"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface TaskOrder {
  readonly key: SortKey;
  readonly descending: boolean;
}

export function filterTasks(records: readonly TaskRecord[], filter: TaskFilter): TaskRecord[] {
  const sought = filter.text.replaceAll(/\s+/gu, "").toLowerCase();
  return records.filter(
    ({ task, solveRate }) =>
      (filter.type === "all" || task.type === filter.type) &&
      task.step >= filter.from &&
      task.step <= filter.to &&
      isInBand(solveRate, filter.rate) &&
      (sought === "" || searched(task).includes(sought)),
  );
}

function isInBand(rate: number | null, band: RateBand): boolean {
  switch (band) {
    case "any":
      return true;
    case "unrated":
      return rate === null;
    case "never":
      return rate === 0;
    case "always":
      return rate === 1;
    case "sometimes":
      return rate !== null && rate > 0 && rate < 1;
    default:
      return band satisfies never;
  }
}

function searched({ program, pairs, message }: Task): string {
  const text = [program, message, ...pairs.flatMap(({ input, output }) => [input, output])].join(" ");
  return text.replaceAll(/\s+/gu, "").toLowerCase();
}

/** Sorted tasks. Equal ones stay in order of arrival; those without a value come last. */
export function sortTasks(records: readonly TaskRecord[], { key, descending }: TaskOrder): TaskRecord[] {
  const sign = descending ? -1 : 1;
  return [...records].sort((a, b) => {
    const [left, right] = [figure(a, key), figure(b, key)];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || a.index - b.index;
    return sign * (left - right) || a.index - b.index;
  });
}

function figure(record: TaskRecord, key: SortKey): number | null {
  switch (key) {
    case "arrival":
      return record.index;
    case "step":
      return record.task.step;
    case "type":
      return ALL_TASK_TYPES.indexOf(record.task.type);
    case "statements":
      return record.task.statements;
    case "rate":
      return record.solveRate;
    case "right":
      return record.judged > 0 ? record.right / record.judged : null;
    case "used":
      return record.used;
    default:
      return key satisfies never;
  }
}

/** A task in one line: its program's body or, for induction, where the program is the answer, its first pairs. */
export function taskLine({ type, program, pairs }: Task): string {
  if (type === "integration") return `∫ ${program} dx`;
  if (type === "induction")
    return pairs
      .slice(0, SHOWN_PAIRS)
      .map(({ input, output }) => `${input} → ${output}`)
      .join("  ");
  return program
    .split("\n")
    .slice(1)
    .map((line) => line.trim())
    .join("; ");
}
