import type { Json, Task, WorkedPair } from "./data";
import type { GaugeInfo, MethodDisplay, PhaseInfo, StageName, Teacher, Word } from "./display";
import type { Metrics, TrainEvent } from "./events";
import type { Measure } from "./measures";
import type { Drawn, Loss, Policy, TrainingSequence } from "./policy";
import type { AskPerson } from "./preference";
import type { ShippedModel } from "./shipped";
import type { HeldOutSuite } from "./trial";
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

/** One update that a step asks for. A step may ask for several, of other losses and rates; they are made in order. */
export interface Lesson {
  readonly loss: Loss;
  readonly sequences: readonly TrainingSequence[];
  readonly learningRate: number;
  /** What the loss's means run over, where that is more than these sequences; see `Drawn`. */
  readonly over?: Drawn;
}

/** What a method's run must be given; the memory plan and the world are made from it before anything is taken. */
export interface Needs {
  /** A frozen copy of the policy as it began: for a KL term, in the loss or in the reward. */
  readonly reference?: boolean;
  /** The weights, adapters and moments as the run began, kept so that the method can go back to them. */
  readonly rollBack?: boolean;
}

/** One training method: a line through the stages prompt … lesson. It never sees a GPU. */
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
  /** The phases of a step in order, without "evaluate"; see src/contracts/phases.ts for the usual ones. */
  readonly phases: readonly PhaseInfo[];
  readonly gauges: readonly GaugeInfo[];
  /** Words that it adds to the glossary. */
  readonly words: Readonly<Record<string, Word>>;
  /** The shipped model that knows its formats; absent: any model of the task language. */
  readonly model?: ShippedModel;
  /** Whether it works on integrals too, with a model of those; absent: on programs only. */
  readonly integrals?: boolean;
  /** What draws its samples. */
  readonly stage: StageName;
  /** Absent: an interpreter. */
  readonly teacher?: Teacher;
  needs(config: C): Needs;
  /** Fill the memory before the first step (seed buffers, chosen example). */
  prepare(step: Step<C>): Stage<void>;
  /** Everything from prompt to lesson, for one step; without a lesson, or with empty ones, the step is skipped. */
  collect(step: Step<C>): Stage<readonly Lesson[]>;
  /** Held-out figures of its own, beside those of the suites, at every evaluation. */
  measure?(step: Step<C>): Stage<readonly Measure[]>;
}

/** What the page shows of a method. */
export function displayOf({ title, phases, gauges, words, stage, teacher }: MethodDisplay): MethodDisplay {
  return { title, phases, gauges, words, stage, ...(teacher && { teacher }) };
}

/** Everything that a method may use. */
export interface Step<C extends MethodConfig = MethodConfig> {
  readonly index: number;
  readonly steps: number;
  readonly config: C;
  readonly rng: Rng;
  readonly policy: Policy;
  /** The policy as it began, where `needs` asks for it. */
  readonly reference?: Policy;
  /** Puts weights, adapters and moments back as the run began, to the bit; where `needs` asks for it. */
  readonly rollBack?: () => Promise<void>;
  readonly verifier: Verifier;
  /** Normalised programs of the held-out suites. They must never be proposed or trained on. */
  readonly heldOut: ReadonlySet<string>;
  /** The held-out suites, for `measure` alone: nothing of them may be trained on. Absent where a run has none. */
  readonly suites?: readonly HeldOutSuite[];
  /** Tasks that a method may start from, such as the candidates of 1-shot RLVR. */
  readonly seedTasks: readonly Task[];
  /** Examples that the caller gave, for a method that learns from examples. */
  readonly pairs?: readonly WorkedPair[];
  /** The method's own state, saved in checkpoints. */
  readonly memory: Map<string, Json>;
  /** Asks the visitor; absent if there is no visitor. */
  readonly person?: AskPerson;
  /** Ends the run after this step, with a reason for people. It can be resumed. */
  stop(why: string): void;
  /** Aborted when the run is to end; a long stage may look at it. */
  readonly signal?: AbortSignal;
}
