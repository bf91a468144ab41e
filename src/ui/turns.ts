/** What comes late can tell whether it is still wanted: whoever asked last has the turn. */
export class Turns {
  private latest = 0;

  /** Take the turn from all before. @returns says, whenever it is called, whether nobody has taken it since */
  take(): () => boolean {
    this.latest += 1;
    const mine = this.latest;
    return () => mine === this.latest;
  }
}
