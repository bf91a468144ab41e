import type { Group, Json, Task } from "./data";
import type { Metrics, TrainEvent } from "./events";
import type { Loss, Policy } from "./policy";
import type { Verifier } from "./verifier";

/** An event without its time; the loop stamps step and ms. */
export type Untimed<E> = E extends { step: number; ms: number } ? Omit<E, "step" | "ms"> : never;
/** A method's own figures for the step, beside those the loop derives from the stream: merged into `step.end`, not an event by itself. */
export interface StageMetrics {
  readonly type: "stage.metrics";
  readonly metrics: Metrics;
}

/** What a stage may yield. */
export type StageEvent = Untimed<TrainEvent> | StageMetrics;

/** A stage yields telemetry while it works and returns its result. */
export type Stage<T> = AsyncGenerator<StageEvent, T>;

/** Seeded random numbers; children derive from names and numbers, so order of use never matters. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** 32-bit key of a named child stream. */
  key(...path: readonly (string | number)[]): number;
  /** A named child. */
  child(...path: readonly (string | number)[]): Rng;
}

/** Flat and JSON: the form on the page is drawn from it, `--set key=value` sets it. */
export type MethodConfig = { readonly [key: string]: number | string | boolean };

/** One training method: a line through the stages prompt … advantage. It never sees a GPU. */
export interface Method<C extends MethodConfig = MethodConfig> {
  /** URL value, log folder, catalogue key. */
  readonly name: string;
  readonly title: string;
  /** One sentence and the paper, shown in the picker. */
  readonly summary: string;
  readonly defaults: C;
  /** One line of meaning per key of `defaults`. */
  readonly describe: { readonly [K in keyof C]: string };
  /** The words a text setting may take, where it is not free text. */
  readonly choices?: { readonly [K in keyof C]?: readonly string[] };
  /** Named partial configurations ("small"). */
  readonly presets: { readonly [name: string]: Partial<C> };
  loss(config: C): Loss;
  /** Learning rate of one step. */
  learningRate(config: C, step: number, steps: number): number;
  /** Fill the memory before the first step (seed buffers, chosen example). */
  prepare(step: Step<C>): Stage<void>;
  /** Everything from prompt to advantage, for one step. */
  collect(step: Step<C>): Stage<Group[]>;
}

/** What a method may use. */
export interface Step<C extends MethodConfig = MethodConfig> {
  readonly index: number;
  readonly steps: number;
  readonly config: C;
  readonly rng: Rng;
  readonly policy: Policy;
  readonly verifier: Verifier;
  /** Programs that must never be proposed or trained on, by normalised text: the held-out suites. */
  readonly heldOut: ReadonlySet<string>;
  /** Tasks a method may start from, e.g. the candidates of 1-shot RLVR. */
  readonly seedTasks: readonly Task[];
  /** A method's own state, saved with the checkpoint. */
  readonly memory: Map<string, Json>;
}
