/**
 * Work on the model between two steps. Decoding shares its buffers with the run, which may pause in the middle of a batch, so the
 * work waits for a step's end. If no run is on, it starts at once. One piece at a time.
 */
export class Interludes {
  private readonly waiting: (() => Promise<void>)[] = [];
  private working: Promise<void> | null = null;
  private open = true;

  get isOpen(): boolean {
    return this.open;
  }

  /** Resolves with the result of `work`. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push(() => work().then(resolve, reject));
      if (this.open) void this.drain();
    });
  }

  /** A step or the run has ended: runs the waiting work; new work starts at once. */
  begin(): Promise<void> {
    this.open = true;
    return this.drain();
  }

  /** Resolves when the run may continue, after the current piece of work. */
  async end(): Promise<void> {
    this.open = false;
    await this.working;
  }

  private drain(): Promise<void> {
    this.working ??= this.work().finally(() => {
      this.working = null;
    });
    return this.working;
  }

  private async work(): Promise<void> {
    while (this.open && this.waiting.length > 0) await this.waiting.shift()?.();
  }
}
