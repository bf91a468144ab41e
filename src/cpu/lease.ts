/** How long a helper goes on after a sign of its owner. */
const LEASE_MS = 120;

/**
 * A helper works only while its owner does. The owner gives a sign at each turn of its event loop; without one the helper waits.
 * So a paused run stops all its threads, and so does a reader who asks for no more tokens. This changes timing, never a result.
 */
export class Lease {
  private end = 0;
  private readonly waiting: (() => void)[] = [];

  /** The owner has given a sign. */
  renew(): void {
    this.end = performance.now() + LEASE_MS;
    this.wake();
  }

  /** Lets those who wait look again. */
  wake(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  /** Resolves when work may go on, or when `isOver`. */
  async hold(isOver: () => boolean): Promise<void> {
    while (!isOver() && performance.now() > this.end) await new Promise<void>((go) => this.waiting.push(go));
  }
}
