/** One tab of this page at a time holds the GPU: two would share it badly, and each would think it slow. */

const NAME = "kelvin-gpu";

/** This tab's hold on the GPU, by a lock that all tabs of the page share. */
export class DeviceClaim {
  private granted: () => void = () => {};
  private held = false;
  /** Ends the place in the queue. */
  private queued: AbortController | null = null;

  /** `onLost` is told when another tab has taken the GPU over. */
  constructor(private readonly onLost: () => void) {}

  /** Resolves when the GPU is this tab's; `onWait` is told if another tab has it until then. */
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

  /** Take the GPU from whichever tab has it. */
  seize(): void {
    this.queued?.abort();
    this.queued = null;
    navigator.locks.request(NAME, { steal: true }, () => this.hold()).catch(this.lose);
  }

  /** The tab that has it may close. */
  private queue(): void {
    const queued = new AbortController();
    this.queued = queued;
    navigator.locks
      .request(NAME, { signal: queued.signal }, () => this.hold())
      .catch((error: unknown) => {
        if (!queued.signal.aborted) this.lose(error);
      });
  }

  /** Held until this tab is closed or another one seizes it. */
  private hold(): Promise<never> {
    this.held = true;
    this.granted();
    return new Promise(() => {});
  }

  /** The GPU is not this tab's any more. */
  private readonly lose = (error: unknown): void => {
    const name = error instanceof DOMException ? error.name : "";
    // Where a browser denies the page its storage it denies it locks as well: no tab can be told from another.
    if (name === "SecurityError") void this.hold();
    else if (name !== "AbortError") throw error;
    else {
      this.held = false;
      this.onLost();
    }
  };
}
