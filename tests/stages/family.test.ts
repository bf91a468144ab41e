import { describe, expect, it } from "vitest";
import { credited, creditsOf, isComparable } from "../../src/advantage/family";
import { BASELINES, type Baseline, FAMILY, type Group, tokenWeight } from "../../src/contracts";
import { rlvr } from "../../src/methods/rlvr";
import { overlongPenalty } from "../../src/reward/overlong";
import { gather } from "../../src/rollout/phase";

/** Groups of samples with these rewards; samples have tokens 1, 2, 3, … long. */
const groupsOf = (...rewards: number[][]): Group[] =>
  rewards.map((own, group) => ({
    prompt: { id: `g${group}`, kind: "solver/deduction", text: "", tokens: new Int32Array(), maxNewTokens: 72 },
    samples: own.map((reward, index) => ({
      ...{ id: `g${group}/${index}`, tokens: new Int32Array(index + 1), logprobs: new Float32Array(index + 1) },
      ...{ text: "", stop: "eos" as const, reward, advantage: Number.NaN, trace: false },
    })),
  }));

const advantages = (baseline: Baseline, ...rewards: number[][]) =>
  creditsOf(groupsOf(...rewards), baseline).map((credit) => credit.advantages.map((value) => Number(value.toFixed(3))));

const EIGHT = [1, -0.5, -0.5, -1, 1, -0.5, -0.5, -0.5];

describe("the baselines of the GRPO family, worked by hand", () => {
  it("GRPO: by the group's mean and deviation", () => {
    expect(advantages("group", EIGHT)).toEqual([[1.577, -0.415, -0.415, -1.079, 1.577, -0.415, -0.415, -0.415]]);
  });

  it("Dr. GRPO: by the group's mean alone", () => {
    const [first] = advantages("group-mean", EIGHT);
    expect(first?.slice(0, 4)).toEqual([1.188, -0.313, -0.313, -0.813]);
  });

  it("RLOO: by the mean of the others", () => {
    const [first] = advantages("leave-one-out", EIGHT);
    expect(first?.slice(0, 4)).toEqual([1.357, -0.357, -0.357, -0.929]);
    // (1 − the mean of the other seven), said in the form of all the others.
    const others = EIGHT.slice(1).reduce((sum, reward) => sum + reward, 0) / 7;
    expect(first?.[0]).toBeCloseTo(1 - others, 3);
  });

  it("REINFORCE++: by mean and deviation of the batch", () => {
    const [all] = advantages("batch", [1, 1, 0, 0], [1, 0, 0, 0]);
    const wanted = [1.208, 1.208, -0.725, -0.725, 1.208, -0.725, -0.725, -0.725];
    for (const [index, value] of wanted.entries()) expect(all?.[index]).toBeCloseTo(value, 2);
  });

  it("REINFORCE++-baseline: by the group's mean, then the batch's deviation", () => {
    const [first, second] = advantages("group-then-batch", [1, 1, 0, 0], [1, 0, 0, 0]);
    for (const [index, wanted] of [1, 1, -1, -1].entries()) expect(first?.[index]).toBeCloseTo(wanted, 2);
    for (const [index, wanted] of [1.5, -0.5, -0.5, -0.5].entries()) expect(second?.[index]).toBeCloseTo(wanted, 2);
  });

  it.each(BASELINES)("%s: nothing is preferred where all earned the same, and one answer has no others", (baseline) => {
    expect(advantages(baseline, [1, 1, 1, 1]).flat()).toEqual([0, 0, 0, 0]);
    expect(advantages(baseline, [1]).flat()).toEqual([0]);
  });

  it.each(BASELINES)("%s: the credit's arithmetic gives the advantage of every sample", async (baseline) => {
    const groups = groupsOf(EIGHT, [1, 1, 0, 0, 0, 1, 0, 0], [-1, -1, -1, -1, -1, -1, -1, -1]);
    const { events } = await gather(credited(groups, baseline));
    const samples = new Map(groups.flatMap(({ samples: own }) => own.map((sample) => [sample.id, sample])));
    for (const event of events) {
      if (event.type !== "credit.group") throw new Error("only credits are told");
      const { sampleIds, rewards, mean, deviation, divisor } = event.credit;
      for (const [index, id] of sampleIds.entries()) {
        const by = divisor?.value ?? deviation + 1e-4;
        const expected = deviation === 0 ? 0 : ((rewards[index] ?? 0) - mean) / by;
        expect(samples.get(id)?.advantage).toBeCloseTo(expected, 10);
      }
    }
    expect(samples.size).toBe(24);
  });

  it("tells a group that teaches from one that does not", () => {
    const [mixed, equal] = groupsOf([1, -0.5], [1, 1]);
    expect([isComparable(mixed?.samples ?? []), isComparable(equal?.samples ?? [])]).toEqual([true, false]);
  });
});

describe("the soft penalty for length", () => {
  it.each([
    [56, 0],
    [60, -0.25],
    [64, -0.5],
    [72, -1],
    [80, -1],
    [1, 0],
  ])("limit 72, buffer 16: %i tokens lose %d", (tokens, penalty) => {
    expect(overlongPenalty(tokens, 72, 16)).toBe(penalty);
  });

  it("is nothing without a buffer", () => {
    expect(overlongPenalty(72, 72, 0)).toBe(0);
  });
});

describe("what a token weighs", () => {
  const batch = { sequences: 4, total: 100, constantLength: 50 };

  it.each([
    ["token-mean", 10, 0.01],
    ["token-mean", 40, 0.01],
    ["sequence-mean", 10, 0.025],
    ["sequence-mean", 40, 0.00625],
    ["constant-length", 10, 0.005],
    ["constant-length", 40, 0.005],
  ] as const)("in a %s, of %d tokens: %d", (aggregation, tokens, weight) => {
    expect(tokenWeight(aggregation, tokens, batch)).toBeCloseTo(weight, 12);
  });

  it("sums to 1 over the batch, but for a constant length", () => {
    const lengths = [10, 20, 30, 40];
    const sum = (aggregation: keyof typeof sums) =>
      lengths.reduce((total, tokens) => total + tokens * tokenWeight(aggregation, tokens, batch), 0);
    const sums = { "token-mean": 1, "sequence-mean": 1, "constant-length": 0.5 } as const;
    for (const [aggregation, wanted] of Object.entries(sums))
      expect(sum(aggregation as keyof typeof sums)).toBeCloseTo(wanted, 12);
  });

  it("is named by the presets of RLVR", () => {
    for (const [name, member] of Object.entries(FAMILY)) expect(rlvr.presets[name]).toMatchObject(member);
  });
});
