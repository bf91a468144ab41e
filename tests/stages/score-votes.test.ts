import { describe, expect, it } from "vitest";
import { type Ballot, electedOf, isStrict, pairRewards, sumsOf, thresholdReward } from "../../src/reward/score-votes";
import { createRng } from "../../src/rollout/rng";

const ballots: Ballot[] = [
  [8, 6],
  [9, 7],
  [7, 7],
  [8, 6],
];

describe("votes over scores", () => {
  it("adds up the scores of each try: 8+9+7+8 = 32 against 6+7+7+6 = 26", () => {
    expect(sumsOf(ballots, 2)).toEqual([32, 26]);
    expect(electedOf([32, 26], createRng(1))).toBe(0);
    expect(electedOf([26, 32], createRng(1))).toBe(1);
  });

  it("have 10k + 1 levels", () => {
    const sums = new Set<number>();
    const all = Array.from({ length: 11 }, (_, score) => score);
    for (const a of all) for (const b of all) for (const c of all) sums.add(sumsOf([[a], [b], [c]], 1)[0] as number);
    expect(sums.size).toBe(31);
  });

  it("leave out a ballot with a judgement that cannot be read, whole", () => {
    expect(sumsOf([...ballots, [null, 10], [10, null]], 2)).toEqual([32, 26]);
    expect(sumsOf([[null, 3]], 2)).toEqual([0, 0]);
  });

  it("weigh ballots where they are told to", () => {
    expect(
      sumsOf(
        [
          [8, 6],
          [2, 9],
        ],
        2,
        [1, 0.5],
      ),
    ).toEqual([9, 10.5]);
  });

  it("decide a tie by a draw of the seed, either way", () => {
    const drawn = Array.from({ length: 400 }, (_, seed) => electedOf([7, 3, 7], createRng(seed)));
    const first = drawn.filter((place) => place === 0).length;
    expect(drawn.includes(1)).toBe(false);
    // 200 of 400 are expected; four standard deviations are 40.
    expect(Math.abs(first - 200)).toBeLessThan(40);
    expect(electedOf([7, 7], createRng(5))).toBe(electedOf([7, 7], createRng(5)));
  });
});

describe("a right verdict", () => {
  it.each<[Ballot, boolean]>([
    [[8, 6], true],
    [[7, 7], false],
    [[6, 8], false],
    [[8, null], false],
    [[null, 2], false],
    [[9, 3, 9], false],
    [[9, 3, 8], true],
  ])("of %j is %s: only a strict maximum counts", (ballot, right) => {
    expect(isStrict(ballot, 0)).toBe(right);
  });

  it("pays each judgement the mean of ±1 over those of the other try; a tie is wrong", () => {
    // 8 beats 6 and 7, 7 beats 6 alone.
    expect(pairRewards([8, 7], [6, 7])).toEqual({ better: [1, 0], worse: [1, 0] });
    expect(pairRewards([5, 5], [5, 5])).toEqual({ better: [-1, -1], worse: [-1, -1] });
  });

  it("pays −1 for what cannot be read, which is no fault of its neighbours", () => {
    expect(pairRewards([null, 9], [2, null])).toEqual({ better: [-1, 1], worse: [1, -1] });
    expect(pairRewards([9], [null])).toEqual({ better: [0], worse: [-1] });
  });

  it("of one try alone is on the right side of 5", () => {
    const cases = [
      [5, true],
      [4, true],
      [4, false],
      [5, false],
      [null, false],
    ] as const;
    expect(cases.map(([score, right]) => thresholdReward(score, right, 5))).toEqual([1, -1, 1, -1, -1]);
  });
});
