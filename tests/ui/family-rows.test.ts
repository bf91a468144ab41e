import { describe, expect, it } from "vitest";
import type { RewardedGroup } from "../../src/contracts";
import { familyRows, groupsIn, MEMBERS, tellingGroup } from "../../src/ui/learn/family-rows";

const group = (name: string, rewards: readonly number[], tokens: readonly number[]): RewardedGroup => ({
  ...{ group: name, sampleIds: rewards.map((_, index) => `${name}/${index}`), rewards, tokens },
});
/** The second group agrees, and counts only in means over the batch. */
const BATCH = [group("a", [1, 1, 0, 0], [10, 20, 30, 40]), group("b", [1, 1, 1, 1], [25, 25, 25, 25])];

describe("one group under every member of the family", () => {
  const rows = familyRows(BATCH, 0);
  const of = (name: (typeof MEMBERS)[number], what: "advantage" | "weight" | "share") =>
    rows.map(({ members }) => members[name][what]);
  const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 3));

  it("has the advantages of training, worked by hand", () => {
    expect(of("grpo", "advantage")).toEqual(near([0.866, 0.866, -0.866, -0.866]));
    expect(of("dapo", "advantage")).toEqual(of("grpo", "advantage"));
    expect(of("dr-grpo", "advantage")).toEqual(near([0.5, 0.5, -0.5, -0.5]));
    expect(of("rloo", "advantage")).toEqual(near([0.667, 0.667, -0.667, -0.667]));
    // All eight: mean 0.75, deviation 0.4629.
    expect(of("reinforce++", "advantage")).toEqual(near([0.54, 0.54, -1.62, -1.62]));
  });

  it("has the weight of a token: 1 in a mean over tokens, less for longer answers in a mean over answers", () => {
    expect(of("dapo", "weight")).toEqual(near([1, 1, 1, 1]));
    // 200 tokens in 8 answers: 25 on average.
    expect(of("grpo", "weight")).toEqual(near([2.5, 1.25, 0.833, 0.625]));
    expect(of("dr-grpo", "weight")).toEqual(near([0.625, 0.625, 0.625, 0.625]));
  });

  it("has shares of the pull that sum to 1 over the batch", () => {
    expect(of("grpo", "share")).toEqual(near([0.25, 0.25, 0.25, 0.25]));
    expect(of("dapo", "share")).toEqual(near([0.1, 0.2, 0.3, 0.4]));
    for (const name of MEMBERS) {
      const sum = [0, 1]
        .flatMap((one) => familyRows(BATCH, one))
        .reduce((total, { members }) => total + members[name].share, 0);
      expect(sum).toBeCloseTo(1, 9);
    }
  });

  it("is the first group that differs", () => {
    expect(tellingGroup([BATCH[1] as RewardedGroup, BATCH[0] as RewardedGroup])).toBe(1);
    expect(tellingGroup([BATCH[1] as RewardedGroup])).toBe(-1);
    expect(familyRows(BATCH, -1)).toEqual([]);
  });

  it("is found by prompt where the whole batch shared a baseline", () => {
    const sample = (id: string, prompt: string, reward: number, tokens: number) =>
      [id, { prompt: { id: prompt }, sample: { id, logprobs: new Array(tokens).fill(-1) }, reward }] as const;
    const samples = new Map([sample("p/0", "p", 1, 3), sample("p/1", "p", 0, 5), sample("q/0", "q", 1, 7)]);
    const batch = { group: "batch", mean: 0, deviation: 0, sampleIds: [], rewards: [], advantages: [] };
    const groups = groupsIn({ credits: [batch], samples } as unknown as Parameters<typeof groupsIn>[0]);
    expect(groups).toEqual([
      { group: "p", sampleIds: ["p/0", "p/1"], rewards: [1, 0], tokens: [3, 5] },
      { group: "q", sampleIds: ["q/0"], rewards: [1], tokens: [7] },
    ]);
    const older = { ...batch, group: "solver", sampleIds: ["a"], rewards: [1] };
    expect(groupsIn({ credits: [older, older], samples: new Map() })[0]?.tokens).toEqual([1]);
  });
});
