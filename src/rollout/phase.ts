import type { Phase, Stage } from "../contracts";

/** Runs a stage as a lit phase of the step: `phase.start` before, `phase.end` after. */
export async function* phase<T>(name: Phase, stage: Stage<T>): Stage<T> {
  yield { type: "phase.start", phase: name };
  const result = yield* stage;
  yield { type: "phase.end", phase: name };
  return result;
}
