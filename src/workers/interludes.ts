/**
 * Work on the model between two steps. Decoding shares its buffers with the run, which may rest in the middle of a
 * batch, so such work waits for a step's end; where no run is on, it is done at once. One piece at a time.
 */
export class Interludes {
  private readonly waiting: (() => Promise<void>)[] = [];
  private working: Promise<void> | null = null;
  private open = true;

  get isOpen(): boolean {
    return this.open;
  }

  /** Resolves with the result once `work` has had its turn. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push(() => work().then(resolve, reject));
      if (this.open) void this.drain();
    });
  }

  /** A step has ended, or the run: what waits is done, and what comes later is done at once. */
  begin(): Promise<void> {
    this.open = true;
    return this.drain();
  }

  /** The run goes on after the piece under way. */
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
