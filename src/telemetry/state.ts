import type {
  AttackGroup,
  Credit,
  Measure,
  MethodDisplay,
  Metrics,
  Phase,
  Preference,
  PromptView,
  SamplePurpose,
  SampleView,
  TaskType,
  Timings,
  TrainEvent,
  Verdict,
  VerdictName,
} from "../contracts";

/** What `run.start` said: the run's identity, enough to reproduce it, and what is shown of its method. */
export type RunHeader = Omit<Extract<TrainEvent, { readonly type: "run.start" }>, "type" | "schema" | "display"> & {
  readonly display: MethodDisplay;
};

/** Progress of a run. Whether it is paused belongs to the session, not the run. */
export type RunStatus = "none" | "running" | "done" | "stopped" | "failed";

/** One sample of the current step, with the results of later phases. */
export interface SampleRecord {
  readonly prompt: PromptView;
  readonly sample: SampleView;
  readonly purpose: SamplePurpose;
  readonly verdict?: Verdict;
  /** Observed output of a proposed program, as Python literal text. */
  readonly output?: string;
  readonly reward?: number;
  /** Proposals: solve rate over the learnability rollouts; null if there were none. */
  readonly solveRate?: number | null;
}

/** All events of one step, in order of arrival. */
export interface StepState {
  readonly step: number;
  readonly samples: ReadonlyMap<string, SampleRecord>;
  readonly credits: readonly Credit[];
  /** Milliseconds per phase of this step so far; a phase may occur more than once. */
  readonly phases: Timings;
  /** Why the step made no update; "" if it did. */
  readonly skipped: string;
  readonly ended: boolean;
}

/** Summary of a finished step. */
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
  readonly measures: readonly Measure[];
}

/** The current phase and its start. */
export interface ActivePhase {
  readonly phase: Phase;
  readonly since: number;
}

/** The whole state of a run, computed from its logged events only. */
export interface RunState {
  readonly header: RunHeader | null;
  readonly status: RunStatus;
  /** Why the run ended, for people. */
  readonly message: string;
  /** Time of the latest logged event, in milliseconds since `run.start`. */
  readonly ms: number;
  readonly active: ActivePhase | null;
  readonly current: StepState;
  readonly previous: StepState | null;
  readonly history: readonly StepRecord[];
  readonly evaluations: readonly Evaluation[];
  /** Choices between two programs so far, and the latest of them. */
  readonly preferences: number;
  readonly preference: Preference | null;
  /** Tasks added to the buffers so far. */
  readonly tasks: Readonly<Record<TaskType, number>>;
  /** Verdicts on proposals so far. */
  readonly rulings: Readonly<Partial<Record<VerdictName, number>>>;
  /** Refused and stopped completions so far, proposals and answers alike. */
  readonly safety: Safety;
  /** What the monitor flagged. */
  readonly flagged: Flagged;
}

/** Texts that hold a word or pattern of the monitor's list. */
export interface Flagged {
  readonly texts: number;
  /** By entry of the list; a text may have several. */
  readonly counts: Readonly<Record<string, number>>;
  /** The newest, to be shown. */
  readonly latest: readonly { readonly sampleId: string; readonly text: string; readonly source: string }[];
}

/** Counts of the safety sheet. */
export interface Safety {
  /** Refused proposals by verdict and reason: `INVALID PROGRAM: name open`. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Completions the verifier recognised as an attack, by group of the catalogue. */
  readonly attacks: Readonly<Partial<Record<AttackGroup, number>>>;
  /** Programs stopped from outside or denied, of proposers and solvers. */
  readonly stops: Readonly<Partial<Record<VerdictName, number>>>;
}

/** A step before its first event. */
export function emptyStep(step: number): StepState {
  return { step, samples: new Map(), credits: [], phases: {}, skipped: "", ended: false };
}

/** Finished steps, including those that were skipped. */
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
  preferences: 0,
  preference: null,
  tasks: { deduction: 0, abduction: 0, induction: 0, integration: 0 },
  rulings: {},
  safety: { refusals: {}, attacks: {}, stops: {} },
  flagged: { texts: 0, counts: {}, latest: [] },
};
