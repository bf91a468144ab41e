import type {
  AttackGroup,
  Credit,
  Json,
  LoraConfig,
  Metrics,
  ModelInfo,
  Phase,
  PromptView,
  SamplePurpose,
  SampleView,
  SuiteResult,
  TaskType,
  Thinned,
  Timings,
  Verdict,
  VerdictName,
} from "../contracts";

/** What `run.start` said: the run's identity, enough to reproduce it. */
export interface RunHeader {
  readonly method: string;
  readonly seed: number;
  readonly steps: number;
  readonly config: Json;
  readonly model: ModelInfo;
  readonly device: string;
  readonly kernels: Json;
  /** The adapters that are trained; absent where the whole model is. */
  readonly lora?: LoraConfig;
  /** Only in a log that was made smaller: what it leaves out. */
  readonly thinned?: Thinned;
}

/** How far a run has come; whether it is paused is the session's business, not the run's. */
export type RunStatus = "none" | "running" | "done" | "stopped" | "failed";

/** One sample of the current step with everything later phases said about it. */
export interface SampleRecord {
  readonly prompt: PromptView;
  readonly sample: SampleView;
  readonly purpose: SamplePurpose;
  readonly verdict?: Verdict;
  /** Observed output of a proposed program, as Python literal text. */
  readonly output?: string;
  readonly reward?: number;
  /** Proposals: solved share of the learnability rollouts; null when none were drawn. */
  readonly solveRate?: number | null;
}

/** Everything that happened in one step, in order of arrival. */
export interface StepState {
  readonly step: number;
  readonly samples: ReadonlyMap<string, SampleRecord>;
  readonly credits: readonly Credit[];
  /** Milliseconds spent in each phase of this step so far; a phase may be entered more than once. */
  readonly phases: Timings;
  /** Why nothing was learned in this step; "" when something was. */
  readonly skipped: string;
  readonly ended: boolean;
}

/** The lasting record of a finished step. */
export interface StepRecord {
  readonly step: number;
  readonly ms: number;
  readonly metrics: Metrics;
  readonly timings: Timings;
}

/** One held-out evaluation. */
export interface Evaluation {
  readonly suite: string;
  readonly step: number;
  readonly result: SuiteResult;
}

/** The phase that is on, and when it began. */
export interface ActivePhase {
  readonly phase: Phase;
  readonly since: number;
}

/** The whole state of a run: a fold over its logged events, nothing else. */
export interface RunState {
  readonly header: RunHeader | null;
  readonly status: RunStatus;
  /** Why the run ended, for people. */
  readonly message: string;
  /** Milliseconds since `run.start` of the latest logged event. */
  readonly ms: number;
  readonly active: ActivePhase | null;
  readonly current: StepState;
  readonly previous: StepState | null;
  readonly history: readonly StepRecord[];
  readonly evaluations: readonly Evaluation[];
  /** Tasks added to the buffers so far. */
  readonly tasks: Readonly<Record<TaskType, number>>;
  /** Proposals ruled on so far, by ruling. */
  readonly rulings: Readonly<Partial<Record<VerdictName, number>>>;
  /** Refused and stopped completions so far, proposals and answers alike. */
  readonly safety: Safety;
}

/** What the safety sheet counts. */
export interface Safety {
  /** Refused proposals by ruling and reason: `INVALID PROGRAM: name open`. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Completions the verifier recognised as an attack, by group of the catalogue. */
  readonly attacks: Readonly<Partial<Record<AttackGroup, number>>>;
  /** Programs stopped from outside or denied, whoever wrote them. */
  readonly stops: Readonly<Partial<Record<VerdictName, number>>>;
}

/** A step before its first event. */
export function emptyStep(step: number): StepState {
  return { step, samples: new Map(), credits: [], phases: {}, skipped: "", ended: false };
}

/** Steps that are over: those that made an update and those that had nothing to learn from. */
export function finishedSteps({ current: { step, ended, skipped } }: Pick<RunState, "current">): number {
  return Math.max(0, ended || skipped !== "" ? step + 1 : step);
}

/** The state before `run.start`. */
export const initialState: RunState = {
  header: null,
  status: "none",
  message: "",
  ms: 0,
  active: null,
  current: emptyStep(0),
  previous: null,
  history: [],
  evaluations: [],
  tasks: { deduction: 0, abduction: 0, induction: 0 },
  rulings: {},
  safety: { refusals: {}, attacks: {}, stops: {} },
};
