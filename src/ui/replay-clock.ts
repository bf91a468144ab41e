/** Time in a recorded run, in its milliseconds: runs `speed` times as fast as real time and stops while paused. */
export class ReplayClock {
  private since = performance.now();
  private paused = false;

  constructor(
    private at: number,
    private pace: number,
  ) {}

  now(): number {
    return this.paused ? this.at : this.at + (performance.now() - this.since) * this.pace;
  }

  /** Real milliseconds until the recording reaches `due`. */
  until(due: number): number {
    return (due - this.now()) / this.pace;
  }

  hold(): void {
    this.at = this.now();
    this.paused = true;
  }

  go(): void {
    this.since = performance.now();
    this.paused = false;
  }

  set speed(speed: number) {
    this.at = this.now();
    this.since = performance.now();
    this.pace = speed;
  }
}
