/** Long work of the page in slices: others have their turn in between. */

/** Longest slice: less than a frame, so that none is missed. */
const SLICE_MS = 8;

export class Slices {
  private since = performance.now();

  /** @param pauseMs what lies between two slices; the rest of the page lives there */
  constructor(private readonly pauseMs = 0) {}

  /** Whether the slice has lasted long enough: a loop asks before it awaits, which costs more than a line of a log. */
  get isOver(): boolean {
    return performance.now() - this.since > SLICE_MS;
  }

  /** The next slice begins when this resolves. */
  async next(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    this.since = performance.now();
  }
}
