import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Reply } from "../../src/contracts";
import { TrainerSession } from "../../src/workers/session";
import { plusThree } from "../plus-three";

/** A tab that waits for the GPU: what is asked of the verifier has nothing to do with it. */
beforeEach(() => {
  vi.stubGlobal("navigator", { locks: { request: () => new Promise(() => {}) } });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const asks = { task: plusThree({ id: "yours/1" }), answer: "8" };
const gone = { type: "no-verifier", message: "No Python.", hint: "Wait." } as const;

describe("a session whose Python does not come", () => {
  it("refuses questions that wait for it, and later ones", async () => {
    const said: Reply[] = [];
    const session = new TrainerSession(new URL("http://localhost/"), (reply) => said.push(reply));
    session.handle({ type: "ask", id: 1, question: "judge", asks });
    await Promise.resolve();
    expect(said).toEqual([]);
    session.disconnect(gone);
    session.handle({ type: "ask", id: 2, question: "judge", asks });
    const refusal = { type: "refusal", reason: "verifier", message: gone.message, hint: gone.hint };
    await vi.waitFor(() =>
      expect(said).toEqual([
        { ...refusal, id: 1 },
        { ...refusal, id: 2 },
      ]),
    );
  });

  it("refuses them too where Python breaks as it starts", async () => {
    const said: Reply[] = [];
    const session = new TrainerSession(new URL("http://localhost/"), (reply) => said.push(reply));
    session.handle({ type: "ask", id: 1, question: "judge", asks });
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = () => port2.postMessage({ type: "failed", message: "CompileError" });
    session.connect(port1);
    await vi.waitFor(() => expect(said).toMatchObject([{ type: "refusal", message: "Python stopped: CompileError" }]));
    port2.close();
  });
});

describe("a session whose device another tab has", () => {
  it("refuses what needs the device, and rules on a task without a model", async () => {
    // Nothing is free, and no turn comes.
    const request = (_: string, { ifAvailable }: LockOptions, granted: (lock: null) => unknown) =>
      ifAvailable ? Promise.resolve().then(() => granted(null)) : new Promise(() => {});
    vi.stubGlobal("navigator", { locks: { request } });
    const said: Reply[] = [];
    const session = new TrainerSession(new URL("http://localhost/"), (reply) => said.push(reply));
    await vi.waitFor(() => expect(said).toMatchObject([{ type: "failure", reason: "occupied" }]));
    vi.stubGlobal("fetch", () => new Promise(() => {}));
    session.handle({ type: "load", model: "kelvin-nano", lora: null });
    session.handle({ type: "ask", id: 1, question: "heldOut", asks: null });
    const run = { method: "azr", overrides: {} };
    session.handle({ type: "ask", id: 2, question: "inspect", asks: { model: "kelvin-nano", lora: null, run } });
    const refusal = { type: "refusal", reason: "occupied", message: expect.stringContaining("Another tab") };
    await vi.waitFor(() =>
      expect(said.slice(1)).toMatchObject([
        { ...refusal, id: 1 },
        { ...refusal, id: 2 },
      ]),
    );
    expect(await session.loaded()).toBeNull();
  });

  it("waits its turn also where it could open none itself", async () => {
    let seize: (error: DOMException) => void = () => {};
    let isFree = true;
    const request = async (_: string, { ifAvailable }: LockOptions, granted: (lock: object | null) => unknown) => {
      if (!ifAvailable) return new Promise(() => {});
      if (!isFree) return granted(null);
      isFree = false;
      granted({});
      return new Promise((_, reject) => {
        seize = reject;
      });
    };
    vi.stubGlobal("navigator", { locks: { request } });
    const said: Reply[] = [];
    new TrainerSession(new URL("http://localhost/"), (reply) => said.push(reply), "gpu");
    await vi.waitFor(() => expect(said).toMatchObject([{ type: "failure", reason: "no-webgpu" }]));
    seize(new DOMException("stolen", "AbortError"));
    const taken = { type: "failure", reason: "occupied", message: "Another tab has taken the device over." };
    await vi.waitFor(() => expect(said.slice(1)).toMatchObject([taken]));
  });
});
