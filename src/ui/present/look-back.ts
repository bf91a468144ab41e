import type { RunState } from "../../telemetry/state";

/** How many pauses can be looked at again; a state shares most of its parts with the one before. */
const KEPT = 48;

/** The pauses of a run so far. Looking back changes nothing: the run stays where it is. */
export class LookBack {
  private pauses: readonly RunState[] = [];
  /** Index of the pause on screen; null shows the run itself. */
  private at: number | null = null;

  /** The run came to rest. Another run begins a new list. */
  rest(run: RunState): void {
    const last = this.pauses.at(-1);
    if (run === last) return;
    const same = last?.header === run.header;
    this.pauses = [...(same ? this.pauses : []), run].slice(-KEPT);
    this.at = null;
  }

  /** What is on screen. */
  shown(run: RunState): RunState {
    return this.at === null ? run : (this.pauses[this.at] ?? run);
  }

  get isBack(): boolean {
    return this.at !== null;
  }

  /** The pause before the one on screen; null where there is none. */
  get before(): RunState | null {
    return this.pauses[(this.at ?? this.pauses.length - 1) - 1] ?? null;
  }

  /** One pause back. */
  back(): void {
    const to = (this.at ?? this.pauses.length - 1) - 1;
    if (to >= 0) this.at = to;
  }

  /** One pause onwards; false where the run itself would have to go on. */
  onwards(): boolean {
    if (this.at === null) return false;
    this.at = this.at + 1 < this.pauses.length - 1 ? this.at + 1 : null;
    return true;
  }
}
