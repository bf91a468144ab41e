/** How far a run may go before it stops to be looked at. */
export type Pace = "run" | "pause" | "phase" | "step";

/** What the pace needs to know of an event. */
interface Passed {
  readonly type: string;
  readonly phase?: string;
  readonly step?: number;
}

/** Shortest time the loop may run without letting messages in. */
const BREATH_MS = 30;

/**
 * Decides when the next event of a run is asked for. A run is a generator, so pausing is not asking:
 * `await pace.after(event)` returns when the run may go on, and false when it must end.
 */
export class PaceControl {
  private pace: Pace = "run";
  private stopped = false;
  private wake: (() => void) | null = null;
  private breathed = performance.now();
  /** Milliseconds spent resting within a stage's own work, which would otherwise count as working time. */
  restedWithin = 0;
  /** What is done each time the run rests; it goes on only when that is done too. */
  whileResting: () => Promise<void> = async () => {};

  /** `onPause` is told each time the run comes to rest, with the step it rests in; `onRun` when it moves again. */
  constructor(
    private readonly onPause: (step: number) => void,
    private readonly onRun: () => void,
  ) {}

  /** Go on at `pace`; "pause" takes effect at the next event. */
  set(pace: Pace): void {
    this.pace = pace;
    if (pace !== "pause") this.wake?.();
  }

  /** Resting, or about to at the next event. */
  get isHeld(): boolean {
    return this.pace === "pause" && !this.stopped;
  }

  get wasStopped(): boolean {
    return this.stopped;
  }

  /** End the run at the next event, paused or not. */
  stop(): void {
    this.stopped = true;
    this.wake?.();
  }

  /** Between two pieces of work that has no events: rest here if a pause is wanted. */
  async within(step: number): Promise<void> {
    if (this.pace !== "pause" || this.stopped) return;
    const since = performance.now();
    await this.rest(step);
    this.restedWithin += performance.now() - since;
  }

  /** Wait until the event after `event` is wanted; false when the run was stopped. */
  async after(event: Passed): Promise<boolean> {
    if (this.reached(event)) this.pace = "pause";
    if (this.pace === "pause" && !this.stopped) await this.rest(event.step ?? 0);
    else await this.breathe();
    return !this.stopped;
  }

  private reached({ type, phase, step = 0 }: Passed): boolean {
    const stepEnds = type === "step.end" || type === "step.skip";
    if (this.pace === "step") return stepEnds;
    // The figures of an update are in `step.end`. What comes before the first step is not part of the journey.
    const phaseEnds = type === "phase.end" && phase !== "update" && step >= 0;
    return this.pace === "phase" && (phaseEnds || stepEnds);
  }

  private async rest(step: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    // Whoever hears of the pause may answer at once.
    this.onPause(step);
    const done = this.whileResting();
    // It is awaited below; a failure meanwhile is not lost.
    done.catch(() => {});
    await woken;
    this.wake = null;
    await done;
    if (!this.stopped) this.onRun();
  }

  /** Commands arrive as messages, and a loop of resolved promises would never let one in. */
  private async breathe(): Promise<void> {
    if (performance.now() - this.breathed < BREATH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.breathed = performance.now();
  }
}
