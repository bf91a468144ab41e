/**
 * What travels between the verifier and an interpreter worker: plain, cloneable data. Gold values are not part of it.
 */

/** One untrusted program and all its inputs. Every input meets a fresh namespace. */
export interface Job {
  readonly program: string;
  /** Argument lists as text: what stands between the brackets of `f(…)`. */
  readonly inputs: readonly string[];
  /** Call twice in one namespace, with rebuilt arguments. */
  readonly twice: boolean;
  /** Also run variations of the first input, to see whether the program uses it. */
  readonly probe: boolean;
  /** Also report the canonical inputs and the normalised syntax tree. */
  readonly describe: boolean;
  /** A heap image of its own even for a pure program: exact step counts. */
  readonly isolate: boolean;
  /** Which heap image: index into the hash seeds the interpreter was built with. */
  readonly seed: number;
}

/** Stops of one job; memory is capped when the interpreter boots. */
export interface Limits {
  /** Polls of the interpreter loop: one per 50 back-edges or calls. */
  readonly polls: number;
  /** Wall clock, checked at every poll. */
  readonly milliseconds: number;
}

/**
 * How one input ended: canonical output text; the exception's name; why the output has no literal; the different
 * second output (`unstable`); why the argument text is not a list of literals.
 */
export type Outcome =
  | readonly ["ok", string]
  | readonly ["raised", string]
  | readonly ["refused", string]
  | readonly ["unstable", string]
  | readonly ["argument", string];

/** The guard's report on a job that it finished. `impure`: not run, because it must not share a heap image. */
export type Report =
  | { readonly status: "refused"; readonly reason: string }
  | { readonly status: "impure" }
  | {
      readonly status: "ran";
      readonly pure: boolean;
      readonly results: readonly Outcome[];
      /** Canonical arguments of each variation, and how it ended. */
      readonly probes: readonly (readonly [string, Outcome])[];
      /** Canonical arguments of each input. */
      readonly inputs: readonly string[];
      /** The program without comments, in Python's own spelling. */
      readonly source: string;
      readonly normalized: string;
    };

/** Why a job was stopped from outside. `hang`: its worker had to be ended. */
export type Stop = "steps" | "time" | "memory" | "trap" | "denied" | "hang";

/** A job's end: the guard's report, or the stop. `polls` counts the interpreter's steps in units of 50. */
export interface JobResult {
  readonly report: Report | null;
  readonly stop: Stop | null;
  /** The refused import, or what trapped: for the operator. */
  readonly detail: string;
  readonly polls: number;
  /** Linear memory is larger than its image. Every later reset must clear the rest, so the worker should be replaced. */
  readonly grown: boolean;
}
