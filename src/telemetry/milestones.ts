import type { TrainEvent } from "../contracts";
import { reduceAll } from "./reducer";
import { Slices } from "./slices";
import { initialState, type RunState } from "./state";

/** Pause between two slices of work, in which the page can draw. */
const PAUSE_MS = 30;

/** States of a recorded run, one per number of finished steps. */
export class Milestones {
  /** marks[n]: index of the event after n finished steps. */
  private readonly marks: readonly number[];
  /** The states computed so far, from the first on. */
  private readonly states: RunState[] = [];

  /** @param events a log as readRecording returns it, `run.start` first */
  constructor(private readonly events: readonly TrainEvent[]) {
    const ends = events.flatMap(({ type }, index) => (type === "step.end" || type === "step.skip" ? [index + 1] : []));
    this.marks = [1, ...ends];
  }

  /** Finished steps in the recording. */
  get steps(): number {
    return this.marks.length - 1;
  }

  /** Index of the event after `step` finished steps. */
  indexAt(step: number): number {
    return this.marks[this.within(step)] ?? 0;
  }

  /** The state after `step` finished steps. Computes missing earlier states too. */
  stateAt(step: number): RunState {
    const wanted = this.within(step);
    while (this.states.length <= wanted) this.advance();
    return this.states[wanted] ?? initialState;
  }

  /** Computes all states in slices, so that a later seek is immediate. */
  async prepare(): Promise<void> {
    const slices = new Slices(PAUSE_MS);
    while (this.states.length <= this.steps) {
      this.advance();
      if (slices.isOver) await slices.next();
    }
  }

  private advance(): void {
    const { length } = this.states;
    const events = this.events.slice(this.marks[length - 1] ?? 0, this.marks[length]);
    this.states.push(reduceAll(this.states[length - 1] ?? initialState, events));
  }

  private within(step: number): number {
    return Math.max(0, Math.min(this.steps, Math.round(step)));
  }
}
