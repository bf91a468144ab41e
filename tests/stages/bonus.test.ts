import { describe, expect, it } from "vitest";
import { type BonusWeights, bonusOf, complexityOf, distanceOf, surpriseOf } from "../../src/reward/bonus";
import { makeTask } from "../../src/tasks/task";

const task = (program: string, output: string, id = "t") =>
  makeTask({ id, type: "deduction", program, inputs: ["3"], outputs: [output], normalized: program });
const NONE: BonusWeights = { complexity: 0, distance: 0, surprise: 0 };
const PLUS = "def f(x):\n return x+1";

describe("bonuses of a proposal", () => {
  it.each([
    [PLUS, 0],
    ["def f(x):\n if x>3:x=x//2\n return x", 1],
    ["def f(x):\n for i in range(2):\n  if x>3:\n   x=x-1\n return x", 3],
    ["def f(x):\n if x>3 and x<9 and x!=5:x=1\n else:x=2\n return x", 3],
    ["def f(x):\n return [a for a in x if a>2]", 2],
  ])("count branches and loops, and how deep they lie: %j", (program, complexity) => {
    expect(complexityOf(program)).toBe(complexity);
  });

  it("measure how far a program is from the one that was shown", () => {
    expect(distanceOf(PLUS, PLUS)).toBe(0);
    expect(distanceOf("abcd", "wxyz")).toBe(1);
    // "abd" is common: 1 − 2·3 / (4 + 4).
    expect(distanceOf("abcd", "xabd")).toBeCloseTo(0.25, 12);
    expect(distanceOf("", "")).toBe(0);
  });

  it("measure how rare an answer is", () => {
    const known = ["4", "4", "5", "4"].map((output, index) => task(PLUS, output, String(index)));
    expect(surpriseOf(task(PLUS, "4"), known)).toBe(0.25);
    expect(surpriseOf(task(PLUS, "9"), known)).toBe(1);
    expect(surpriseOf(task(PLUS, "9"), [])).toBe(1);
  });

  it("are weighed, at most 0.5 each, and added up", () => {
    const nested = task("def f(x):\n for i in range(2):\n  if x>3:\n   x=x-1\n return x", "2");
    expect(bonusOf(nested, PLUS, [], NONE)).toBe(0);
    expect(bonusOf(nested, PLUS, [], { ...NONE, complexity: 1 })).toBeCloseTo(3 / 15, 12);
    expect(bonusOf(nested, PLUS, [], { ...NONE, complexity: 10 })).toBe(0.5);
    expect(bonusOf(nested, PLUS, [], { ...NONE, surprise: 0.3 })).toBeCloseTo(0.3, 12);
    expect(bonusOf(nested, PLUS, [], { complexity: 10, distance: 10, surprise: 10 })).toBe(1.5);
  });
});
