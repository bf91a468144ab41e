import { describe, expect, it } from "vitest";
import type { Phase } from "../../src/contracts";
import { reduce } from "../../src/telemetry/reducer";
import { initialState, type RunState } from "../../src/telemetry/state";
import { phaseNext, phaseNote, phaseNow } from "../../src/ui/phase-notes";
import { LookBack } from "../../src/ui/present/look-back";
import { caption, tilesOf } from "../../src/ui/present/moment";
import { leadingScene, scenesOf } from "../../src/ui/scenes";
import { scriptedRun } from "./scripted-run";

/** The state at the end of each phase of a scripted run; of an update, with its figures. */
function pauses(steps: number): { phase: Phase; run: RunState }[] {
  const found: { phase: Phase; run: RunState }[] = [];
  let run = initialState;
  for (const event of scriptedRun({ seed: 3, steps, proposals: 3, rollouts: 3 })) {
    run = reduce(run, event);
    if (event.type === "phase.end" && event.phase !== "update") found.push({ phase: event.phase, run });
    if (event.type === "step.end") found.push({ phase: "update", run });
  }
  return found;
}

const said = (run: RunState, phase: Phase) =>
  caption(run, phase, leadingScene(scenesOf(run.current)))
    .map(({ text }) => text)
    .join("");

describe("step mode", () => {
  const all = pauses(2);

  it("names the phase that has just ended, and the one to come", () => {
    for (const { phase, run } of all) expect(phaseNow(run)).toBe(phase);
    const second = all.filter(({ run }) => run.current.step === 1).map(({ run }) => phaseNext(run));
    expect(second).toEqual(["verify", "solve", "reward", "advantage", "update", "propose"]);
  });

  it("explains each pause in a few sentences with numbers of that moment", () => {
    for (const { phase, run } of all.filter(({ run }) => run.current.step === 1)) {
      const { title, text } = phaseNote(run, "paused");
      expect(title).toMatch(/^Paused: /);
      expect(text, phase).toMatch(/\d/);
      expect(text.match(/[.?](\s|$)/gu)?.length ?? 0, text).toBeLessThanOrEqual(4);
    }
  });

  it("does not call answers wrong before they are judged", () => {
    const solved = all.find(({ phase }) => phase === "solve")?.run ?? initialState;
    expect(phaseNote(solved, "paused").text).toMatch(/not known yet/);
    expect(said(solved, "solve")).toMatch(/Are they right\?$/);
  });

  it("says the arithmetic of the largest advantage, and it is right", () => {
    const compared = all.find(({ phase }) => phase === "advantage")?.run ?? initialState;
    const { text } = phaseNote(compared, "paused");
    const [reward = 0, mean = 0, spread = 1, advantage = 0] = [
      ...(text.split("“")[1] ?? "")
        .replaceAll("−", "-")
        .replaceAll("- ", "")
        .matchAll(/-?\d+\.\d+/gu),
    ].map(([number]) => Number(number));
    expect(Math.abs((reward - mean) / spread - advantage)).toBeLessThan(0.06);
  });
});

describe("the presentation", () => {
  it("has a sentence for every phase, coloured only where it speaks of advantages", () => {
    for (const { phase, run } of pauses(1)) {
      const parts = caption(run, phase, leadingScene(scenesOf(run.current)));
      expect(parts.map(({ text }) => text).join("").length).toBeLessThan(90);
      expect(parts.some(({ heat }) => heat !== undefined)).toBe(phase === "advantage");
    }
  });

  it("shows at most eight attempts, those that are trained on first", () => {
    const run = pauses(1).find(({ phase }) => phase === "advantage")?.run ?? initialState;
    const tiles = tilesOf(leadingScene(scenesOf(run.current))?.attempts ?? []);
    expect(tiles.length).toBeGreaterThan(1);
    expect(tiles.length).toBeLessThanOrEqual(8);
    expect(tiles[0]?.advantage).not.toBeNull();
    expect(tiles.slice(1).every(({ advantage }) => advantage === null)).toBe(true);
  });
});

describe("looking back", () => {
  it("goes through the pauses and returns to the run, which stays where it is", () => {
    const back = new LookBack();
    const runs = pauses(1).map(({ run }) => run);
    const last = runs.at(-1) ?? initialState;
    for (const run of runs) back.rest(run);
    back.rest(last);
    expect(back.shown(last)).toBe(last);
    expect(back.before).toBe(runs.at(-2));
    back.back();
    back.back();
    expect(back.shown(last)).toBe(runs.at(-3));
    expect([back.onwards(), back.shown(last)]).toEqual([true, runs.at(-2)]);
    expect([back.onwards(), back.shown(last), back.isBack]).toEqual([true, last, false]);
    expect(back.onwards()).toBe(false);
  });

  it("forgets the pauses of another run", () => {
    const back = new LookBack();
    back.rest(pauses(1)[0]?.run ?? initialState);
    const other = pauses(1)[1]?.run ?? initialState;
    back.rest(other);
    expect(back.before).toBeNull();
    back.back();
    expect(back.shown(other)).toBe(other);
  });
});
