import type { Json, ModelInfo, Prompt, Sample, Task, Verdict } from "./data";
import type { MethodDisplay } from "./display";
import type { Kind } from "./kind";
import type { LoraConfig } from "./lora";
import type { Grouped, Measure } from "./measures";
import type { Preference } from "./preference";

/** Name of a phase of a step; the method declares what it is (`PhaseInfo`). "update" and "evaluate" are the loop's. */
export type Phase = string;

/** Training step, and milliseconds since run.start. Only `ms` and `timings` differ between runs with equal seeds. */
export interface At {
  readonly step: number;
  readonly ms: number;
}

/** A prompt in the log: without its token ids. */
export interface PromptView extends Omit<Prompt, "tokens"> {
  /** The halves of `kind`, written for readers of before there were kinds; nothing here reads them. */
  readonly role?: string;
  readonly type?: string;
}
/** A sample as logged: typed arrays become plain arrays, log-probabilities are rounded to 1e-4, entropies to 0.01. */
export interface SampleView {
  readonly id: string;
  readonly text: string;
  /** Text of each token. */
  readonly pieces: readonly string[];
  readonly logprobs: readonly number[];
  /** Nats before each token; absent in older logs. */
  readonly entropies?: readonly number[];
  readonly stop: Sample["stop"];
  readonly trace: boolean;
}

/** Samples that share one baseline, and the numbers behind each advantage. */
export interface Credit {
  /** For example "solver deduction" (TRR++) or a prompt id (GRPO). */
  readonly group: string;
  readonly mean: number;
  readonly deviation: number;
  readonly sampleIds: readonly string[];
  readonly rewards: readonly number[];
  readonly advantages: readonly number[];
  /** Completion tokens of each sample: its weight in a mean over tokens. Absent in older logs. */
  readonly tokens?: readonly number[];
  /** What reward − mean is divided by, and in words; absent: the deviation. */
  readonly divisor?: { readonly value: number; readonly what: string };
  /** What mean and deviation run over; absent: the samples. */
  readonly over?: "tokens";
}

/**
 * One flat record per step. Keys are `area/name` or `area/name/type`:
 * reward/solver, reward/proposer, valid/rate, accuracy/solver, length/completion, trace/share, statements/proposed,
 * learnable/share, each with /deduction /abduction /induction; unique/share; policy/entropy, policy/kl, policy/gradNorm,
 * policy/clipFraction, policy/loss, policy/logprobGap, policy/learningRate; tokens/sampled, tokens/trained,
 * buffer/size/TYPE, answers/expressions, sequences/trained. Of a role that is neither solver nor proposer: reward/ROLE and length/ROLE. Where a
 * step makes several updates: policy/updates, and the policy's figures are means over them. Where that is not one mean over the
 * tokens trained on: first/meanTokens, first/loss.
 */
export type Metrics = Readonly<Record<string, number>>;

/** Which samples were removed from a log to make it small. Metrics and baselines still count every sample. */
export interface Thinned {
  /** Samples left in this log, and samples in the original. */
  readonly kept: number;
  readonly of: number;
  /** The rule for what stays, described for people. */
  readonly rule: string;
}

/** The events of a run, in order. Page, log, replay and tests read this stream and nothing else. */
export type TrainEvent =
  | {
      readonly type: "run.start";
      readonly schema: 1;
      readonly method: string;
      readonly seed: number;
      readonly steps: number;
      readonly config: Json;
      readonly model: ModelInfo;
      readonly device: string;
      readonly kernels: Json;
      /** The adapters being trained; absent if the whole model is trained. */
      readonly lora?: LoraConfig;
      readonly thinned?: Thinned;
      /** Worked examples that the caller gave; absent if the method made its own, or learns from none. */
      readonly pairs?: number;
      /** What the page shows of the method; older logs do not say. */
      readonly display?: MethodDisplay;
    }
  | (At & { readonly type: "phase.start"; readonly phase: Phase })
  | (At & { readonly type: "phase.end"; readonly phase: Phase })
  | (At & {
      readonly type: "rollout.sample";
      readonly prompt: PromptView;
      readonly sample: SampleView;
      readonly purpose: SamplePurpose;
    })
  | (At & {
      readonly type: "verify.verdict";
      readonly sampleId: string;
      readonly verdict: Verdict;
      readonly output?: string;
    })
  /** Solve rate of a proposal over its learnability rollouts, and the proposer's reward. */
  | (At & {
      readonly type: "reward.proposal";
      readonly sampleId: string;
      readonly solveRate: number | null;
      readonly reward: number;
    })
  | (At & { readonly type: "reward.sample"; readonly sampleId: string; readonly reward: number })
  | (At & { readonly type: "task.add"; readonly task: Task })
  | (At & Preference & { readonly type: "preference" })
  | (At & { readonly type: "credit.group"; readonly credit: Credit })
  | (At & { readonly type: "step.end"; readonly metrics: Metrics; readonly timings: Timings })
  | (At & { readonly type: "step.skip"; readonly reason: string })
  /** Of a held-out suite, or under a method's name of what it measures itself. */
  | (At & {
      readonly type: "evaluate.result";
      readonly suite: string;
      readonly measures: readonly Measure[];
      /** The same by subject, written for readers of before there was a list; nothing here reads it. */
      readonly result?: Grouped;
    })
  /** Everything before the first step is done: from here on the run can be stored and resumed. Never logged. */
  | (At & { readonly type: "live.prepared" })
  /** New tokens of unfinished samples: shown, never logged. */
  | (At & {
      readonly type: "live.tokens";
      readonly kind: Kind;
      readonly promptId: string;
      readonly sampleIndex: number;
      readonly text: string;
    })
  /** Progress within a phase, 0..1: shown, never logged. */
  | (At & { readonly type: "live.progress"; readonly phase: Phase; readonly done: number; readonly total: number })
  | (At & { readonly type: "run.end"; readonly reason: "done" | "stopped" | "failed"; readonly message?: string });

/** Purpose of a sample: training, estimating how learnable a proposal is, or evaluation. */
export type SamplePurpose = "train" | "learnability" | "evaluate";

/** Milliseconds per phase of the step that ended. */
export type Timings = Readonly<Record<Phase, number>>;

/** Whether the event is written to the log. */
export function isLogged(event: TrainEvent): boolean {
  return !event.type.startsWith("live.");
}
