import type { Group, Json, Task } from "./data";
import type { Metrics, TrainEvent } from "./events";
import type { Loss, Policy } from "./policy";
import type { Verifier } from "./verifier";

/** An event without its time; the loop stamps step and ms. */
export type Untimed<E> = E extends { step: number; ms: number } ? Omit<E, "step" | "ms"> : never;
/** A method's own metrics, merged into those that the loop computes for `step.end`. Not an event of its own. */
export interface StageMetrics {
  readonly type: "stage.metrics";
  readonly metrics: Metrics;
}

/** What a stage may yield. */
export type StageEvent = Untimed<TrainEvent> | StageMetrics;

/** A stage yields events while it works and returns its result. */
export type Stage<T> = AsyncGenerator<StageEvent, T>;

/** Seeded random numbers. Child streams are derived by name, so the order of use does not matter. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** 32-bit key of the child stream with this name. */
  key(...path: readonly (string | number)[]): number;
  /** The child stream with this name. */
  child(...path: readonly (string | number)[]): Rng;
}

/** Flat JSON settings: the page builds its form from them; `--set key=value` sets one. */
export type MethodConfig = { readonly [key: string]: number | string | boolean };

/** A training method: the stages from prompt to advantage. It never accesses the GPU. */
export interface Method<C extends MethodConfig = MethodConfig> {
  /** Used in URLs, log folders and the list of methods. */
  readonly name: string;
  readonly title: string;
  /** One sentence and the paper, shown in the picker. */
  readonly summary: string;
  readonly defaults: C;
  /** One line of explanation per key of `defaults`. */
  readonly describe: { readonly [K in keyof C]: string };
  /** Allowed values of text settings; absent for free text. */
  readonly choices?: { readonly [K in keyof C]?: readonly string[] };
  /** Named partial configurations ("small"). */
  readonly presets: { readonly [name: string]: Partial<C> };
  loss(config: C): Loss;
  /** Learning rate of one step. */
  learningRate(config: C, step: number, steps: number): number;
  /** Fills the memory before the first step (seed buffers, chosen example). */
  prepare(step: Step<C>): Stage<void>;
  /** Runs one step from prompt to advantage. */
  collect(step: Step<C>): Stage<Group[]>;
}

/** Everything that a method may use. */
export interface Step<C extends MethodConfig = MethodConfig> {
  readonly index: number;
  readonly steps: number;
  readonly config: C;
  readonly rng: Rng;
  readonly policy: Policy;
  readonly verifier: Verifier;
  /** Normalised programs of the held-out suites. They must never be proposed or trained on. */
  readonly heldOut: ReadonlySet<string>;
  /** Tasks that a method may start from, such as the candidates of 1-shot RLVR. */
  readonly seedTasks: readonly Task[];
  /** The method's own state, saved in checkpoints. */
  readonly memory: Map<string, Json>;
}
