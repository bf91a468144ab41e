import type { TrainEvent } from "../contracts";
import { reduceAll } from "./reducer";
import { Slices } from "./slices";
import { initialState, type RunState } from "./state";

/** Pause between two slices of work, in which the page can draw. */
const PAUSE_MS = 30;

/** States that are kept, at most: each holds the history so far, so all of them would need memory in the square of the steps. */
const MOST_KEPT = 200;

/** States of a recorded run by the number of finished steps. Those between two that are kept are computed when wanted. */
export class Milestones {
  /** marks[n]: index of the event after n finished steps. */
  private readonly marks: readonly number[];
  /** kept[n]: the state after `n * every` finished steps; as far as they are known. */
  private readonly kept: RunState[] = [];
  private readonly every: number;
  /** The state between two that are kept that was wanted last, and its number of finished steps. */
  private latest = { step: -1, state: initialState };

  /** @param events a log as readRecording returns it, `run.start` first */
  constructor(private readonly events: readonly TrainEvent[]) {
    const ends = events.flatMap(({ type }, index) => (type === "step.end" || type === "step.skip" ? [index + 1] : []));
    this.marks = [1, ...ends];
    this.every = Math.ceil(this.marks.length / MOST_KEPT);
  }

  /** Finished steps in the recording. */
  get steps(): number {
    return this.marks.length - 1;
  }

  /** Index of the event after `step` finished steps. */
  indexAt(step: number): number {
    return this.marks[this.within(step)] ?? 0;
  }

  /** The state after `step` finished steps, from the nearest one before it that is known. */
  stateAt(step: number): RunState {
    const wanted = this.within(step);
    const place = Math.floor(wanted / this.every);
    while (this.kept.length <= place) this.keepNext();
    if (wanted % this.every === 0) return this.kept[place] ?? initialState;
    const isNear = this.latest.step <= wanted && this.latest.step > place * this.every;
    const from = isNear ? this.latest : { step: place * this.every, state: this.kept[place] ?? initialState };
    this.latest = { step: wanted, state: this.reduced(from.state, from.step, wanted) };
    return this.latest.state;
  }

  /** Computes all states to keep in slices, so that a later seek is immediate. */
  async prepare(): Promise<void> {
    const slices = new Slices(PAUSE_MS);
    while (this.kept.length * this.every <= this.steps) {
      this.keepNext();
      if (slices.isOver) await slices.next();
    }
  }

  private keepNext(): void {
    const { length } = this.kept;
    const before = this.kept[length - 1] ?? initialState;
    this.kept.push(this.reduced(before, (length - 1) * this.every, length * this.every));
  }

  /** A state and what happened from one number of finished steps to another; from before the first event where negative. */
  private reduced(state: RunState, from: number, to: number): RunState {
    return reduceAll(state, this.events.slice(from < 0 ? 0 : this.marks[from], this.marks[to]));
  }

  private within(step: number): number {
    return Math.max(0, Math.min(this.steps, Math.round(step)));
  }
}
