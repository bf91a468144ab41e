import { type Job, type JobResult, ONE_CALL } from "../../src/verify/jobs";

export const SQUARE = "def f(x): return x*x+7";
/** Never polls: only ending the worker helps. */
export const HANG = "def f(x): return sum(map(sum, [range(10**6)]*10000))";
/** It ends by its steps. */
export const SPIN = "def f(x):\n while True: pass";
/** Few enough that a test waits for neither. */
export const LIMITS = { polls: 20_000, milliseconds: 2000 };

/** A program run once on the input 1, with nothing asked beside its output. */
export function plainJob(program: string): Job {
  return { ...ONE_CALL, program, inputs: ["1"] };
}

/** What a pool without an interpreter answers: a result that can be told from others. */
export function resultOf(detail: string): JobResult {
  return { report: null, stop: null, detail, polls: 1, milliseconds: 1, grown: false };
}
