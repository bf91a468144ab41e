/** Messages between the verifier and an interpreter worker: plain, cloneable data. They contain no gold values. */

/** One untrusted program and all its inputs. Each input gets a new namespace and, in effect, a new heap image. */
export interface Job {
  /** null: no program runs, and each input is one literal to be read. */
  readonly program: string | null;
  /** Argument lists as text: what is between the brackets of `f(…)`. */
  readonly inputs: readonly string[];
  /** Call twice in one namespace, with new arguments. */
  readonly twice: boolean;
  /**
   * Also run variations of the first input, to see whether the program uses it: inputs similar to the given one (`"alike"`), or
   * values of every type (`"others"`).
   */
  readonly probe: "" | "alike" | "others";
  /** Skip the variations if an input took more polls than this. */
  readonly varyBelow: number;
  /** Run in a scrambled heap and, if the program iterates over a set without a fixed order, in many orders of that set. */
  readonly settle: boolean;
  /** Skip the remaining inputs after one that gave no output. */
  readonly untilFault: boolean;
  /** Also report the canonical inputs and the normalised syntax tree. */
  readonly describe: boolean;
  /** Give even a pure program its own heap image. */
  readonly isolate: boolean;
  /** Which heap image: index into the hash seeds the interpreter was built with. */
  readonly seed: number;
  /** Time limit of the whole job; with `ownTime`, of each input. */
  readonly milliseconds: number;
  /** Each input has the whole time limit, so that no input depends on the others. */
  readonly ownTime: boolean;
}

/** Time limit of one program, over all its inputs, variations and runs. */
export const PROGRAM_MILLISECONDS = 2200;
/** Time limit of one answer that is an input. */
export const ANSWER_MILLISECONDS = 800;

/** Options for one call per input; use as `{ ...ONE_CALL, program, inputs }`. */
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
  ownTime: false,
} as const;

/** Limits of one input. The limit of memory is set when the interpreter boots. */
export interface Limits {
  /** Polls of the interpreter loop: one per 50 back-edges or calls. */
  readonly polls: number;
  /** Checked at every poll. The clock stops while other work has the processor. */
  readonly milliseconds: number;
}

/**
 * The end of one input, with a text: the canonical output (`ok`); the exception's name (`raised`); why the output has no literal
 * (`refused`); how the second call differs (`unstable`); what the value depends on besides the input (`unsettled`, with all
 * outputs); why the argument text is not a list of literals (`argument`); the stop, with the refused import or the trap.
 */
export type Outcome =
  | readonly ["ok", string]
  | readonly ["raised", string]
  | readonly ["refused", string]
  | readonly ["unstable", string]
  | readonly ["unsettled", string, readonly string[]]
  | readonly ["argument", string]
  | readonly ["stopped", Stop, string];

/** The guard's report on a finished job. `impure`: it did not run, because it must not share a heap image. */
export type Report =
  | { readonly status: "refused"; readonly reason: string }
  | { readonly status: "impure" }
  | { readonly status: "read"; readonly results: readonly Outcome[] }
  | {
      readonly status: "ran";
      readonly pure: boolean;
      /** One per input; with `untilFault`, up to the first fault. */
      readonly results: readonly Outcome[];
      /** Steps of each result, all its calls together, in units of 50. They do not depend on earlier jobs. */
      readonly polls: readonly number[];
      /** Canonical arguments and end of each variation; [] after a fault. */
      readonly probes: readonly (readonly [string, Outcome])[];
      /** Canonical arguments of each input. */
      readonly inputs: readonly string[];
      /** Like `inputs`, but True, 1 and 1.0 are one number: two are equal if Python's == holds. */
      readonly keys: readonly string[];
      /** The program without comments, in Python's own spelling. */
      readonly source: string;
      readonly normalized: string;
    };

/** Why a job was stopped from outside. `hang`: its worker was ended. */
export type Stop = "steps" | "time" | "memory" | "trap" | "denied" | "hang";

/** The end of a job: the guard's report and, if an input was stopped, the first stop. After a hang the report may be missing. */
export interface JobResult {
  readonly report: Report | null;
  readonly stop: Stop | null;
  /** The refused import or the trap, for people. */
  readonly detail: string;
  /** Most polls of an input. */
  readonly polls: number;
  /** How much of the time limit it took. */
  readonly milliseconds: number;
  /** Linear memory is larger than its image. Every later reset must clear the rest, so the worker should be replaced. */
  readonly grown: boolean;
}
