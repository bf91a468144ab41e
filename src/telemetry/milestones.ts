import type { TrainEvent } from "../contracts";
import { reduceAll } from "./reducer";
import { Slices } from "./slices";
import { initialState, type RunState } from "./state";

/** Between two slices of work ahead: the page draws the run meanwhile. */
const PAUSE_MS = 30;

/** A recorded run as it was after each number of finished steps. */
export class Milestones {
  /** Index of the event after each of them: none, one, two … */
  private readonly marks: readonly number[];
  /** As far as they are known, from the first on. */
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

  /** Index of the event that follows so many finished steps. */
  indexAt(step: number): number {
    return this.marks[this.within(step)] ?? 0;
  }

  /** The run's state there; steps that lie before it are reduced on the way. */
  stateAt(step: number): RunState {
    const wanted = this.within(step);
    while (this.states.length <= wanted) this.advance();
    return this.states[wanted] ?? initialState;
  }

  /** Works out all of them bit by bit, so that a seek holds nothing up. */
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
