/** Asks the visitor which of two programs is better, for methods that learn from people. */
import type { AskPerson, Choice, Reply } from "../contracts";

/** The run is to end while it waits for a choice. */
export class Dismissed extends Error {}

export class Chooser {
  private waiting: { resolve(chosen: Choice): void; reject(why: Dismissed): void } | null = null;

  constructor(private readonly post: (reply: Reply) => void) {}

  readonly ask: AskPerson = (pair) =>
    new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.post({ type: "choose", pair });
    });

  choose(chosen: Choice): void {
    this.waiting?.resolve(chosen);
    this.waiting = null;
  }

  /** Withdraws the question: the run ends where it waits. */
  dismiss(): void {
    this.waiting?.reject(new Dismissed());
    this.waiting = null;
  }
}
