/** What an experiment is made of. */
import type { ShippedModel } from "../../contracts";

/** One way to train; every arm is run with every seed. */
export interface Arm {
  readonly name: string;
  /** In the picture, where a line has room for two words. */
  readonly short: string;
  readonly method: string;
  /** Of the method. */
  readonly preset?: string;
  /** As `--set` takes them. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly steps: number;
  /** Only to compare with: what the question is about is not in it. */
  readonly control?: boolean;
  /** Fewer seeds than the experiment has. */
  readonly seeds?: number;
  /** The arm at whose end, with the same seed, it begins; absent: the experiment's model. */
  readonly from?: string;
}

/** A figure of every run: a measure of an evaluation, first → last, or a metric of the steps, mean of the first and last five. */
export type Column = { readonly title: string } & (
  | { readonly suite: string; readonly measure: string }
  | { readonly metric: string }
);

/** Two metrics over a third, drawn step by step. */
export interface Plane {
  readonly across: { readonly metric: string; readonly title: string };
  /** The first is drawn as a line, the second dotted. */
  readonly up: readonly [metric: string, other: string];
  readonly title: string;
}

export interface Experiment {
  readonly name: string;
  /** A shipped model; absent: the one that runs take by themselves. */
  readonly model?: ShippedModel;
  readonly question: string;
  /** The reading is about those that are no control. */
  readonly arms: readonly Arm[];
  /** Seeds 1 to N of every arm, unless `--seeds` says otherwise. */
  readonly seeds: number;
  /** Held-out suites; the first is in the table and the picture. */
  readonly suites: readonly string[];
  readonly evaluateTasks: number;
  readonly evaluateEvery: number;
  /** What is in the table; absent: greedy accuracy per task type, and traces. The reading is about the first. */
  readonly columns?: readonly Column[];
  /** The measure in the picture; absent: greedy deduction of the first suite. */
  readonly curve?: { readonly suite: string; readonly measure: string; readonly title: string };
  readonly plane?: Plane;
}
