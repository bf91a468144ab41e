/** The monitor of learning from one's own majority: it sees a collapse coming without a label. */
import type { Json, Step } from "../contracts";

/** What it looks at in a step: shares, 0 to 1. */
export interface Observed {
  /** Votes for the most frequent answer. */
  readonly majority: number;
  /** Answers with a trace. */
  readonly traces: number;
}

/** Steps of each half that is compared. */
const WINDOW = 10;
/** What the majority gains and the traces lose from one half to the next in a collapse. */
const RISE = 0.15;
const FALL = 0.05;

/**
 * Remembers a step, and compares the last ten with the ten before: a collapse is when answers agree more and more, and fewer of
 * them are worked out. Both rising is learning.
 * @returns why the run should end; null while all is well. After that it begins anew
 */
export function seeCollapse(memory: Step["memory"], observed: Observed): string | null {
  const before = (memory.get("observed") ?? []) as unknown as readonly Observed[];
  const seen = [...before, observed].slice(-2 * WINDOW);
  memory.set("observed", seen as unknown as Json);
  if (seen.length < 2 * WINDOW) return null;
  const rise = gain(seen.map(({ majority }) => majority));
  const fall = -gain(seen.map(({ traces }) => traces));
  if (rise < RISE || fall < FALL) return null;
  memory.delete("observed");
  const points = (share: number) => `${Math.round(100 * share)} points`;
  return `The monitor ended the run: within ${2 * WINDOW} steps the majority grew by ${points(rise)} while traces fell by ${points(fall)}. The answers agree on something that is not worked out.`;
}

/** Mean of the second half less that of the first. */
function gain(values: readonly number[]): number {
  return mean(values.slice(WINDOW)) - mean(values.slice(0, WINDOW));
}

/** 0 of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
