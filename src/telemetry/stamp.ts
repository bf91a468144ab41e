import type { Stage, StageEvent, TrainEvent } from "../contracts";
import type { StepMeter } from "./summary";

/** Working time. The time in which the consumer processes an event (or pauses) does not count. */
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
  /** Yields one event and subtracts the time until the next one is requested. */
  *hold(event: TrainEvent): Generator<TrainEvent, void> {
    const before = this.now();
    yield event;
    this.start += this.now() - before;
  }
}

/** Stamps a stage's events with step and time, passes them to the meter and yields them; returns the stage's result. */
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
    // If the caller stops early, the stage must end too, with its clean-up.
    await stage.return(undefined as never);
  }
}
