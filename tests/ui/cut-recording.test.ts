import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isLogged, type TrainEvent } from "../../src/contracts";
import { replayState } from "../../src/telemetry/reducer";
import { phaseNote } from "../../src/ui/phase-notes";
import { caption } from "../../src/ui/present/moment";
import { ReplaySource } from "../../src/ui/replay-source";
import { Store } from "../../src/ui/store";
import { scriptedRun } from "./scripted-run";

const logged = [...scriptedRun({ seed: 1, steps: 3, proposals: 2, rollouts: 2 })].filter(isLogged);
const ends = logged.flatMap(({ type }, index) => (type === "step.end" ? [index + 1] : []));

/** The log of a tab that was closed after its second step, or in the third. */
const afterStep = logged.slice(0, ends[1]);
const withinStep = logged.slice(0, (ends[1] ?? 0) + 4);
const CUT = /^The recording ends here, after 2 steps: its run had not ended\.$/u;

beforeEach(() => {
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw));
  vi.stubGlobal("history", { replaceState: vi.fn() });
  vi.stubGlobal("location", { hash: "" });
});
afterEach(() => vi.unstubAllGlobals());

/** A page that plays the events, or steps through them. */
function open(events: readonly TrainEvent[], how: "start" | "step-phase" = "start"): Store {
  const store = new Store({ send: () => {}, listen: () => {} });
  store.play(new ReplaySource(events, 1e6), how);
  return store;
}

const comesTo = (store: Store, motion: "paused" | "idle") =>
  vi.waitFor(() => expect([store.started, store.session.motion]).toEqual([true, motion]), 5000);

/** What is said of the end, by the stage and by the presentation, and that nothing moves any more. */
async function endsCut(store: Store): Promise<void> {
  await vi.waitFor(() => expect(store.ended).toBe(true), 5000);
  expect(store.session.motion).toBe("idle");
  expect(phaseNote(store.run, store.session.motion).text).toMatch(CUT);
  expect(caption(store.run, null, null)).toEqual([{ text: expect.stringMatching(CUT) }]);
}

describe("a recording that was cut off", () => {
  it.each([
    ["after a step", afterStep],
    ["within a step", withinStep],
  ])("comes to its end and says so: %s", async (_, events) => {
    const store = open(events);
    await endsCut(store);
    const { status, message, active, ms } = store.run;
    expect(store.run).toEqual({ ...replayState(events), status, message, active });
    expect(ms).toBe(replayState(events).ms);
  });

  it("ends when it is stepped beyond its last event, and begins again with the next step", async () => {
    const store = open(withinStep, "step-phase");
    for (let presses = 0; presses < 40 && !store.ended; presses++) {
      await vi.waitFor(() => expect(store.ended || store.session.motion === "paused").toBe(true), 5000);
      if (!store.ended) store.stepPhase();
    }
    await endsCut(store);
    store.stepPhase();
    await comesTo(store, "paused");
    expect(store.run.history).toHaveLength(0);
  });

  it("ends when it goes on at its last step", async () => {
    const store = open(afterStep);
    await endsCut(store);
    store.seek(2);
    await comesTo(store, "paused");
    expect(store.ended).toBe(false);
    store.resume();
    await endsCut(store);
  });

  it("can be moved about in and played again after its end", async () => {
    const store = open(withinStep);
    await endsCut(store);
    store.seek(1);
    await comesTo(store, "paused");
    expect(store.run).toEqual(replayState(logged.slice(0, ends[0])));
    store.resume();
    await endsCut(store);
    store.start();
    store.pause();
    await comesTo(store, "paused");
    expect([store.ended, store.run.history.length]).toEqual([false, 0]);
    store.resume();
    await endsCut(store);
    expect(store.run.history).toHaveLength(2);
  });

  it("that holds nothing but its beginning ends at once", async () => {
    const store = open(logged.slice(0, 1));
    await vi.waitFor(() => expect(store.ended).toBe(true), 5000);
    expect(store.run.message).toMatch(/after 0 steps/u);
  });
});
