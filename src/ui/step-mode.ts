import { PHASES, type Phase } from "../contracts";

/** Step mode on its way: from pause to pause, until the wanted phase has ended or a whole round is over. */
export class StepMode {
  private target: { readonly phase: Phase; left: number } | null = null;

  /** Make for the end of the next such phase. */
  aimAt(phase: Phase): void {
    this.target = { phase, left: PHASES.length };
  }

  /** The visitor goes on otherwise. */
  drop(): void {
    this.target = null;
  }

  /** The run came to rest. @returns whether it is to go on to the next pause */
  goesOnAfter(phase: Phase | null): boolean {
    if (!this.target) return false;
    this.target.left -= 1;
    if (phase === this.target.phase || this.target.left === 0) this.drop();
    return this.target !== null;
  }
}
