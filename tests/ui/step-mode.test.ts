import { describe, expect, it } from "vitest";
import { type Phase, SELF_PLAY_PHASES } from "../../src/contracts";
import { StepMode } from "../../src/ui/step-mode";

const PHASES = SELF_PLAY_PHASES.map(({ name }) => name);

/** The phases after which the run goes on by itself, from `start` on. */
function passed(stepMode: StepMode, phases: readonly (Phase | null)[]): (Phase | null)[] {
  const rest = phases.findIndex((phase) => !stepMode.goesOnAfter(phase));
  return phases.slice(0, rest);
}

describe("StepMode", () => {
  it("rests after every phase while it makes for none", () => {
    expect(passed(new StepMode(), PHASES)).toEqual([]);
  });

  it("goes on to the end of the phase that was asked for, once", () => {
    const stepMode = new StepMode();
    stepMode.aimAt("reward", PHASES.length);
    expect(passed(stepMode, PHASES)).toEqual(PHASES.slice(0, PHASES.indexOf("reward")));
    expect(passed(stepMode, PHASES)).toEqual([]);
  });

  it("goes round into the next step for a phase that has just ended", () => {
    const stepMode = new StepMode();
    stepMode.aimAt("propose", PHASES.length);
    const round = [...PHASES.slice(1), "propose" as const];
    expect(passed(stepMode, round)).toEqual(PHASES.slice(1));
  });

  it("rests after a whole round where there is no such phase", () => {
    const stepMode = new StepMode();
    stepMode.aimAt("verify", PHASES.length);
    const without = PHASES.map((phase) => (phase === "verify" ? null : phase));
    expect(passed(stepMode, without)).toHaveLength(PHASES.length - 1);
  });

  it("rests at the next pause once the visitor goes on otherwise", () => {
    const stepMode = new StepMode();
    stepMode.aimAt("update", PHASES.length);
    expect(stepMode.goesOnAfter("propose")).toBe(true);
    stepMode.drop();
    expect(stepMode.goesOnAfter("verify")).toBe(false);
  });
});
