import type { Phase, Stage, StageEvent } from "../contracts";

/** Runs a stage as a phase of the step: yields `phase.start` before and `phase.end` after. */
export async function* phase<T>(name: Phase, stage: Stage<T>): Stage<T> {
  yield { type: "phase.start", phase: name };
  const result = yield* stage;
  yield { type: "phase.end", phase: name };
  return result;
}

/** Runs a stage, or another generator, to its end and discards its events. */
export async function finish<T>(stage: AsyncGenerator<unknown, T>): Promise<T> {
  let next = await stage.next();
  while (!next.done) next = await stage.next();
  return next.value;
}

/** Runs a stage to its end and collects its events. */
export async function gather<T>(stage: Stage<T>): Promise<{ events: StageEvent[]; result: T }> {
  const events: StageEvent[] = [];
  let next = await stage.next();
  for (; !next.done; next = await stage.next()) events.push(next.value);
  return { events, result: next.value };
}

/**
 * Replaces each of a stage's events by `progress`. Many samples are too many to show, but pausing needs frequent
 * events.
 */
export async function* quietly<T>(stage: Stage<T>, progress: StageEvent): Stage<T> {
  let next = await stage.next();
  while (!next.done) {
    if (next.value.type === "live.tokens") yield progress;
    next = await stage.next();
  }
  return next.value;
}
