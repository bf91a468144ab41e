import { patiently } from "./patience";

/** Submits in flight before the host waits: enough to keep the device busy, few enough to stay responsive. */
const SUBMITS_IN_FLIGHT = 3;

/** How long a submit should hold the device, and the bounds of the estimate in floating-point operations. */
const SUBMIT_MS = 80;
const LEAST_COST = 2e8;
const MOST_COST = 1e11;

/** How much goes into a submit and how many are under way. Only where submits are split depends on it, never a result. */
export class Pacing {
  private readonly inFlight: Promise<unknown>[] = [];
  private lastDone = 0;

  /** @param costPerSubmit floating-point operations, a first guess that the device's own times correct */
  constructor(private costPerSubmit: number) {}

  isFull(cost: number): boolean {
    return cost > this.costPerSubmit;
  }

  /** A submit of that cost was made; `done` resolves when the device has finished it. */
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

  /** The device has finished everything: something that came after all submits is there. */
  idle(): void {
    this.inFlight.length = 0;
  }
}
