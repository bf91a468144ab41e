import type { Json } from "./data";

/** Contents of a checkpoint besides weights and optimizer. Exact between two steps: right after `step.end` or `step.skip`. */
export interface TrainState {
  /** Next step to take. */
  step: number;
  prepared: boolean;
  /** Working milliseconds so far. */
  elapsed: number;
  memory: Map<string, Json>;
}

/** The state of a run before its preparation. */
export function freshState(): TrainState {
  return { step: 0, prepared: false, elapsed: 0, memory: new Map() };
}
