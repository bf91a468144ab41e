import type { Job, JobResult } from "../../src/verify/jobs";

/** A program run once on the input 1, with nothing asked beside its output. */
export function plainJob(program: string): Job {
  return { program, inputs: ["1"], twice: false, probe: false, describe: false, isolate: false, seed: 0 };
}

/** What a pool without an interpreter answers: a result that can be told from others. */
export function resultOf(detail: string): JobResult {
  return { report: null, stop: null, detail, polls: 1, grown: false };
}
