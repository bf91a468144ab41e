/** What an experiment's table says of a run, column by column. Pure. */
import { shareIn, TASK_TYPES, type TaskType, type TrainEvent } from "../../contracts";
import { evaluationsOf } from "../../telemetry/reward-field";
import type { Arm, Column, Experiment } from "./shape";

/** One run that is over. */
export interface RunResult {
  readonly arm: Arm;
  readonly seed: number;
  readonly events: readonly TrainEvent[];
  /** Of the code it was made with. */
  readonly commit: string;
}

/** Steps at each end of a run that a mean is taken over. */
const ENDS = 5;
/** Not a measure, but two. */
const TRACES = "traces";
const TRACED: readonly TaskType[] = ["deduction", "abduction"];

/** Those that are declared, or greedy accuracy per task type on the first suite, and traces. */
export function columnsOf({ columns, suites }: Experiment): readonly Column[] {
  const suite = suites[0] ?? "";
  return (
    columns ?? [
      ...TASK_TYPES.map((type) => ({ title: type, suite, measure: `${type}/greedy` })),
      { title: TRACES, suite, measure: TRACES },
    ]
  );
}

/** First → last, or the one of a measure that was measured once; of traces the last, for both types that have them. */
export function cellOf(column: Column, result: RunResult): string {
  if ("metric" in column) {
    const { first, last } = endsOf(metricOf(column.metric, result));
    return `${figure(first)} → ${figure(last)}`;
  }
  const own = evaluationsOn(column.suite, result);
  if (column.measure === TRACES)
    return TRACED.map((type) => share(shareIn(own.at(-1)?.measures, `${type}/traceShare`))).join(" / ");
  // Some are not measured before the first step.
  const known = own.map(({ measures }) => shareIn(measures, column.measure)).filter((one) => one !== undefined);
  return known.length === 1 ? share(known[0]) : `${share(known[0])} → ${share(known.at(-1))}`;
}

/** What it rose by; nothing if it was not measured at both ends. Shares are in points. */
export function gainOf(column: Column, result: RunResult): number[] {
  if ("metric" in column) {
    const { first, last } = endsOf(metricOf(column.metric, result));
    return first === undefined || last === undefined ? [] : [last - first];
  }
  const own = evaluationsOn(column.suite, result);
  const [from, to] = [own[0], own.at(-1)].map((one) => shareIn(one?.measures, column.measure));
  return from === undefined || to === undefined ? [] : [100 * (to - from)];
}

/** After a figure in a sentence. */
export function unitOf(columns: readonly Column[]): string {
  return columns.every((column) => "measure" in column) ? " points" : "";
}

/** A metric of every step that has it, in order. */
export function metricOf(name: string, { events }: RunResult): readonly number[] {
  return events.flatMap((event) => {
    const value = event.type === "step.end" ? event.metrics[name] : undefined;
    return value === undefined ? [] : [value];
  });
}

function evaluationsOn(suite: string, { events }: RunResult) {
  return evaluationsOf(events).filter((one) => one.suite === suite);
}

function endsOf(values: readonly number[]): { first: number | undefined; last: number | undefined } {
  return { first: mean(values.slice(0, ENDS)), last: mean(values.slice(-ENDS)) };
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function share(value: number | undefined): string {
  return value === undefined ? "–" : value.toFixed(3).replace(/^0/, "");
}

function figure(value: number | undefined): string {
  return value === undefined ? "–" : value.toFixed(2).replace("-", "−");
}
