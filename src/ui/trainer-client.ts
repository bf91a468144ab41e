/** The page's side of the trainer: sends commands, receives replies, and connects Python. */
import { type Command, KelvinError, type Reply, type TrainerMessage } from "../contracts";
import { withAdvice } from "./device-advice";
import type { Failure } from "./session";
import type { RunSource } from "./source";

/** Opens the Python jail; aborting `signal` closes it. @throws KelvinError "verifier" */
export type OpenPython = (
  onProgress: (loaded: number, total: number) => void,
  signal: AbortSignal,
) => Promise<MessagePort>;

/** Commands that expect an answer. */
const AWAITED: ReadonlySet<Command["type"]> = new Set(["load", "start", "reopen", "take-over"]);

/** The engine's worker with its Python jail. Every request is answered or refused, even if the worker breaks. */
export class TrainerClient implements RunSource {
  private reply: (reply: Reply) => void = () => {};
  /** Questions without an answer so far. */
  private readonly asked = new Set<number>();
  private readonly python = new AbortController();
  /** Why the worker has ended; null while it works. */
  private over: Failure | null = null;

  constructor(
    private readonly worker: Worker,
    private readonly openPython: OpenPython,
  ) {}

  get isOver(): boolean {
    return this.over !== null;
  }

  listen(onReply: (reply: Reply) => void): void {
    this.reply = onReply;
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => this.hear(data);
    this.worker.onerror = ({ message }) => this.end(brokenBy(message));
    void this.connectPython();
  }

  send(command: Command): void {
    if (command.type === "ask") this.asked.add(command.id);
    if (this.over) this.refuse(command, this.over);
    else this.post(command);
  }

  /** The worker has ended: refuses pending and later requests. */
  end(failure: Failure): void {
    if (this.over) return;
    this.over = failure;
    this.worker.terminate();
    this.python.abort();
    for (const id of [...this.asked]) this.hear({ type: "refusal", id, ...failure });
    this.hear({ type: "failure", ...failure });
  }

  private hear(reply: Reply): void {
    if (reply.type === "answer" || reply.type === "refusal") this.asked.delete(reply.id);
    this.reply(withAdvice(reply));
  }

  private refuse(command: Command, failure: Failure): void {
    if (command.type === "ask") this.hear({ type: "refusal", id: command.id, ...failure });
    else if (AWAITED.has(command.type)) this.hear({ type: "failure", ...failure });
  }

  private post(message: TrainerMessage, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  private async connectPython(): Promise<void> {
    const { signal } = this.python;
    const onProgress = (loaded: number, total: number) =>
      this.hear({ type: "progress", what: "python", loaded, total });
    try {
      const port = await this.openPython(onProgress, signal);
      this.post({ type: "verifier", port }, [port]);
    } catch (error) {
      if (signal.aborted) return;
      const failure = missing(error);
      // Requests that need the verifier are pending in the worker.
      this.post({ type: "no-verifier", message: failure.message, hint: failure.hint });
      this.hear({ type: "failure", ...failure });
    }
  }
}

/** If a worker's code fails to load, the event has no message. */
function brokenBy(message: string | undefined): Failure {
  const [what, hint] = message
    ? [`The trainer stopped: ${message}`, "Reload the page to begin again."]
    : ["The trainer could not be loaded.", "Check the connection and reload the page."];
  return { reason: "internal", message: what, hint };
}

function missing(error: unknown): Failure {
  const { message, hint } =
    error instanceof KelvinError ? error : { message: String(error), hint: "Reload the page to begin again." };
  return { reason: "verifier", message, hint };
}
