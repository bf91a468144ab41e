import { type Ask, KelvinError, type QuestionName, type Questions, type Reply } from "../contracts";

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: KelvinError) => void;
}

/** Sends questions to the trainer and matches the answers. */
export class Asker {
  private readonly waiting = new Map<number, Waiting>();
  private next = 1;

  constructor(private readonly send: (ask: Ask) => void) {}

  /** @throws KelvinError with the trainer's reason for a refusal */
  ask<K extends QuestionName>(question: K, asks: Questions[K]["asks"]): Promise<Questions[K]["answer"]> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ type: "ask", id, question, asks });
    });
  }

  /** Handles the reply if it is an answer; returns whether it was one. */
  settle(reply: Reply): boolean {
    if (reply.type !== "answer" && reply.type !== "refusal") return false;
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.type === "answer") waiting?.resolve(reply.answer as never);
    else waiting?.reject(new KelvinError(reply.reason, reply.message, reply.hint));
    return true;
  }
}
