/**
 * The nouns of a run. Everything here is plain data: cloneable, JSON-safe once typed arrays are written as
 * arrays, without functions and without tensors.
 */

/** A JSON value; what configurations, events and method memory are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Who wrote a completion. */
export type Role = "proposer" | "solver";
export const ROLES: readonly Role[] = ["proposer", "solver"];

/** AZR's three modes of reasoning over a triplet (program, input, output). arXiv 2505.03335 §3.2. */
export type TaskType = "deduction" | "abduction" | "induction";
export const TASK_TYPES: readonly TaskType[] = ["deduction", "abduction", "induction"];

/** One input/output pair as Python literal text in the task language, e.g. `[1,2]` → `3`. */
export interface Pair {
  readonly input: string;
  readonly output: string;
}

/** Pairs of an induction task that its solver sees; the others grade it. */
export const SHOWN_PAIRS = 3;

/** A checked task. `pairs` has one entry for deduction and abduction, five (three shown, two hidden) for induction. */
export interface Task {
  readonly id: string;
  readonly type: TaskType;
  readonly program: string;
  readonly pairs: readonly Pair[];
  /** Induction: the proposer's hint; "" elsewhere. */
  readonly message: string;
  /** Statements in the program's body: the difficulty axis of this task family. */
  readonly statements: number;
  /** Step whose proposer wrote it; -1 for seeds and held-out tasks. */
  readonly step: number;
  /** The same program whatever its spelling: duplicates are found by this. */
  readonly normalized: string;
}

/** What the policy is asked. */
export interface Prompt {
  readonly id: string;
  readonly role: Role;
  readonly type: TaskType;
  readonly text: string;
  readonly tokens: Int32Array;
  readonly maxNewTokens: number;
  /** The task a solver works on. */
  readonly task?: Task;
  /** The program a proposer varies, or describes by inputs (induction). */
  readonly reference?: string;
}

/** Why a completion ended: the model's end token, its limit, or a stop token or string that the caller named. */
export type StopReason = "eos" | "length" | "stop";

/** The words of the verification environment; docs/verifier.md says what each means. */
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
  | "LEAK"
  | "TOO LONG"
  | "TOO HEAVY"
  | "FORMAT"
  | "DUPLICATE"
  | "HELD OUT"
  | "OUT OF DOMAIN";

/** What the verifier says of one completion: an expected outcome, never an exception. */
export interface Verdict {
  readonly verdict: VerdictName;
  /** One short clause for people: "raises ZeroDivisionError", "output is 7". "" when nothing needs saying. */
  readonly reason: string;
  /** The group of the attack catalogue this completion belongs to, where the verifier recognised one. */
  readonly attack?: AttackGroup;
}

/** Groups of the attack catalogue and what they are, for people. */
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

/** One completion of a prompt, filled from left to right as it passes the stages. */
export interface Sample {
  readonly id: string;
  /** Sampled token ids, the end token included when there is one. Kept exactly: re-encoding text is not identity. */
  readonly tokens: Int32Array;
  /** log π(token) at the sampling temperature, recorded while sampling. */
  readonly logprobs: Float32Array;
  /** Entropy in nats before each token; absent where the policy does not say. */
  readonly entropies?: Float32Array;
  readonly text: string;
  readonly stop: StopReason;
  verdict?: Verdict;
  reward: number;
  advantage: number;
  /** Solver: the answer came after a worked trace (`<think>`). */
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
  /** SHA-256 over its files, where a visitor chose them: a run goes on only with the same. */
  readonly digest?: string;
  /** Whether its prompts go through its chat template; absent where it has none. */
  readonly chat?: "on" | "off";
}

/** Bytes a model takes on the device, by what they are for. */
export interface MemoryNeed {
  readonly weights: number;
  readonly gradients: number;
  /** Moments. */
  readonly optimizer: number;
  /** The weights as they were, which a KL penalty holds the trained ones to; 0 where none is asked for, or the base is frozen. */
  readonly reference: number;
  /** Of the passes that score and learn, logits among them. */
  readonly activations: number;
  /** Keys and values of generation. */
  readonly cache: number;
  /** All else. */
  readonly scratch: number;
  readonly total: number;
}

/** Accuracy on one suite and task type; all in 0..1. */
export interface Accuracy {
  /** Greedy decoding. */
  readonly greedy: number;
  /** One sample per task at temperature 1. */
  readonly sampled: number;
  /** Greedy after a forced `<think>`; absent where the type has no trace (induction) or it was not measured. */
  readonly forcedTrace?: number;
  /** Share of the sampled answers that came with a trace. */
  readonly traceShare: number;
  readonly tasks: number;
}

/** Accuracy on one suite, for each type that it has tasks of. */
export type SuiteResult = Partial<Record<TaskType, Accuracy>>;
