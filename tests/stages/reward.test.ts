import { describe, expect, it } from "vitest";
import type { Group, Sample, VerdictName } from "../../src/contracts";
import { proposerReward, rewardProposers, rewardSolvers, solveRate, solverReward } from "../../src/reward/reward";
import { createRng } from "../../src/rollout/rng";
import { drain } from "../train/scripted";

function group(role: "solver" | "proposer", ...verdicts: readonly VerdictName[]): Group {
  const tokens = new Int32Array(0);
  const prompt = { id: "p", kind: `${role}/deduction`, text: "", tokens, maxNewTokens: 1 } as const;
  const samples = verdicts.map((verdict, index): Sample => {
    const parts = { tokens, logprobs: new Float32Array(0), text: "", stop: "eos", trace: false } as const;
    return { id: `${role}${index}`, ...parts, verdict: { verdict, reason: "" }, reward: 0, advantage: 0 };
  });
  return { prompt, samples };
}

describe("rewards", () => {
  it.each([
    ["CORRECT", 1],
    ["WRONG", -0.5],
    ["LIMIT steps", -0.5],
    ["HANG", -0.5],
    ["FORMAT", -1],
    ["INVALID ANSWER", -1],
    ["INVALID PROGRAM", -1],
    ["DENIED", -1],
  ] as const)("a solver's %s earns %d", (verdict, reward) => {
    expect(solverReward(verdict)).toBe(reward);
  });

  it.each([
    ["VALID", 0, 0],
    ["VALID", 0.25, 0.75],
    ["VALID", 0.5, 0.5],
    ["VALID", 1, 0],
    ["VALID", null, 0],
    ["INVALID PROGRAM", null, -0.5],
    ["OUT OF DOMAIN", null, -0.5],
    ["NONDETERMINISTIC", null, -0.5],
    ["DUPLICATE", null, -0.5],
    ["HELD OUT", null, 0],
    ["FORMAT", null, -1],
  ] as const)("a proposer's %s solved at rate %s earns %d", (verdict, rate, reward) => {
    expect(proposerReward(verdict, rate)).toBe(reward);
  });

  it.each([
    [0, -0.5],
    [0.25, 0.75],
    [1, -0.5],
  ])("an admitted task solved at rate %s earns %d where edges are punished", (rate, reward) => {
    expect(proposerReward("VALID", rate, "punished")).toBe(reward);
    expect(proposerReward("VALID", null, "punished")).toBe(0);
    expect(proposerReward("HELD OUT", null, "punished")).toBe(0);
  });

  it("adds a bonus to what is paid for a learnable task, and to nothing else", async () => {
    const proposals = group("proposer", "VALID", "VALID", "FORMAT");
    const rates = new Map([
      ["proposer0", 0.25],
      ["proposer1", 1],
    ]);
    const terms = { edges: "nothing" as const, bonus: () => 0.125 };
    await drain(rewardProposers([proposals], rates, "verifier", createRng(0), terms));
    expect(proposals.samples.map(({ reward }) => reward)).toEqual([0.875, 0, -1]);
  });

  it("counts the solve rate over all rollouts of a task", () => {
    expect(solveRate(group("solver", "CORRECT", "WRONG", "FORMAT", "CORRECT").samples)).toBe(0.5);
    expect(solveRate([])).toBeNull();
  });

  it("fills rewards and says what each proposal earned", async () => {
    const proposals = group("proposer", "VALID", "FORMAT");
    const { events } = await drain(
      rewardProposers([proposals], new Map([["proposer0", 0.25]]), "verifier", createRng(0)),
    );
    expect(proposals.samples.map(({ reward }) => reward)).toEqual([0.75, -1]);
    expect(events).toEqual([
      { type: "reward.proposal", sampleId: "proposer0", solveRate: 0.25, reward: 0.75 },
      { type: "reward.proposal", sampleId: "proposer1", solveRate: null, reward: -1 },
    ]);
  });

  it("flips coins in the control, independent of the verdicts and repeatable", async () => {
    const all = (verdict: VerdictName) => group("solver", ...Array.from({ length: 400 }, () => verdict));
    const right = all("CORRECT");
    const wrong = all("FORMAT");
    await drain(rewardSolvers([right], "random", createRng(9)));
    await drain(rewardSolvers([wrong], "random", createRng(9)));
    const rewards = right.samples.map(({ reward }) => reward);
    const last = { ...right, samples: right.samples.slice(-1) };
    await drain(rewardSolvers([last], "random", createRng(9)));
    // Each sample has its own coin, independent of earlier ones.
    expect(last.samples[0]?.reward).toBe(rewards.at(-1));
    expect(wrong.samples.map(({ reward }) => reward)).toEqual(rewards);
    const heads = rewards.filter((reward) => reward === 1).length;
    expect(rewards.every((reward) => reward === 1 || reward === -0.5)).toBe(true);
    // 200 ± four standard errors of 10.
    expect(Math.abs(heads - 200)).toBeLessThan(40);
  });

  it("refuses to pay what was not judged", async () => {
    const unjudged = group("solver", "CORRECT");
    delete (unjudged.samples[0] as Sample).verdict;
    await expect(drain(rewardSolvers([unjudged], "verifier", createRng(0)))).rejects.toThrow(/no verdict/);
  });
});
