import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KelvinError, type StoredRun } from "../../src/contracts";
import { DEFAULT_SETUP, runConfig } from "../../src/ui/setup";
import type { RunSource, Store } from "../../src/ui/store";
import { scriptedRun } from "./scripted-run";
import { azr, loaded, open, ready, Script, stubPage } from "./scripted-source";

const events = [...scriptedRun({ seed: 1, steps: 2, proposals: 2, rollouts: 2 })];

beforeEach(stubPage);
afterEach(() => vi.unstubAllGlobals());

/** A promise that is settled from outside. */
function later<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

describe("a recording that takes its time", () => {
  /** A store over an engine that is ready, and a recording that is here once `arrive` is called. */
  function slow() {
    const opened = open();
    opened.source.say(ready);
    return { ...opened, ...late() };
  }

  function late() {
    const recording = new Script();
    const { promise, resolve, reject } = later<RunSource>();
    return { recording, promise, arrive: () => resolve(recording), fail: reject };
  }

  const kept = { id: "one", run: runConfig(DEFAULT_SETUP, [azr]) } as StoredRun;
  const types = ({ commands }: Script) => commands.map(({ type }) => type);

  it("plays once it is here, whatever was looked at, set or stepped through meanwhile", async () => {
    const { source, store, recording, promise, arrive } = slow();
    source.say(loaded);
    store.stepPhase();
    source.play(events.slice(0, 5));
    const opening = store.open(promise);
    store.pause();
    store.stepPhase();
    store.configure({ seed: 3 });
    arrive();
    expect(await opening).toBe(true);
    recording.say(loaded);
    expect([types(source).at(-1), types(recording)]).toEqual(["stop", []]);
    recording.say(ready);
    recording.say(loaded);
    expect(types(recording)).toEqual(["start"]);
  });

  it.each<[what: string, act: (store: Store) => void, begun: string[]]>([
    ["a run was started", (store) => store.start(), ["start"]],
    ["a run was begun by stepping", (store) => store.stepPhase(), ["start", "step-phase"]],
    ["a kept run was resumed", (store) => store.goOn(kept), ["stop", "start"]],
    ["all was reset", (store) => store.reset(), ["stop"]],
  ])("stays away where %s meanwhile", async (_, act, begun) => {
    for (const early of [true, false]) {
      const { source, store, recording, promise, arrive } = slow();
      if (early) source.say(loaded);
      const opening = store.open(promise);
      act(store);
      arrive();
      expect(await opening).toBe(false);
      if (!early) source.say(loaded);
      expect(types(source)).toEqual(begun);
      expect([store.timeline, recording.commands]).toEqual([null, []]);
    }
  });

  it("gives way to one that was asked for after it, whichever comes first", async () => {
    for (const firstFirst of [true, false]) {
      const { store, recording, promise, arrive } = slow();
      const second = late();
      const both = [store.open(promise), store.open(second.promise)];
      for (const come of firstFirst ? [arrive, second.arrive] : [second.arrive, arrive]) come();
      expect(await Promise.all(both)).toEqual([false, true]);
      second.recording.say(ready);
      second.recording.say(loaded);
      recording.say(ready);
      recording.say(loaded);
      expect([types(recording), types(second.recording)]).toEqual([[], ["start"]]);
    }
  });

  it("is asked for instead of a run that has not begun yet", () => {
    const { source, store, promise } = slow();
    store.start();
    void store.open(promise);
    expect(store.waiting).toBeNull();
    source.say(loaded);
    expect(types(source)).toEqual([]);
  });

  it("leaves all as it was where it cannot be had", async () => {
    const { source, store, promise, fail } = slow();
    source.say(loaded);
    const opening = store.open(promise);
    fail(new KelvinError("input", "no network", ""));
    await expect(opening).rejects.toThrow("no network");
    store.start();
    expect(types(source)).toEqual(["start"]);
  });

  it("stays, where a lost run could have been gone on with by then", async () => {
    const { source, store, recording, promise, arrive } = slow();
    source.say({ type: "kept", id: "one", step: 7, busy: true });
    source.say({ type: "failure", reason: "device-lost", message: "gone", hint: "" });
    const list = later<readonly unknown[]>();
    Object.assign(store, { library: { list: () => list.promise } });
    const recovering = store.recover();
    arrive();
    await store.open(promise);
    list.resolve([kept]);
    await recovering;
    recording.say(ready);
    recording.say(loaded);
    expect(types(recording)).toEqual(["start"]);
    store.reset();
    expect(store.session.failure?.reason).toBe("device-lost");
  });
});
