import type { Phase } from "../contracts";

/** Step mode: runs from pause to pause, until the wanted phase or a whole step has ended. */
export class StepMode {
  private target: { readonly phase: Phase; left: number } | null = null;

  /** Make for the end of the next such phase. @param round how many phases a step has */
  aimAt(phase: Phase, round: number): void {
    this.target = { phase, left: round };
  }

  /** The visitor has chosen something else. */
  drop(): void {
    this.target = null;
  }

  /** The run has paused. @returns whether it should continue to the next pause */
  goesOnAfter(phase: Phase | null): boolean {
    if (!this.target) return false;
    this.target.left -= 1;
    if (phase === this.target.phase || this.target.left === 0) this.drop();
    return this.target !== null;
  }
}
