/** All curves of a run as a table: one row per number of updates. */
import { KelvinError, type Metrics, type TrainEvent } from "../contracts";
import { replayState } from "../telemetry/reducer";
import type { Evaluation, RunState } from "../telemetry/state";

/** What was measured after so many updates. */
export interface CurveRow {
  /** Updates made: 0 before the first. */
  readonly step: number;
  /** Seconds since the run began. */
  readonly seconds: number;
  /** By name: the step's metrics and phase times, and held-out shares as `held-out/SUITE/SUBJECT/WHAT`. */
  readonly values: Metrics;
}

/** @returns rows in the order of their steps. @throws KelvinError "input" for a log without run.start */
export function curvesOf(events: readonly TrainEvent[]): CurveRow[] {
  const state = replayState(events);
  if (!state.header) throw new KelvinError("input", "The log has no run.start.", "It is not the log of a run.");
  const rows = new Map<number, CurveRow>(stepRows(state).map((row) => [row.step, row]));
  for (const evaluation of state.evaluations) {
    const row = rows.get(evaluation.step) ?? { step: evaluation.step, seconds: 0, values: {} };
    rows.set(evaluation.step, { ...row, values: { ...row.values, ...heldOut(evaluation) } });
  }
  return [...rows.values()].sort((a, b) => a.step - b.step);
}

function stepRows({ history }: RunState): CurveRow[] {
  return history.map(({ step, ms, metrics, timings }) => ({
    step: step + 1,
    seconds: ms / 1000,
    values: { ...metrics, ...named("seconds", timings, 1 / 1000) },
  }));
}

function named(prefix: string, values: Readonly<Record<string, number>>, factor: number): Metrics {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value * factor]));
}

function heldOut({ suite, measures }: Evaluation): Metrics {
  return Object.fromEntries(measures.map(({ name, value }) => [`held-out/${suite}/${name}`, value]));
}

/** Names of all columns, in the order in which they first appear. */
export function columnsOf(rows: readonly CurveRow[]): string[] {
  return [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
}
