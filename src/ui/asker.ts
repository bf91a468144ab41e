import { type Ask, KelvinError, type QuestionName, type Questions, type Reply } from "../contracts";

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: KelvinError) => void;
}

/** Questions that were sent and wait for their answers. */
export class Asker {
  private readonly waiting = new Map<number, Waiting>();
  private next = 1;

  constructor(private readonly send: (ask: Ask) => void) {}

  /** @throws KelvinError with the reason of a refusal */
  ask<K extends QuestionName>(question: K, asks: Questions[K]["asks"]): Promise<Questions[K]["answer"]> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ type: "ask", id, question, asks });
    });
  }

  /** Whether the reply was an answer, and so is done with. */
  settle(reply: Reply): boolean {
    if (reply.type !== "answer" && reply.type !== "refusal") return false;
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.type === "answer") waiting?.resolve(reply.answer as never);
    else waiting?.reject(new KelvinError(reply.reason, reply.message, reply.hint));
    return true;
  }
}
