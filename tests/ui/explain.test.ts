import { describe, expect, it } from "vitest";
import { normalize } from "../../src/advantage/advantage";
import type { VerdictName } from "../../src/contracts";
import type { SampleRecord } from "../../src/telemetry/state";
import {
  baselinePlain,
  baselineTex,
  countRewards,
  divisorOf,
  rewardOrigin,
  shareSentence,
  updateSentence,
  weightSentence,
} from "../../src/ui/explain";

const credit = (rewards: readonly number[]) =>
  normalize(
    "solver deduction",
    rewards.map((reward, index) => ({ id: String(index), reward, tokens: new Int32Array(4) })),
  );

const record = (role: string, verdict: VerdictName, solveRate?: number | null, reason = ""): SampleRecord => ({
  prompt: { id: "p", kind: `${role}/deduction`, text: "", maxNewTokens: 9 },
  sample: { id: "s", text: "", pieces: [], logprobs: [], stop: "eos", trace: false },
  purpose: "train",
  verdict: { verdict, reason },
  ...(solveRate === undefined ? {} : { solveRate }),
});

/** What a TeX formula of numbers says, worked out again. */
function evaluateTex(tex: string): { claimed: number; value: number } {
  const [, body = "", claimed = ""] = /^\\?[^=]*=(.*)=([^=]*)$/u.exec(tex) ?? [];
  const code = body
    .replaceAll(/\\(begin|end)\{gathered\}|\\\\\{\}/gu, "")
    .replaceAll(/\\sqrt\{\\frac\{(.*)\}\{(.*)\}\}/gu, "Math.sqrt(($1)/($2))")
    .replaceAll(/\\frac\{(.*)\}\{(.*)\}/gu, "(($1)/($2))")
    .replaceAll("\\cdot", "*")
    .replaceAll("\\,", "*")
    .replaceAll("^2", "**2");
  return { claimed: Number(claimed), value: Number(new Function(`return ${code}`)()) };
}

describe("where a reward comes from", () => {
  it.each([
    ["solver", "CORRECT", undefined, "the answer is right"],
    ["solver", "WRONG", undefined, "a readable answer, but wrong"],
    ["solver", "INVALID ANSWER", undefined, "no readable answer"],
    ["proposer", "VALID", 0.25, "1 − 0.25, the share of tries that solved it"],
    ["proposer", "VALID", 0, "never solved: nothing to learn from it yet"],
    ["proposer", "VALID", 1, "always solved: nothing left to learn from it"],
    ["proposer", "VALID", null, "valid; nobody tried it"],
    ["proposer", "FORMAT", null, "the proposal cannot be read"],
    ["proposer", "HELD OUT", null, "it met a held-out task: refused, not punished"],
    ["proposer", "DUPLICATE", null, "refused: duplicate"],
  ] as const)("%s, %s, solved %s", (role, verdict, rate, said) => {
    expect(rewardOrigin(record(role, verdict, rate), {})).toBe(said);
  });

  it("names what a run pays beyond the paper's formula", () => {
    const paid = (rate: number, reward: number) => rewardOrigin({ ...record("proposer", "VALID", rate), reward }, {});
    expect(paid(0, -0.5)).toBe("never solved: nothing to learn from it yet, which this run punishes");
    expect(paid(1, -0.5)).toBe("always solved: nothing left to learn from it, which this run punishes");
    expect(paid(0.25, 1)).toBe("1 − 0.25, the share of tries that solved it, and +0.25 for how it is written");
    expect(paid(0.25, 0.75)).toBe("1 − 0.25, the share of tries that solved it");
  });

  it("is chance in a control run, whatever the verdict", () => {
    expect(rewardOrigin(record("solver", "CORRECT"), { rewardSource: "random" })).toMatch(/coin/);
    expect(rewardOrigin(record("solver", "CORRECT"), { labels: "random" })).toMatch(/coin/);
  });

  it("is the form of an answer, or the majority, where those pay", () => {
    const label = { rewardSource: "wrong-label" };
    expect(rewardOrigin(record("solver", "CORRECT"), label)).toMatch(/agrees with the wrong label/);
    expect(rewardOrigin(record("solver", "WRONG"), label)).toMatch(/does not agree/);
    expect(rewardOrigin(record("solver", "FORMAT"), label)).toBe("no readable answer");
    expect(rewardOrigin(record("solver", "CORRECT"), { rewardSource: "none" })).toMatch(/nothing is paid/);
    const form = { rewardSource: "format" };
    expect(rewardOrigin(record("solver", "WRONG"), form)).toMatch(/^an answer that can be read/);
    expect(rewardOrigin(record("solver", "FORMAT"), form)).toMatch(/^no readable answer/);
    const votes = { labels: "majority" };
    const wrong = record("solver", "WRONG");
    expect(rewardOrigin({ ...wrong, reward: 1 }, votes)).toBe("it agrees with the majority of its group");
    expect(rewardOrigin({ ...wrong, reward: 0 }, votes)).toBe("it does not agree with a majority of its group");
  });
});

describe("the baseline with its numbers put in", () => {
  it.each([
    [[1, 1, -0.5, -1]],
    [[1, -0.5]],
    [[0, 0.25, 0.25, 0.75, -0.5, -1, 0]],
    [Array.from({ length: 32 }, (_, index) => (index % 3 === 0 ? 1 : -0.5))],
  ])("is true: %s", (rewards) => {
    const { mean, deviation } = baselineTex(credit(rewards));
    for (const { claimed, value } of [evaluateTex(mean), evaluateTex(deviation)])
      expect(Math.abs(claimed - value)).toBeLessThan(0.011);
  });

  it("counts tokens where the run does", () => {
    const over = { ...credit([1, -0.5]), over: "tokens" as const };
    expect(baselineTex(over).mean).toBe(String.raw`\bar r=\frac{\sum_i n_i r_i}{\sum_i n_i}=0.25`);
    expect(baselinePlain(over).deviation).toMatch(/^spread over all tokens = /);
  });

  it("counts every reward, the highest first", () => {
    expect(countRewards([-0.5, 1, 1, -1])).toEqual([
      { reward: 1, count: 2 },
      { reward: -0.5, count: 1 },
      { reward: -1, count: 1 },
    ]);
    expect(baselinePlain(credit([1, 1, -0.5])).mean).toBe("mean = (2 × (+1) + 1 × (−0.5)) / 3 = 0.50");
  });
});

describe("what a difference is divided by", () => {
  it("is the spread of the group, or what its credit says", () => {
    const own = credit([1, -0.5, -0.5]);
    expect(divisorOf(own)).toEqual({ value: own.deviation, what: "spread of the 3" });
    const divisor = { value: 1, what: "not divided" };
    expect(divisorOf({ ...own, divisor })).toEqual(divisor);
  });
});

describe("what a token weighs", () => {
  it("is said of a loss that is no mean over tokens, too", () => {
    expect(weightSentence(12, { aggregation: "sequence-mean" })).toMatch(/each of its 12 tokens weighs 1\/12/);
    expect(weightSentence(12, { aggregation: "constant-length" })).toMatch(/constant length/);
    expect(weightSentence(12, {})).toMatch(/known when the update is done/);
  });
});

describe("what the update does with it", () => {
  it("is said with its direction, or that there is none", () => {
    const mixed = credit([1, -0.5]);
    expect(updateSentence(12, mixed, 0.7)).toBe("The update makes each of its 12 tokens more likely.");
    expect(updateSentence(1, mixed, -0.7)).toBe("The update makes each of its 1 token less likely.");
    expect(updateSentence(3, mixed, 0)).toMatch(/leaves its 3 tokens/);
    expect(updateSentence(3, credit([1, 1]), 0)).toMatch(/nothing is learned/);
  });

  it("names the share, and the terms that are in the loss beside it", () => {
    const share = {
      tokens: 23,
      total: 3330,
      term: -0.0133,
      pull: 0.0123,
      loss: -0.0299,
      updates: 1,
      isOverDrawn: false,
    };
    expect(shareSentence(share, {})).toBe(
      "23 of the 3,330 tokens trained on, 1.2 % of the step's pull. The terms of all samples add up to the step's loss, −0.0299.",
    );
    expect(shareSentence({ ...share, updates: 3, isOverDrawn: true }, {})).toBe(
      "23 of the 3,330 tokens drawn, 1.2 % of the step's pull. The terms of all samples add up to the loss of the first of 3 updates, −0.0299; in later ones its probability has moved.",
    );
    expect(shareSentence(share, { klCoefficient: 0.001 })).toMatch(/KL and entropy terms included\.$/);
    expect(shareSentence({ ...share, pull: null, loss: null }, {})).toBe(
      "23 of the 3,330 tokens trained on. The loss of the step is known when its update is done.",
    );
  });
});
