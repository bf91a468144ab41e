import { describe, expect, it, vi } from "vitest";
import { type Command, KelvinError, type Reply, type TrainerMessage } from "../../src/contracts";
import { Asker } from "../../src/ui/asker";
import { NoTrainer } from "../../src/ui/no-trainer";
import { TrainerClient } from "../../src/ui/trainer-client";
import { plusThree } from "../plus-three";

/** A worker that does what the test says. */
class ScriptedWorker {
  readonly heard: TrainerMessage[] = [];
  readonly terminate = vi.fn();
  onmessage: (event: { data: Reply }) => void = () => {};
  onerror: (event: { message?: string }) => void = () => {};
  postMessage(message: TrainerMessage): void {
    this.heard.push(message);
  }
  /** As the trainer does when the verifier will not come. */
  refuseAll(): void {
    for (const message of this.heard)
      if (message.type === "ask")
        this.onmessage({
          data: { type: "refusal", id: message.id, reason: "verifier", message: "gone", hint: "Wait." },
        });
  }
}

const never = () => new Promise<MessagePort>(() => {});
const asks = { task: plusThree({ id: "yours/1" }), answer: "8" };

/** A client with a store's asker on it, and what it says besides answers. */
function connect(openPython: ConstructorParameters<typeof TrainerClient>[1] = never) {
  const worker = new ScriptedWorker();
  const client = new TrainerClient(worker as unknown as Worker, openPython);
  return { worker, client, ...listenTo(client) };
}

function listenTo(source: { listen(onReply: (reply: Reply) => void): void; send(command: Command): void }) {
  const said: Reply[] = [];
  const asker = new Asker((ask) => source.send(ask));
  source.listen((reply) => asker.settle(reply) || said.push(reply));
  return { said, asker };
}

describe("TrainerClient", () => {
  it("refuses what waits when its worker breaks, and whatever comes later", async () => {
    const { worker, client, said, asker } = connect();
    const waiting = [asker.ask("judge", asks), asker.ask("heldOut", null)];
    worker.onmessage({ data: { type: "answer", id: 1, answer: { verdict: "CORRECT", reason: "" } } });
    expect(await waiting[0]).toMatchObject({ verdict: "CORRECT" });
    worker.onerror({ message: "Uncaught Error: no" });
    const failure = { reason: "internal", message: "The trainer stopped: Uncaught Error: no", hint: /Reload/ };
    const refused = { ...failure, hint: expect.stringMatching(failure.hint) };
    await expect(waiting[1]).rejects.toMatchObject(refused);
    expect(said).toEqual([{ type: "failure", ...refused }]);
    expect(worker.terminate).toHaveBeenCalledOnce();

    const sent = worker.heard.length;
    await expect(asker.ask("kernels", null)).rejects.toMatchObject(refused);
    client.send({ type: "load", model: "kelvin-nano", lora: null });
    client.send({ type: "pause" });
    expect(said).toHaveLength(2);
    expect(worker.heard).toHaveLength(sent);
  });

  it("says that the worker's code did not come", async () => {
    const { worker, said } = connect();
    worker.onerror({});
    expect(said).toMatchObject([{ type: "failure", message: "The trainer could not be loaded." }]);
  });

  it("tells page and worker that Python did not come", async () => {
    const { worker, said } = connect(async () => {
      throw new KelvinError("verifier", "No Python.", "Wait.");
    });
    await vi.waitFor(() => expect(said).toHaveLength(1));
    expect(said).toEqual([{ type: "failure", reason: "verifier", message: "No Python.", hint: "Wait." }]);
    expect(worker.heard).toEqual([{ type: "no-verifier", message: "No Python.", hint: "Wait." }]);
  });

  it("lets Python go when it ends, and says nothing of that", async () => {
    let signal: AbortSignal | undefined;
    const { worker, said, client } = connect((_, given) => {
      signal = given;
      return new Promise((_, reject) => given.addEventListener("abort", () => reject(new Error("aborted"))));
    });
    client.end({ reason: "verifier", message: "gone", hint: "" });
    await Promise.resolve();
    expect(signal?.aborted).toBe(true);
    expect([said.length, worker.heard]).toEqual([1, []]);
  });
});

describe("NoTrainer", () => {
  it("begins another verifier after one that did not come or broke, and refuses what waited for it", async () => {
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("navigator", { userAgent: "" });
    const workers: ScriptedWorker[] = [];
    const source = new NoTrainer(() => {
      const worker = new ScriptedWorker();
      workers.push(worker);
      return new TrainerClient(worker as unknown as Worker, never);
    });
    const { asker } = listenTo(source);
    await expect(asker.ask("heldOut", null)).rejects.toMatchObject({
      reason: "no-webgpu",
      message: expect.stringContaining("WebGPU"),
    });

    const both = [asker.ask("judge", asks), asker.ask("judge", asks)];
    workers[0]?.refuseAll();
    const refused = { message: "gone", hint: "Wait. Trying again starts Python anew." };
    for (const one of both) await expect(one).rejects.toMatchObject(refused);
    expect(workers[0]?.terminate).toHaveBeenCalledOnce();

    const broken = asker.ask("judge", asks);
    workers[1]?.onerror({ message: "Uncaught" });
    await expect(broken).rejects.toMatchObject({ reason: "internal" });

    const answered = asker.ask("judge", asks);
    const [ask] = workers[2]?.heard ?? [];
    workers[2]?.onmessage({ data: { type: "answer", id: ask?.type === "ask" ? ask.id : 0, answer: "yes" } });
    expect(await answered).toBe("yes");
    expect(workers).toHaveLength(3);
    vi.unstubAllGlobals();
  });
});
