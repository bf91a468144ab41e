import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupRelative, normalize, normalizeTokens, taskRelative } from "../../src/advantage/advantage";
import { type Group, kindOf, type Sample, type TaskType } from "../../src/contracts";
import { drain } from "../train/scripted";

const rewarded = (rewards: readonly number[]) =>
  rewards.map((reward, index) => ({ id: String(index), reward, tokens: new Int32Array(index + 2) }));

function group(id: string, role: string, type: TaskType, rewards: readonly number[], length = 3): Group {
  const tokens = new Int32Array(length);
  const rest = {
    tokens,
    logprobs: new Float32Array(length),
    text: "",
    stop: "eos",
    trace: false,
    advantage: 9,
  } as const;
  const samples = rewards.map((reward, index): Sample => ({ ...rest, id: `${id}/${index}`, reward }));
  return { prompt: { id, kind: kindOf(role, type), text: "", tokens, maxNewTokens: 1 }, samples };
}

const advantages = (...groups: Group[]) => groups.flatMap(({ samples }) => samples.map(({ advantage }) => advantage));

describe("normalisation", () => {
  it.each([
    [1, 2.475, -0.354],
    [2, 1.62, -0.54],
    [4, 0.935, -0.935],
    [7, 0.354, -2.475],
  ])("%d right of 8 gives %d and %d, as tabulated for GRPO", (right, up, down) => {
    const credit = normalize("g", rewarded(Array.from({ length: 8 }, (_, index) => (index < right ? 1 : 0))));
    expect(credit.advantages[0]).toBeCloseTo(up, 2);
    expect(credit.advantages[7]).toBeCloseTo(down, 2);
  });

  it("weighs samples, not tokens", () => {
    // Whitening over tokens of lengths 100, 100, 100, 2000 would give +2.58 and -0.39.
    const { advantages: given } = normalize("g", rewarded([1, 1, 1, -0.5]));
    expect(given.map((value) => Math.round(value * 100) / 100)).toEqual([0.5, 0.5, 0.5, -1.5]);
  });

  it("weighs tokens where it is told to, as the released code does", () => {
    const samples = [100, 100, 100, 2000].map((length, index) => ({
      id: String(index),
      reward: index < 3 ? 1 : -0.5,
      tokens: new Int32Array(length),
    }));
    const { advantages: given, mean, over } = normalizeTokens("g", samples);
    expect(mean).toBeCloseTo((300 - 1000) / 2300, 12);
    expect(given.map((value) => Math.round(value * 100) / 100)).toEqual([2.58, 2.58, 2.58, -0.39]);
    expect(over).toBe("tokens");
    expect(normalizeTokens("g", samples.slice(0, 3)).advantages).toEqual([0, 0, 0]);
  });

  it("is zero where the rewards do not differ, and for a single sample", () => {
    expect(normalize("g", rewarded([0.1, 0.1, 0.1])).advantages).toEqual([0, 0, 0]);
    expect(normalize("g", rewarded([1])).advantages).toEqual([0]);
    expect(normalize("g", rewarded([0.1, 0.1, 0.1])).deviation).toBe(0);
  });

  it("says how many tokens each sample has", () => {
    expect(normalize("g", rewarded([1, 0, 1])).tokens).toEqual([2, 3, 4]);
  });

  it("has mean 0, keeps the order, and is below unit deviation", () => {
    const rewards = fc.array(fc.constantFrom(-1, -0.5, 0, 0.25, 0.5, 0.75, 1), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(rewards, (values) => {
        const { advantages: given } = normalize("g", rewarded(values));
        const mean = given.reduce((sum, value) => sum + value, 0) / given.length;
        const variance = given.reduce((sum, value) => sum + value ** 2, 0) / (given.length - 1);
        expect(Math.abs(mean)).toBeLessThan(1e-9);
        expect(variance).toBeLessThanOrEqual(1 + 1e-9);
        for (const [index, value] of values.entries()) {
          if (index > 0 && value > (values[index - 1] ?? 0))
            expect(given[index]).toBeGreaterThan(given[index - 1] ?? 0);
        }
      }),
    );
  });
});

describe("baselines", () => {
  it("are six in TRR++: one per role and type, across prompts", async () => {
    const a = group("a", "solver", "deduction", [1]);
    const b = group("b", "solver", "deduction", [-0.5], 500);
    const c = group("c", "solver", "abduction", [1, 1]);
    const d = group("d", "proposer", "deduction", [0.75, 0.25]);
    const { events } = await drain(taskRelative([a, b, c, d]));
    const names = events.map((event) => (event.type === "credit.group" ? event.credit.group : ""));
    expect(names).toEqual(["proposer deduction", "solver deduction", "solver abduction"]);
    const [up, down, ...rest] = advantages(a, b, c, d);
    expect(up).toBeCloseTo(Math.SQRT1_2, 3);
    expect(down).toBeCloseTo(-Math.SQRT1_2, 3);
    expect(rest.slice(0, 2)).toEqual([0, 0]);
    expect(rest[2]).toBeCloseTo(Math.SQRT1_2, 3);
  });

  it("are one per prompt in GRPO", async () => {
    const a = group("a", "solver", "deduction", [1, 1]);
    const b = group("b", "solver", "deduction", [1, -0.5]);
    const { events } = await drain(groupRelative([a, b]));
    expect(events.map((event) => (event.type === "credit.group" ? event.credit.group : ""))).toEqual(["a", "b"]);
    expect(advantages(a)).toEqual([0, 0]);
    expect(advantages(b)[0]).toBeCloseTo(Math.SQRT1_2, 3);
  });
});
