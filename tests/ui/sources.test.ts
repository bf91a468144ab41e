import { describe, expect, it } from "vitest";
import type { Reply } from "../../src/contracts";
import { initialSession } from "../../src/ui/session";
import { DEFAULT_SETUP } from "../../src/ui/setup";
import { Sources } from "../../src/ui/sources";
import { loaded, ready, Script } from "./scripted-source";

const page = { session: initialSession, setup: { ...DEFAULT_SETUP, seed: 7 } };
const paused: Reply = { type: "paused", step: 1 };

function sources() {
  const engine = new Script();
  const heard: Reply[] = [];
  return { engine, heard, sources: new Sources(engine, (reply) => heard.push(reply)) };
}

describe("Sources", () => {
  it("hears the engine, then the recording in its place, then the engine again", () => {
    const { engine, heard, sources: all } = sources();
    const recording = new Script();
    engine.say(ready);
    all.leaveFor(recording, page);
    engine.say(loaded);
    recording.say(paused);
    all.comeBack();
    recording.say(paused);
    engine.say(loaded);
    expect(heard).toEqual([ready, paused, loaded]);
    expect(all.current).toBe(engine);
  });

  it("comes back to the page as it was left before the first recording, with what loaded meanwhile", () => {
    const { engine, sources: all } = sources();
    expect(all.comeBack()).toBeNull();
    all.leaveFor(new Script(), page);
    engine.say(ready);
    all.leaveFor(new Script(), { session: initialSession, setup: DEFAULT_SETUP });
    engine.say(loaded);
    expect(all.comeBack()).toMatchObject({
      setup: { seed: 7 },
      session: { device: { description: "card" }, loaded: { bytesOnDevice: 1 } },
    });
    expect(all.comeBack()).toBeNull();
  });

  it("lets the engine answer while a recording plays", async () => {
    const { engine, heard, sources: all } = sources();
    all.leaveFor(new Script(), page);
    const asked = all.ask("kernels", null);
    const refusal = all.ask("downloads", null);
    engine.say({ type: "refusal", id: 2, reason: "input", message: "storage is denied", hint: "" });
    engine.say({ type: "answer", id: 1, answer: "here" });
    expect(await asked).toBe("here");
    await expect(refusal).rejects.toThrow("storage is denied");
    expect([engine.commands.map(({ type }) => type), heard]).toEqual([["ask", "ask"], []]);
  });
});
