import { describe, expect, it } from "vitest";
import type { Json } from "../../src/contracts";
import { type Observed, seeCollapse } from "../../src/methods/collapse";

/** The step in which the monitor speaks; null if it never does. */
function alarm(steps: number, at: (step: number) => Observed): number | null {
  const memory = new Map<string, Json>();
  for (let step = 0; step < steps; step++) if (seeCollapse(memory, at(step)) !== null) return step;
  return null;
}

describe("the monitor", () => {
  it("speaks when the majority grows while traces become rare", () => {
    expect(alarm(60, (step) => ({ majority: 0.2 + step / 50, traces: 0.25 - step / 150 }))).toBe(19);
  });

  it("is silent while both grow, while nothing moves, and while traces fall alone", () => {
    expect(alarm(60, (step) => ({ majority: 0.2 + step / 100, traces: 0.2 + step / 100 }))).toBeNull();
    expect(alarm(60, () => ({ majority: 0.3, traces: 0.2 }))).toBeNull();
    expect(alarm(60, (step) => ({ majority: 0.3, traces: 0.6 - step / 100 }))).toBeNull();
  });

  it("says by how much, and begins anew", () => {
    const memory = new Map<string, Json>();
    const steps = Array.from({ length: 20 }, (_, step) => ({
      majority: step < 10 ? 0.2 : 0.5,
      traces: step < 10 ? 0.3 : 0.2,
    }));
    const said = steps.map((observed) => seeCollapse(memory, observed));
    expect(said.at(-1)).toMatch(/majority grew by 30 points while traces fell by 10 points/);
    expect(said.slice(0, -1).every((one) => one === null)).toBe(true);
    expect(memory.size).toBe(0);
  });
});
