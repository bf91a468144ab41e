import type { Ask, Command, QuestionName, Reply } from "../contracts";
import { withAdvice } from "./device-advice";
import type { RunSource } from "./source";
import type { TrainerClient } from "./trainer-client";

/** Questions that need only the verifier. */
const FOR_VERIFIER: ReadonlySet<QuestionName> = new Set(["judge", "draft", "pairs"]);

/** Hint if only Python was being loaded. */
const ANOTHER_TRY = "Trying again starts Python anew.";

/**
 * Replaces the trainer in a browser without WebGPU: the page says why, and recordings still play. Python starts with the first
 * question, and again after a failed start.
 */
export class NoTrainer implements RunSource {
  private reply: (reply: Reply) => void = () => {};
  private verifier: TrainerClient | null = null;

  /** @param create creates a trainer that is used only for its verifier */
  constructor(private readonly create: () => TrainerClient) {}

  listen(onReply: (reply: Reply) => void): void {
    this.reply = (reply) => onReply(withAdvice(reply));
    queueMicrotask(() => this.reply({ type: "failure", reason: "no-webgpu", message: "", hint: "" }));
  }

  send(command: Command): void {
    if (command.type !== "ask") return;
    if (FOR_VERIFIER.has(command.question)) this.askVerifier(command);
    else
      queueMicrotask(() => this.reply({ type: "refusal", id: command.id, reason: "no-webgpu", message: "", hint: "" }));
  }

  private askVerifier(ask: Ask): void {
    if (!this.verifier || this.verifier.isOver) this.verifier = this.begin();
    this.verifier.send(ask);
  }

  private begin(): TrainerClient {
    const verifier = this.create();
    // Ignore its other replies, such as that there is no device.
    verifier.listen((reply) => {
      if (reply.type === "answer") this.reply(reply);
      if (reply.type === "refusal") this.refuse(verifier, reply);
    });
    return verifier;
  }

  private refuse(verifier: TrainerClient, refusal: Extract<Reply, { readonly type: "refusal" }>): void {
    const { reason, message, hint } = refusal;
    if (reason === "verifier") {
      this.reply({ ...refusal, hint: `${hint} ${ANOTHER_TRY}` });
      verifier.end({ reason, message, hint });
    } else this.reply(refusal);
  }
}
