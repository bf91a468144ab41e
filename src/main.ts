/** The page's entry: worker, jail and app are made and joined here. */
import { type Command, KelvinError, type QuestionName, type Reply } from "./contracts";
import "./ui/app";
import { webgpuAdvice } from "./ui/device-advice";
import { LibraryClient } from "./ui/library-client";
import { linkNotice } from "./ui/link-notice";
import { playLinked } from "./ui/linked-recording";
import { readSetup } from "./ui/setup";
import { type RunSource, Store } from "./ui/store";
import { restoreTheme } from "./ui/theme";
import { openJail } from "./verify/jail-page";
import type { TrainerMessage } from "./workers/messages";

/** Folder the page lies in. */
const root = new URL(".", document.baseURI);

/** The engine in its worker, with Python in its jail. */
class Trainer implements RunSource {
  private reply: (reply: Reply) => void = () => {};
  private readonly worker = new Worker(new URL("./workers/trainer.ts", import.meta.url), {
    type: "module",
    name: root.href,
  });

  listen(onReply: (reply: Reply) => void): void {
    this.reply = onReply;
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => onReply(withAdvice(data));
    this.worker.onerror = ({ message }) =>
      onReply({
        type: "failure",
        reason: "internal",
        message: `The trainer stopped: ${message}`,
        hint: "Reload the page to begin again.",
      });
    this.connectPython();
  }

  send(command: Command): void {
    this.post(command);
  }

  private post(message: TrainerMessage, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  private connectPython(): void {
    const onProgress = (loaded: number, total: number) =>
      this.reply({ type: "progress", what: "python", loaded, total });
    openJail({ folder: new URL("pyodide/", root).href, onProgress }).then(
      (port) => this.post({ type: "verifier", port }, [port]),
      (error: unknown) => this.reply(failureOf(error)),
    );
  }
}

/** Questions that the verifier answers alone. */
const FOR_VERIFIER: ReadonlySet<QuestionName> = new Set(["judge", "draft"]);

/**
 * A browser without WebGPU: nothing is loaded, the page says why, and recorded runs still play. Python is started when
 * something is to be judged.
 */
class NoTrainer implements RunSource {
  private reply: (reply: Reply) => void = () => {};
  private verifier: Trainer | null = null;

  listen(onReply: (reply: Reply) => void): void {
    this.reply = onReply;
    queueMicrotask(() => onReply(withAdvice({ type: "failure", reason: "no-webgpu", message: "", hint: "" })));
  }

  send(command: Command): void {
    if (command.type !== "ask") return;
    if (FOR_VERIFIER.has(command.question)) this.askVerifier(command);
    else this.refuse(command.id);
  }

  private refuse(id: number): void {
    const advice = webgpuAdvice(navigator.userAgent, isSecureContext);
    queueMicrotask(() => this.reply({ type: "refusal", id, reason: "no-webgpu", ...advice }));
  }

  private askVerifier(command: Command): void {
    if (!this.verifier) {
      this.verifier = new Trainer();
      // All else it says, that it has no device among it, is known here.
      this.verifier.listen((reply) => {
        if (reply.type === "answer" || reply.type === "refusal") this.reply(reply);
      });
    }
    this.verifier.send(command);
  }
}

/** The page knows the browser it is in; the worker only knows that there is no adapter, and says nothing of its own. */
function withAdvice(reply: Reply): Reply {
  if (reply.type !== "failure" || reply.reason !== "no-webgpu" || reply.message !== "") return reply;
  return { ...reply, ...webgpuAdvice(navigator.userAgent, isSecureContext) };
}

function failureOf(error: unknown): Reply {
  const known =
    error instanceof KelvinError
      ? error
      : new KelvinError("verifier", String(error), "Reload the page to begin again.");
  return { type: "failure", reason: "verifier", message: known.message, hint: known.hint };
}

restoreTheme();
const setup = readSetup(location.search);
const library = new LibraryClient(
  () => new Worker(new URL("./workers/library.ts", import.meta.url), { type: "module" }),
);
const store = new Store("gpu" in navigator ? new Trainer() : new NoTrainer(), setup, library);
store.whereabouts.open(location.search);
const notice = linkNotice(location.search);
if (notice) store.notify(notice.message, notice.hint);
const app = document.createElement("kelvin-app");
app.store = store;
document.querySelector("#wait")?.replaceWith(app);
store.load();
void playLinked(store, location.search);
