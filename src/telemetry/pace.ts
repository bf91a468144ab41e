/** How far a run may go before it pauses. */
export type Pace = "run" | "pause" | "phase" | "step";

/** The part of an event that decides about a pause. */
interface Passed {
  readonly type: string;
  readonly phase?: string;
  readonly step?: number;
}

/** Longest time the loop runs without letting messages in. */
const BREATH_MS = 30;

/**
 * Decides when the next event of a run is requested. A run is a generator, so not asking pauses it: `await pace.after(event)`
 * resolves to true when the run may continue, and to false when it must end.
 */
export class PaceControl {
  private pace: Pace = "run";
  private stopped = false;
  private wake: (() => void) | null = null;
  private breathed = performance.now();
  /** Milliseconds paused within a stage's own work. They must not count as working time. */
  restedWithin = 0;
  /** Called at each pause; the run continues only after its promise resolves. */
  whileResting: () => Promise<void> = async () => {};

  /** `onPause` is called at each pause with the current step, `onRun` when the run continues. */
  constructor(
    private readonly onPause: (step: number) => void,
    private readonly onRun: () => void,
  ) {}

  /** Continues at `pace`; "pause" takes effect at the next event. */
  set(pace: Pace): void {
    this.pace = pace;
    if (pace !== "pause") this.wake?.();
  }

  /** Whether the run is paused, or will be at the next event. */
  get isHeld(): boolean {
    return this.pace === "pause" && !this.stopped;
  }

  get wasStopped(): boolean {
    return this.stopped;
  }

  /** Ends the run at the next event, paused or not. */
  stop(): void {
    this.stopped = true;
    this.wake?.();
  }

  /** Call between two pieces of work without events: pauses here if requested. */
  async within(step: number): Promise<void> {
    if (this.pace !== "pause" || this.stopped) return;
    const since = performance.now();
    await this.rest(step);
    this.restedWithin += performance.now() - since;
  }

  /** Waits until the event after `event` is wanted; false if the run was stopped. */
  async after(event: Passed): Promise<boolean> {
    if (this.reached(event)) this.pace = "pause";
    if (this.pace === "pause" && !this.stopped) await this.rest(event.step ?? 0);
    else await this.breathe();
    return !this.stopped;
  }

  private reached({ type, phase, step = 0 }: Passed): boolean {
    const stepEnds = type === "step.end" || type === "step.skip";
    if (this.pace === "step") return stepEnds;
    // Update ends with `step.end`, which has its metrics. Phases before the first step never pause.
    const phaseEnds = type === "phase.end" && phase !== "update" && step >= 0;
    return this.pace === "phase" && (phaseEnds || stepEnds);
  }

  private async rest(step: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    // The listener may call `set` at once.
    this.onPause(step);
    const done = this.whileResting();
    // Awaited below; this only avoids an unhandled rejection meanwhile.
    done.catch(() => {});
    await woken;
    this.wake = null;
    await done;
    if (!this.stopped) this.onRun();
  }

  /** Lets messages in: commands arrive as messages, and a loop of resolved promises would starve them. */
  private async breathe(): Promise<void> {
    if (performance.now() - this.breathed < BREATH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.breathed = performance.now();
  }
}
