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
