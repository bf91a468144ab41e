/** Tells late results whether they are still wanted: the latest request has the turn. */
export class Turns {
  private latest = 0;

  /** Takes the turn. @returns a function that says whether this is still the latest request */
  take(): () => boolean {
    this.latest += 1;
    const mine = this.latest;
    return () => mine === this.latest;
  }
}
