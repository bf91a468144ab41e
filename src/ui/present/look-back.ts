import type { RunState } from "../../telemetry/state";

/** Number of pauses stored; states share most of their parts. */
const KEPT = 48;

/** The pauses of a run so far, for looking back. The run itself does not move. */
export class LookBack {
  private pauses: readonly RunState[] = [];
  /** Index of the pause on screen; null for the run itself. */
  private at: number | null = null;

  /** The run has paused. A new run starts a new list. */
  rest(run: RunState): void {
    const last = this.pauses.at(-1);
    if (run === last) return;
    const same = last?.header === run.header;
    this.pauses = [...(same ? this.pauses : []), run].slice(-KEPT);
    this.at = null;
  }

  /** The state on screen. */
  shown(run: RunState): RunState {
    return this.at === null ? run : (this.pauses[this.at] ?? run);
  }

  get isBack(): boolean {
    return this.at !== null;
  }

  /** The pause before the one on screen; null if missing. */
  get before(): RunState | null {
    return this.pauses[(this.at ?? this.pauses.length - 1) - 1] ?? null;
  }

  /** Goes one pause back. */
  back(): void {
    const to = (this.at ?? this.pauses.length - 1) - 1;
    if (to >= 0) this.at = to;
  }

  /** Goes one pause forward; false if only the run itself can go on. */
  onwards(): boolean {
    if (this.at === null) return false;
    this.at = this.at + 1 < this.pauses.length - 1 ? this.at + 1 : null;
    return true;
  }
}
