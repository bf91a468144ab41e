/** Lets one tab of this page at a time use the GPU: two tabs would slow each other down. */

const NAME = "kelvin-gpu";

/** This tab's claim to the GPU, by a lock that all tabs of the page share. */
export class DeviceClaim {
  private granted: () => void = () => {};
  private held = false;
  /** Leaves the queue. */
  private queued: AbortController | null = null;

  /** `onLost` is called when another tab has taken the device over. */
  constructor(private readonly onLost: () => void) {}

  /** Resolves when this tab has the GPU; calls `onWait` if another tab has it now. */
  async take(onWait: () => void): Promise<void> {
    if (this.held) return;
    const held = new Promise<void>((resolve) => {
      this.granted = resolve;
    });
    navigator.locks
      .request(NAME, { ifAvailable: true }, (lock) => {
        if (lock) return this.hold();
        onWait();
        this.queue();
        return undefined;
      })
      .catch(this.lose);
    return held;
  }

  /** Takes the GPU from the tab that has it. */
  seize(): void {
    this.queued?.abort();
    this.queued = null;
    navigator.locks.request(NAME, { steal: true }, () => this.hold()).catch(this.lose);
  }

  /** Waits for the other tab to close. */
  private queue(): void {
    const queued = new AbortController();
    this.queued = queued;
    navigator.locks
      .request(NAME, { signal: queued.signal }, () => this.hold())
      .catch((error: unknown) => {
        if (!queued.signal.aborted) this.lose(error);
      });
  }

  /** Holds the lock until this tab is closed or another one takes over. */
  private hold(): Promise<never> {
    this.held = true;
    this.granted();
    return new Promise(() => {});
  }

  /** This tab has lost the GPU. */
  private readonly lose = (error: unknown): void => {
    const name = error instanceof DOMException ? error.name : "";
    // A browser that blocks the page's storage blocks locks too. Then tabs cannot be told apart, and this one goes ahead.
    if (name === "SecurityError") void this.hold();
    else if (name !== "AbortError") throw error;
    else {
      this.held = false;
      this.onLost();
    }
  };
}
