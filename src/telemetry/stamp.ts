import type { Stage, StageEvent, TrainEvent } from "../contracts";
import type { StepMeter } from "./summary";

/** Working time: what passes while the consumer holds an event (paused, writing) does not count. */
export class Clock {
  private start: number;
  constructor(
    private readonly now: () => number,
    elapsed: number,
  ) {
    this.start = now() - elapsed;
  }
  /** Working milliseconds so far. */
  ms(): number {
    return Math.round((this.now() - this.start) * 1000) / 1000;
  }
  /** Yields one event and forgets the time it was held. */
  *hold(event: TrainEvent): Generator<TrainEvent, void> {
    const before = this.now();
    yield event;
    this.start += this.now() - before;
  }
}

/** Stamps a stage's events with step and time, shows them to the meter and passes them on; returns the stage's result. */
export async function* stamp<T>(
  stage: Stage<T>,
  step: number,
  clock: Clock,
  meter?: StepMeter,
): AsyncGenerator<TrainEvent, T> {
  try {
    let next = await stage.next();
    while (!next.done) {
      const event: StageEvent = next.value;
      const ms = clock.ms();
      meter?.see(event, ms);
      if (event.type !== "stage.metrics") yield* clock.hold({ ...event, step, ms } as TrainEvent);
      next = await stage.next();
    }
    return next.value;
  } finally {
    // A caller that stops asking ends the stage too; its own clean-up must run.
    await stage.return(undefined as never);
  }
}
