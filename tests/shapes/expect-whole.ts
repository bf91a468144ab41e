import { expect } from "vitest";
import { solverText } from "../../src/tasks/formats";
import { plusThree } from "../plus-three";
import type { WholePath } from "./whole-path";

/** All of the way is as it should be; the prompt begins as the model's chat template says. */
export function expectWhole(path: WholePath, begins: string): void {
  const { prompt, lengths, loss, gradNorm } = path;
  expect(prompt.slice(0, begins.length)).toBe(begins);
  expect(prompt).toContain(solverText(plusThree()));
  expect(prompt).toMatch(/assistant\S*\n+$/);
  expect(path.decoded).toBe(prompt);
  expect(lengths).toHaveLength(4);
  expect(Math.min(...lengths)).toBeGreaterThan(0);
  expect(path.logprobDifference).toBeLessThan(1e-3);
  expect([Number.isFinite(loss), gradNorm > 0 && gradNorm < Number.POSITIVE_INFINITY]).toEqual([true, true]);
  expect(path.moved).toBeGreaterThan(1e-6);
  expect([path.adaptersEqual, path.mergedTextEqual]).toEqual([true, true]);
  expect(path.mergedDifference).toBeLessThan(1e-4);
}
