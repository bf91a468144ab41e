import type { Ask, Command, QuestionName, Reply } from "../contracts";
import { withAdvice } from "./device-advice";
import type { RunSource } from "./source";
import type { TrainerClient } from "./trainer-client";

/** Questions that the verifier answers alone. */
const FOR_VERIFIER: ReadonlySet<QuestionName> = new Set(["judge", "draft"]);

/** Nothing but Python was loaded, so that it may be loaded anew. */
const ANOTHER_TRY = "Trying again starts Python anew.";

/**
 * A browser without WebGPU: nothing is loaded, the page says why, and recorded runs still play. Python is started when
 * something is to be judged, and again where it did not start.
 */
export class NoTrainer implements RunSource {
  private reply: (reply: Reply) => void = () => {};
  private verifier: TrainerClient | null = null;

  /** @param create makes a trainer for its verifier alone */
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
    // All else it says, that it has no device among it, is known here.
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
