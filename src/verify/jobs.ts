/**
 * What travels between the verifier and an interpreter worker: plain, cloneable data. Gold values are not part of it.
 */

/** One untrusted program and all its inputs. Every input meets a fresh namespace, and in effect a fresh heap image. */
export interface Job {
  /** null: no program; each input is one literal, which is read. */
  readonly program: string | null;
  /** Argument lists as text: what stands between the brackets of `f(…)`. */
  readonly inputs: readonly string[];
  /** Call twice in one namespace, with rebuilt arguments. */
  readonly twice: boolean;
  /**
   * Also run variations of the first input, to see whether the program uses it: inputs like the given one (`"alike"`), or
   * values of every kind (`"others"`).
   */
  readonly probe: "" | "alike" | "others";
  /** Leave the variations out when an input took more polls than this. */
  readonly varyBelow: number;
  /** Run in a scrambled heap, and under many orders of its sets where the program asks for one that nobody chose. */
  readonly settle: boolean;
  /** Leave the remaining inputs out after one that gave no output. */
  readonly untilFault: boolean;
  /** Also report the canonical inputs and the normalised syntax tree. */
  readonly describe: boolean;
  /** A heap image of its own even for a pure program. */
  readonly isolate: boolean;
  /** Which heap image: index into the hash seeds the interpreter was built with. */
  readonly seed: number;
  /** Most milliseconds for all of it together. */
  readonly milliseconds: number;
}

/** Milliseconds of the verifier that one program may cost, over all its inputs and tries. */
export const PROGRAM_MILLISECONDS = 2500;

/** One call per input and nothing else; for `{ ...ONE_CALL, program, inputs }`. */
export const ONE_CALL = {
  twice: false,
  probe: "",
  varyBelow: 1_000_000,
  settle: false,
  untilFault: false,
  describe: false,
  isolate: false,
  seed: 0,
  milliseconds: PROGRAM_MILLISECONDS,
} as const;

/** Stops of one input; memory is capped when the interpreter boots. */
export interface Limits {
  /** Polls of the interpreter loop: one per 50 back-edges or calls. */
  readonly polls: number;
  /** Read at every poll. The clock stops while other work has the processor. */
  readonly milliseconds: number;
}

/**
 * How one input ended: canonical output text; the exception's name; why the output has no literal; the different
 * second output (`unstable`); what it depends on besides the input (`unsettled`, with all outputs); why the argument text is not a list of
 * literals; the stop, with what was refused or trapped.
 */
export type Outcome =
  | readonly ["ok", string]
  | readonly ["raised", string]
  | readonly ["refused", string]
  | readonly ["unstable", string]
  | readonly ["unsettled", string, readonly string[]]
  | readonly ["argument", string]
  | readonly ["stopped", Stop, string];

/** The guard's report on a job that it finished. `impure`: not run, because it must not share a heap image. */
export type Report =
  | { readonly status: "refused"; readonly reason: string }
  | { readonly status: "impure" }
  | { readonly status: "read"; readonly results: readonly Outcome[] }
  | {
      readonly status: "ran";
      readonly pure: boolean;
      /** One per input, up to the first fault where that was asked for. */
      readonly results: readonly Outcome[];
      /** Steps of each result in units of 50, all its calls together. The same whatever ran before. */
      readonly polls: readonly number[];
      /** Canonical arguments of each variation, and how it ended. None after a fault. */
      readonly probes: readonly (readonly [string, Outcome])[];
      /** Canonical arguments of each input. */
      readonly inputs: readonly string[];
      /** The same with True, 1 and 1.0 as one number: equal where Python's == holds. */
      readonly keys: readonly string[];
      /** The program without comments, in Python's own spelling. */
      readonly source: string;
      readonly normalized: string;
    };

/** Why a job was stopped from outside. `hang`: its worker had to be ended. */
export type Stop = "steps" | "time" | "memory" | "trap" | "denied" | "hang";

/** A job's end: the guard's report. Where an input was stopped, the first stop; a hang may leave no report. */
export interface JobResult {
  readonly report: Report | null;
  readonly stop: Stop | null;
  /** The refused import, or what trapped: for the operator. */
  readonly detail: string;
  /** Most polls of an input. */
  readonly polls: number;
  /** What it took of the job's time. */
  readonly milliseconds: number;
  /** Linear memory is larger than its image. Every later reset must clear the rest, so the worker should be replaced. */
  readonly grown: boolean;
}
