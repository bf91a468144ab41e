import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isLogged, type Reply, readLora, type StoredRun } from "../../src/contracts";
import { replayState } from "../../src/telemetry/reducer";
import { Announcer } from "../../src/ui/announce";
import { ReplaySource } from "../../src/ui/replay-source";
import {
  checkSetup,
  DEFAULT_SETUP,
  readSetup,
  runConfig,
  settleSetup,
  setupOf,
  standardSettings,
  writeSetup,
} from "../../src/ui/setup";
import { Store } from "../../src/ui/store";
import { scriptedRun } from "./scripted-run";
import { azr, device, frames, loaded, open, ready, Script, stubPage } from "./scripted-source";

const events = [...scriptedRun({ seed: 1, steps: 2, proposals: 2, rollouts: 2 })];
const logged = events.filter(isLogged);

beforeEach(stubPage);
afterEach(() => vi.unstubAllGlobals());

describe("Store", () => {
  it("draws once a frame however many events come", () => {
    const { source, store } = open();
    const draw = vi.fn();
    store.subscribe(draw);
    source.say(ready);
    source.play(events);
    expect(frames).toHaveLength(1);
    frames[0]?.();
    expect(draw).toHaveBeenCalledTimes(1);
    source.say({ type: "paused", step: 1 });
    expect(frames).toHaveLength(2);
  });

  it("waits with Start until everything is loaded, then starts by itself, once", () => {
    const { source, store } = open();
    source.say(ready);
    store.start();
    expect(source.commands).toEqual([]);
    expect(store.waiting).toBe("start");
    source.say(loaded);
    expect(source.commands.map(({ type }) => type)).toEqual(["start"]);
    source.say(loaded);
    expect(source.commands).toHaveLength(1);
  });

  it("begins a run by stepping, and steps on in a run that is there", () => {
    const { source, store } = open();
    source.say(ready);
    source.say(loaded);
    store.stepPhase();
    expect(source.commands.map(({ type }) => type)).toEqual(["start", "step-phase"]);
    source.play(events.slice(0, 5));
    store.stepPhase();
    expect(source.commands.at(-1)).toEqual({ type: "step-phase" });
  });

  it("follows the worker's word on whether the run moves", () => {
    const { source, store } = open();
    source.play(events.slice(0, 2));
    expect(store.session.motion).toBe("running");
    source.say({ type: "paused", step: 0 });
    expect(store.session.motion).toBe("paused");
    source.say({ type: "running" });
    expect(store.session.motion).toBe("running");
    source.play(events.slice(-1));
    expect([store.session.motion, store.ended]).toEqual(["idle", true]);
  });

  it("forgets a run that is reset, and does not listen to what still comes of it", () => {
    const { source, store } = open();
    source.play(events.slice(0, 20));
    store.reset();
    expect(source.commands.at(-1)).toEqual({ type: "stop" });
    source.play(events.slice(20, 40));
    source.say({ type: "event", event: { type: "run.end", reason: "stopped", step: 0, ms: 1 } });
    expect(store.started).toBe(false);
    source.play(events.slice(0, 3));
    expect(store.started).toBe(true);
  });

  it("keeps the moment that is explained while training goes on", () => {
    const { source, store } = open();
    const end = events.findIndex((event) => event.type === "step.end");
    source.play(events.slice(0, end + 1));
    const scene = store.scene;
    const attempt = scene?.attempts.find(({ share }) => share !== null);
    if (!scene || !attempt) throw new Error("the first step has trained attempts");
    store.explain(scene, attempt.record);
    source.play(events.slice(end + 1));
    expect(store.run.current.step).toBe(1);
    expect(store.selection.explained).toMatchObject({ step: 0, record: { sample: { id: attempt.record.sample.id } } });
  });

  it("chooses the small preset where a processor stands in for the GPU, unless the link says otherwise", () => {
    const software: Reply = { type: "ready", methods: [azr], device: { ...device, software: true } };
    const automatic = open();
    automatic.source.say(software);
    expect(automatic.store.setup.preset).toBe("small");
    const asked = open({ ...DEFAULT_SETUP, preset: "full" });
    asked.source.say(software);
    expect(asked.store.setup.preset).toBe("full");
  });

  it("says in place what a link got wrong, and starts nothing until it is mended", () => {
    const { source, store } = open({ ...DEFAULT_SETUP, method: "magic" });
    source.say(ready);
    source.say(loaded);
    expect(store.complaint?.message).toContain("magic");
    store.start();
    expect(source.commands).toEqual([]);
    store.configure({ method: "azr" });
    expect(store.complaint).toBeNull();
    store.configure({ unread: { seed: "first" } });
    expect(store.complaint?.message).toContain("seed=first");
    store.configure({ steps: 3 });
    expect(store.complaint?.message).toContain("seed=first");
    store.configure({ seed: 4 });
    expect(store.complaint).toBeNull();
    store.start();
    expect(source.commands).toHaveLength(1);
  });

  it.each(["?preset=huge", "?steps=0", "?lora=many", "?set.proposals=-5"])(
    "takes the usual settings in place of what a link got wrong: %s",
    (link) => {
      const { source, store } = open(readSetup(link));
      source.say(ready);
      source.say(loaded);
      expect(store.complaint).not.toBeNull();
      expect(store.canStart).toBe(false);
      store.configure(DEFAULT_SETUP);
      expect(store.complaint).toBeNull();
      expect(store.canStart).toBe(true);
    },
  );

  it("shows a failure, and lets a run that failed be reset where a new one may go better", () => {
    const { source, store } = open();
    source.say(ready);
    source.say({ type: "failure", reason: "internal", message: "broken", hint: "" });
    expect(store.canStart).toBe(false);
    store.reset();
    expect(store.canStart).toBe(true);
    source.say({ type: "failure", reason: "device-lost", message: "gone", hint: "" });
    store.reset();
    expect(store.canStart).toBe(false);
    source.say(ready);
    expect(store.canStart).toBe(true);
  });

  it("takes the shipped model that a method needs, and goes back with another method, unless the visitor chose a model", () => {
    const { source, store } = open();
    const needy = { ...azr, name: "needy", model: "kelvin-nano-2" as const };
    source.say({ ...(ready as Extract<Reply, { type: "ready" }>), methods: [azr, needy] });
    source.say(loaded);
    store.configure({ method: "needy" });
    expect(source.commands.at(-1)).toEqual({ type: "load", model: "kelvin-nano-2", lora: null });
    store.configure({ method: azr.name });
    expect(source.commands.at(-1)).toEqual({ type: "load", model: "kelvin-nano", lora: null });
    store.useModel({ url: "https://models.test/own" }, "own");
    store.configure({ method: "needy" });
    expect(store.setup.model).toBe("https://models.test/own");
  });

  it("takes it for a link that names the method alone, once the methods are known", () => {
    const { source, store } = open({ ...DEFAULT_SETUP, method: "needy" });
    store.load();
    expect(source.commands.at(-1)).toMatchObject({ type: "load", model: "kelvin-nano" });
    const needy = { ...azr, name: "needy", model: "kelvin-nano-2" as const };
    source.say({ ...(ready as Extract<Reply, { type: "ready" }>), methods: [azr, needy] });
    expect(source.commands.at(-1)).toEqual({ type: "load", model: "kelvin-nano-2", lora: null });
    expect(store.setup.model).toBe("kelvin-nano-2");
    const own = open({ ...DEFAULT_SETUP, method: "needy", model: "https://models.test/own" });
    own.source.say({ ...(ready as Extract<Reply, { type: "ready" }>), methods: [azr, needy] });
    expect(own.store.setup.model).toBe("https://models.test/own");
  });

  it("lets a model take the place of one that could not be loaded, and puts away what a run need not meet again", () => {
    const { source, store } = open();
    source.say(ready);
    source.say(loaded);
    store.useModel({ url: "https://models.test/large" }, "large");
    source.say({ type: "failure", reason: "out-of-memory", message: "no room", hint: "" });
    expect(store.canStart).toBe(false);
    store.useModel("kelvin-nano", "kelvin-nano");
    expect(source.commands.at(-1)).toEqual({ type: "load", model: "kelvin-nano", lora: null });
    source.say({ type: "failure", reason: "out-of-memory", message: "no room", hint: "" });
    const lora = { rank: 4, alpha: 8, targets: ["q"] as const };
    store.configure({ lora });
    expect(source.commands.at(-1)).toEqual({ type: "load", model: "kelvin-nano", lora });
    store.configure({ seed: 3 });
    expect(source.commands).toHaveLength(3);
    source.say(loaded);
    expect(store.canStart).toBe(true);
    source.say({ type: "failure", reason: "out-of-memory", message: "no room for adapters", hint: "" });
    store.forgetFailure();
    expect(store.canStart).toBe(true);
    source.say({ type: "failure", reason: "verifier", message: "no Python", hint: "" });
    store.forgetFailure();
    expect(store.session.failure?.reason).toBe("verifier");
  });

  it("opens a lost GPU again, and goes on from where the run was kept once the model is there", async () => {
    const { source, store } = open();
    source.say(ready);
    source.say(loaded);
    source.play(events.slice(0, 3));
    source.say({ type: "kept", id: "one", step: 7, busy: true });
    source.say({ type: "failure", reason: "device-lost", message: "gone", hint: "" });
    const run = { ...runConfig(DEFAULT_SETUP, [azr]), seed: 5 };
    Object.assign(store, { library: { list: async () => [{ id: "one", run }] } });
    await store.recover();
    // What the run that broke off still has to say comes before the new device.
    source.say({ type: "failure", reason: "device-lost", message: "gone", hint: "" });
    expect(source.commands.map(({ type }) => type)).toEqual(["reopen", "stop"]);
    source.say(ready);
    source.say(loaded);
    expect(source.commands.at(-1)).toMatchObject({ type: "start", resume: "one", run: { seed: 5 } });
  });

  describe("going on with a kept run", () => {
    const run = runConfig({ ...DEFAULT_SETUP, preset: "small", seed: 5 }, [azr]);
    const kept = { id: "one", run } as StoredRun;

    it("says it with the preset it was made with, once the methods are known", () => {
      for (const early of [true, false]) {
        const { source, store } = open();
        if (early) store.goOn(kept);
        source.say(ready);
        source.say(loaded);
        if (!early) store.goOn(kept);
        expect(store.setup).toMatchObject({ preset: "small", seed: 5, evaluate: null, overrides: {} });
        expect(source.commands.at(-1)).toMatchObject({ type: "start", resume: "one", run: { evaluateEvery: 5 } });
      }
    });

    it("of a stranger asks for nothing at the stranger's address before the visitor says yes to it, and then goes on", () => {
      const { source, store } = open();
      source.say(ready);
      source.say(loaded);
      const url = "https://models.test/strange";
      const strange = { ...kept, run: { ...kept.run, model: url } };
      store.goOn(strange);
      store.goOn(strange);
      expect(source.commands.map(({ type }) => type)).not.toContain("load");
      expect(source.commands.map(({ type }) => type)).not.toContain("start");
      expect(store.complaint).toMatchObject({ message: "This trains a model from models.test." });
      expect(store.mayRead({ url })).toBe(false);
      store.useModel({ url }, "strange");
      expect(source.commands.at(-1)).toMatchObject({ type: "load", model: { url } });
      source.say(loaded);
      expect(source.commands.at(-1)).toMatchObject({ type: "start", resume: "one" });
    });

    it("waits until another tab gives the GPU back, and is still meant then", () => {
      const { source, store } = open();
      source.say({ type: "failure", reason: "occupied", message: "in use", hint: "" });
      store.goOn(kept);
      source.say(ready);
      source.say(loaded);
      store.start();
      expect(source.commands.at(-1)).toMatchObject({ type: "start", resume: "one" });
    });

    it("is over once something else is set: Start begins what form and link say", () => {
      const { source, store } = open();
      source.say({ type: "failure", reason: "occupied", message: "in use", hint: "" });
      store.goOn(kept);
      store.configure({ seed: 8 });
      source.say(ready);
      source.say(loaded);
      store.start();
      expect(source.commands.at(-1)).toMatchObject({ type: "start", run: { seed: 8 } });
      expect(source.commands.at(-1)).not.toHaveProperty("resume");
    });

    it("does not begin another run by itself where something was changed while the model came", () => {
      const { source, store } = open();
      source.say(ready);
      store.goOn(kept);
      expect(store.waiting).toBe("start");
      store.configure(DEFAULT_SETUP);
      expect(store.waiting).toBeNull();
      source.say(loaded);
      expect(source.commands.map(({ type }) => type)).not.toContain("start");
      store.start();
      expect(source.commands.at(-1)).not.toHaveProperty("resume");
    });
  });

  it("shows what is being written until it is there for good", () => {
    const { source, store } = open();
    const first = events.findIndex((event) => event.type === "live.tokens");
    source.play(events.slice(0, first + 3));
    expect(store.liveProposal?.text).toBe("def f(x):\n x=");
    const sample = events.findIndex((event) => event.type === "rollout.sample");
    source.play(events.slice(first + 3, sample + 1));
    expect(store.liveProposal).toBeNull();
  });
});

describe("setup", () => {
  it("survives its link", () => {
    const setup = {
      method: "azr",
      preset: "small",
      model: "other",
      seed: 9,
      steps: 40,
      evaluate: 0,
      lora: { rank: 8, alpha: 16, targets: ["q", "v"] as const, base: "float16" as const },
      chat: "off" as const,
      adapter: "cpu-relaxed" as const,
      overrides: { proposals: 16, trainProposer: false, rewardSource: "coin" },
      unread: {},
    };
    expect(settleSetup(readSetup(writeSetup(setup)), [azr], false)).toEqual(setup);
    expect(readSetup("")).toEqual(DEFAULT_SETUP);
    expect([runConfig(setup, [azr]).chat, setupOf(runConfig(setup, [azr])).chat]).toEqual(["off", "off"]);
    expect([runConfig(DEFAULT_SETUP, [azr]).chat, setupOf(runConfig(DEFAULT_SETUP, [azr])).chat]).toEqual([
      undefined,
      "on",
    ]);
    const odd = readSetup("?seed=-3&steps=0&evaluate=many&lora=few&chat=maybe&adapter=abacus");
    expect(odd).toEqual({
      ...DEFAULT_SETUP,
      unread: { seed: "-3", steps: "0", evaluate: "many", lora: "few", chat: "maybe", adapter: "abacus" },
    });
    expect(readSetup(writeSetup(odd))).toEqual(odd);
  });

  it("lays settings over the preset, and the preset over the method's defaults", () => {
    const setup = settleSetup({ ...DEFAULT_SETUP, overrides: { trainProposer: false } }, [azr], true);
    expect(runConfig(setup, [azr])).toMatchObject({ method: "azr", overrides: { proposals: 8, trainProposer: false } });
    expect(runConfig({ ...setup, overrides: { proposals: 4 } }, [azr]).overrides).toEqual({ proposals: 4 });
  });

  it("trains adapters at ten times the rate, unless a rate is set", () => {
    const paced = { ...azr, defaults: { ...azr.defaults, learningRate: 1.5e-4 } };
    const lora = { rank: 4, alpha: 8, targets: ["q"] as const };
    const rate = (setup: object) => runConfig({ ...DEFAULT_SETUP, ...setup }, [paced]).overrides["learningRate"];
    expect(rate({ lora })).toBe(0.0015);
    expect(rate({ lora, overrides: { learningRate: 0.01 } })).toBe(0.01);
    expect(rate({})).toBeUndefined();
    expect(standardSettings({ ...DEFAULT_SETUP, lora }, paced)["learningRate"]).toBe(0.0015);
  });

  it.each([
    [{ method: "magic" }, "magic"],
    [{ preset: "toString" }, "toString"],
    [{ overrides: { constructor: 1 } }, "constructor"],
    [{ overrides: { proposals: "many" } }, "proposals must be a number"],
    [{ overrides: { proposals: -1 } }, "proposals must be a number that is not negative"],
    [{ overrides: { proposals: 1.5 } }, "proposals must be a whole number"],
    [{ overrides: { rewardSource: "magic" } }, "rewardSource must be one of verifier, random"],
    [{ lora: readLora("many") }, "names no adapters"],
    [{ unread: { seed: "first" } }, "“seed=first” must be a whole number from 0 to 999999999."],
    [{ unread: { adapter: "abacus" } }, "“adapter=abacus”"],
    [{ unread: { steps: "0" } }, "“steps=0” must be a whole number from 1"],
  ])("is refused in one clear line: %j", (change, word) => {
    const wrong = { ...DEFAULT_SETUP, preset: "full", ...change } as typeof DEFAULT_SETUP;
    expect(() => checkSetup(wrong, [azr])).toThrow(word);
  });
});

describe("ReplaySource", () => {
  it("plays a recorded run to its end through the same replies", async () => {
    vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw));
    const store = new Store(new Script());
    store.play(new ReplaySource(events, 1e6));
    await vi.waitFor(() => expect(store.ended).toBe(true), 5000);
    expect(store.setup).toMatchObject({ method: "azr", seed: 1, steps: 2 });
    expect(store.run.history).toHaveLength(2);
    expect(store.complaint).toBeNull();
  });

  /** A store over the engine that plays the recording, held at its first rest. */
  async function held(recording: ReplaySource) {
    vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw));
    const opened = open();
    opened.source.say(ready);
    opened.store.play(recording);
    await vi.waitFor(() => expect(opened.store.session.motion).toBe("running"), 5000);
    opened.store.pause();
    await vi.waitFor(() => expect(opened.store.session.motion).toBe("paused"), 5000);
    return opened;
  }

  it("moves to any step, rests there when it rested, and has the state of that step", async () => {
    const { store } = await held(new ReplaySource(logged, 1));
    expect(store.timeline?.steps).toBe(2);
    const end = logged.findIndex((event) => event.type === "step.end") + 1;
    for (const step of [2, 1, 0, 1]) {
      store.seek(step);
      expect(store.run.history).toHaveLength(step);
      await vi.waitFor(() => expect(store.session.motion).toBe("paused"), 5000);
      expect(store.run.history).toHaveLength(step);
    }
    expect(store.run).toEqual(replayState(logged.slice(0, end)));
  });

  it("goes on from where it was moved to, at another speed, to the state of the whole log", async () => {
    const { store } = await held(new ReplaySource(logged, 1));
    store.seek(1);
    await vi.waitFor(() => expect(store.session.motion).toBe("paused"), 5000);
    store.playAt(1e6);
    store.resume();
    await vi.waitFor(() => expect(store.ended).toBe(true), 5000);
    expect(store.run).toEqual(replayState(logged));
  });

  it("pauses while it waits for a far event", async () => {
    const far = logged.map((event) => ("ms" in event && event.step > 0 ? { ...event, ms: event.ms + 1e7 } : event));
    const source = new ReplaySource(far, 1000);
    const store = new Store(new Script());
    vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw));
    store.play(source);
    await vi.waitFor(() => expect(store.run.history).toHaveLength(1), 5000);
    store.pause();
    await vi.waitFor(() => expect(store.session.motion).toBe("paused"), 1000);
    store.reset();
  });

  it("gives way to the engine as it was left, with what loaded meanwhile", async () => {
    const { source, store } = await held(new ReplaySource(logged, 1));
    source.say(loaded);
    expect(store.session.device?.description).not.toBe("card");
    store.reset();
    expect(store.timeline).toBeNull();
    expect(store.run.status).toBe("none");
    expect(store.session).toMatchObject({
      device: { description: "card" },
      loaded: { bytesOnDevice: 1 },
      motion: "idle",
    });
    store.start();
    expect(source.commands.at(-1)).toMatchObject({ type: "start", run: { seed: DEFAULT_SETUP.seed } });
  });
});

describe("Announcer", () => {
  it("speaks at most once in five seconds, and says how many are right", () => {
    const { source, store } = open();
    const announcer = new Announcer();
    const end = events.findIndex((event) => event.type === "step.end");
    source.play(events.slice(0, 3));
    const first = announcer.update(store, 0);
    expect(first).toContain("Step 1");
    source.play(events.slice(3, end));
    expect(announcer.update(store, 4999)).toBe(first);
    expect(announcer.update(store, 5001)).toMatch(/\d+ of \d+ attempts right/u);
  });
});
