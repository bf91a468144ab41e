import { describe, expect, it } from "vitest";
import { ANNOTATORS, bestOfKl, choose, utility } from "../../src/reward/annotator";
import { createRng } from "../../src/rollout/rng";

const shown = (body: string, input = "3") => ({ program: `def f(x):\n ${body}`, input, output: "1" });

describe("an annotator", () => {
  it.each([
    ["x=x+1\n return x", "3", 0],
    ["return x%3", "3", -1 - 0.5],
    ["x=x[1:]\n return sum(x)", "[1,2]", 1],
    ["return sum(x)", "[1,2]", 1 - 0.5],
    ["if x>3:\n  x=x-1\n return x", "3", 0.7 - 0.5],
    ["for i in range(2):\n  x=x+i\n x=x%7\n return x", "3", 0.7 - 1 - 1],
  ])("named mixed likes %j of %s by %d", (body, input, liked) => {
    expect(utility("mixed", shown(body, input))).toBeCloseTo(liked, 12);
  });

  it("likes one thing, where it has one taste", () => {
    const [list, long] = [shown("return x", "[1]"), shown("x=x%2\n x=x+1\n return x")];
    expect(ANNOTATORS.map((name) => utility(name, list) - utility(name, long))).toEqual([2, 1, 2, 1, 0]);
  });

  it("chooses the better by σ(2 Δu), and the same for the same seed", () => {
    const [a, b] = [shown("return x+1", "[1]"), shown("return x+1")];
    const share = Array.from({ length: 4000 }, (_, seed) => choose("lists", a, b, createRng(seed)));
    const chosen = share.filter((choice) => choice === "a").length / share.length;
    // Δu is 1: σ(2) = 0.8808, and four standard errors are 0.0205.
    expect(Math.abs(chosen - 0.8808)).toBeLessThan(0.0205);
    expect(share[7]).toBe(choose("lists", a, b, createRng(7)));
  });
});

describe("the best of n", () => {
  it.each([
    [1, 0],
    [4, 0.6363],
    [16, 1.8351],
  ])("of %d is %d nats away", (n, nats) => {
    expect(bestOfKl(n)).toBeCloseTo(nats, 4);
  });
});
