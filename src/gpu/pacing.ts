import { patiently } from "./patience";

/** Submits in flight before the host waits: enough to keep the device busy, few enough for a quick pause. */
const SUBMITS_IN_FLIGHT = 3;

/** Target duration of a submit, and the bounds of its estimate in floating-point operations. */
const SUBMIT_MS = 80;
const LEAST_COST = 2e8;
const MOST_COST = 1e11;

/** Decides how much one submit contains and how many are in flight. This changes where submits are split, never a result. */
export class Pacing {
  private readonly inFlight: Promise<unknown>[] = [];
  private lastDone = 0;

  /** @param costPerSubmit floating-point operations: an initial estimate that measured times correct */
  constructor(private costPerSubmit: number) {}

  isFull(cost: number): boolean {
    return cost > this.costPerSubmit;
  }

  /** Reports a submit of that cost; `done` resolves when the device has finished it. */
  submitted(done: Promise<unknown>, cost: number): void {
    this.inFlight.push(this.timed(done, cost));
  }

  private async timed(done: Promise<unknown>, cost: number): Promise<void> {
    const submitted = performance.now();
    await done;
    const now = performance.now();
    const elapsed = now - Math.max(submitted, this.lastDone);
    this.lastDone = now;
    if (cost < this.costPerSubmit / 2 || elapsed <= 0) return;
    const fitting = (cost * SUBMIT_MS) / elapsed;
    this.costPerSubmit = Math.min(MOST_COST, Math.max(LEAST_COST, 0.8 * this.costPerSubmit + 0.2 * fitting));
  }

  /** Waits until few enough submits are in flight. */
  async breathe(): Promise<void> {
    while (this.inFlight.length > SUBMITS_IN_FLIGHT) await patiently(this.inFlight.shift() as Promise<unknown>);
  }

  /** The device has finished everything: a later result has arrived. */
  idle(): void {
    this.inFlight.length = 0;
  }
}
