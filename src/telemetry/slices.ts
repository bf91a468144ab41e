/** Splits long work on the page into slices, so that other tasks run in between. */

/** Longest slice: less than a frame, so that no frame is dropped. */
const SLICE_MS = 8;

export class Slices {
  private since = performance.now();

  /** @param pauseMs pause between two slices */
  constructor(private readonly pauseMs = 0) {}

  /** Whether the slice is used up. Ask before awaiting: an await costs more than parsing a line of a log. */
  get isOver(): boolean {
    return performance.now() - this.since > SLICE_MS;
  }

  /** Resolves when the next slice starts. */
  async next(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    this.since = performance.now();
  }
}
