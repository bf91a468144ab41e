/**
 * The data types of a run. All are plain data without functions or tensors: they can be cloned, and written as JSON once typed
 * arrays are plain arrays.
 */

import type { Kind } from "./kind";

/** A JSON value: the type of configurations, events and method memory. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What is asked of a solver: one of AZR's three modes over a triplet (program, input, output), or an antiderivative. arXiv 2505.03335 §3.2. */
export type TaskType = ProgramType | "integration";
/** Of programs: what self-play invents and solves. */
export type ProgramType = "deduction" | "abduction" | "induction";
export const TASK_TYPES: readonly ProgramType[] = ["deduction", "abduction", "induction"];
/** Those of every family of tasks. */
export const ALL_TASK_TYPES: readonly TaskType[] = [...TASK_TYPES, "integration"];

/** One input/output pair as Python literal text in the task language, e.g. `[1,2]` → `3`. */
export interface Pair {
  readonly input: string;
  readonly output: string;
}

/** Pairs of an induction task that the solver sees; the rest test its answer. */
export const SHOWN_PAIRS = 3;

/**
 * A checked task. `pairs` has one entry for deduction and abduction, five (three shown, two hidden) for induction, and is empty for
 * integration, whose `program` is the integrand.
 */
export interface Task {
  readonly id: string;
  readonly type: TaskType;
  readonly program: string;
  readonly pairs: readonly Pair[];
  /** Induction: the proposer's hint. Other types: "". */
  readonly message: string;
  /** Statements in the program's body, or terms of the integrand: how long a task is. */
  readonly statements: number;
  /** Step in which it was proposed; -1 for seeds and held-out tasks. */
  readonly step: number;
  /** The program in normal form, equal for every spelling; finds duplicates. */
  readonly normalized: string;
  /** Id of the task that this one is a variant of. */
  readonly parent?: string;
}

/** A worked example as files and forms hold it: one task of one input. `output` is "" if running the program is to tell it. */
export interface PairRow {
  readonly type: "deduction" | "abduction";
  readonly program: string;
  readonly input: string;
  readonly output: string;
  readonly answer?: string;
}

/** A task with the answer that a model is to learn; without one the answer is to be worked out. */
export interface WorkedPair {
  readonly task: Task;
  readonly answer?: string;
}

/** One request to the policy. */
export interface Prompt {
  readonly id: string;
  readonly kind: Kind;
  readonly text: string;
  readonly tokens: Int32Array;
  readonly maxNewTokens: number;
  /** The task that is worked on. */
  readonly task?: Task;
  /** The program that a proposer varies or, for induction, writes inputs for. */
  readonly reference?: string;
  /** Whatever else a kind asks about, in its own words: two answers to compare, a law, an example. */
  readonly about?: Json;
  /** Id of the prompt or task that this one was made from. */
  readonly parent?: string;
}

/** Why a completion ended: the model's end token, the length limit, or a stop token or string of the request. */
export type StopReason = "eos" | "length" | "stop";

/** The verifier's verdicts; docs/verifier.md explains each. */
export type VerdictName =
  | "CORRECT"
  | "WRONG"
  | "INVALID ANSWER"
  | "VALID"
  | "INVALID PROGRAM"
  | "NONDETERMINISTIC"
  | "STATEFUL"
  | "LIMIT steps"
  | "LIMIT time"
  | "LIMIT memory"
  | "CRASH"
  | "HANG"
  | "DENIED"
  | "TRIVIAL constant"
  | "TRIVIAL identity"
  | "TRIVIAL statement"
  | "LEAK"
  | "TOO LONG"
  | "TOO HEAVY"
  | "FORMAT"
  | "DUPLICATE"
  | "HELD OUT"
  | "OUT OF DOMAIN";

/** The verifier's verdict on one completion: an expected outcome, never an exception. */
export interface Verdict {
  readonly verdict: VerdictName;
  /** One short clause for people: "raises ZeroDivisionError", "output is 7". "" if there is nothing to add. */
  readonly reason: string;
  /** Group of the attack catalogue that the verifier recognised; absent if it recognised no attack. */
  readonly attack?: AttackGroup;
}

/** Groups of the attack catalogue, described for people. */
export const ATTACK_GROUPS = {
  A: "an answer that is code",
  B: "an input that is code",
  C: "a program with a hidden state, clock or chance",
  D: "a program that reaches for the verifier",
  E: "a program that exhausts a resource",
  F: "a solution that does one of these",
  G: "a worthless task",
  H: "a way out of the interpreter",
} as const;
export type AttackGroup = keyof typeof ATTACK_GROUPS;

/** One completion of a prompt. Each stage fills further fields. */
export interface Sample {
  readonly id: string;
  /**
   * Sampled token ids, including the end token if one was drawn. Stored because encoding the text again may give other
   * tokens.
   */
  readonly tokens: Int32Array;
  /** log π(token) at the sampling temperature, recorded while sampling. */
  readonly logprobs: Float32Array;
  /** Entropy in nats before each token; absent if the policy does not report it. */
  readonly entropies?: Float32Array;
  readonly text: string;
  readonly stop: StopReason;
  verdict?: Verdict;
  reward: number;
  /** One number for the whole completion. */
  advantage: number;
  /** Solver: whether the answer follows a worked trace (`<think>`). */
  readonly trace: boolean;
}

/** The samples drawn for one prompt. */
export interface Group {
  readonly prompt: Prompt;
  readonly samples: Sample[];
}

/** Architecture and size of a policy, for people. */
export interface ModelInfo {
  readonly name: string;
  readonly family: "llama" | "qwen2" | "qwen3";
  readonly parameters: number;
  readonly layers: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** SHA-256 over the files that the visitor chose; a run resumes only with the same files. */
  readonly digest?: string;
  /** Whether prompts use the chat template; absent if the model has none. */
  readonly chat?: "on" | "off";
}

/** Device memory of a model in bytes, by purpose. */
export interface MemoryNeed {
  readonly weights: number;
  readonly gradients: number;
  /** Optimizer moments. */
  readonly optimizer: number;
  /** A frozen copy of the initial weights for a KL penalty; 0 if the loss has none, or the base is frozen anyway. */
  readonly reference: number;
  /** Activations of scoring and training, including logits. */
  readonly activations: number;
  /** Keys and values for generation. */
  readonly cache: number;
  /** Everything else. */
  readonly scratch: number;
  /** The same in the CPU engine's other threads, without the optimizer's moments; 0 on a GPU. */
  readonly replicas: number;
  readonly total: number;
}
