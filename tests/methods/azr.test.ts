import { describe, expect, it } from "vitest";
import { KelvinError, roleOf, type StageEvent, TASK_TYPES, type TaskType, typeOf } from "../../src/contracts";
import { azr, azrLoss } from "../../src/methods/azr";
import type { AzrConfig } from "../../src/methods/azr-settings";
import { warmUpAndDecay } from "../../src/methods/learning-rate";
import { createRng } from "../../src/rollout/rng";
import { readBuffer } from "../../src/tasks/buffer";
import { heldOutKey } from "../../src/tasks/held-out";
import {
  drain,
  FakeVerifier,
  runProgram,
  type Script,
  ScriptedModel,
  scriptedTokenizer,
  selfPlay,
} from "../train/scripted";
import { creditedGroups, scriptedStep } from "./world";

const small: Partial<AzrConfig> = { proposals: 6, learnabilitySamples: 2, solverTasks: 5, freshTasks: 3, seedTasks: 8 };

async function firstStep(config: Partial<AzrConfig> = {}) {
  const policy = new ScriptedModel(selfPlay);
  const verifier = new FakeVerifier();
  const step = scriptedStep(azr, { ...small, ...config }, { policy, verifier });
  const prepared = await drain(azr.prepare({ ...step, index: -1, rng: createRng(1).child("prepare") }));
  const before = new Map(TASK_TYPES.map((type) => [type, readBuffer(step.memory, type)]));
  policy.calls.length = 0;
  const { events, result } = await drain(azr.collect(step));
  return {
    step,
    policy,
    verifier,
    prepared: prepared.events,
    before,
    events,
    lessons: result,
    groups: creditedGroups(events),
  };
}

const phases = (events: readonly StageEvent[]) =>
  events.flatMap((event) =>
    event.type === "phase.start" || event.type === "phase.end" ? [`${event.type.slice(6)} ${event.phase}`] : [],
  );
const of = (groups: ReturnType<typeof creditedGroups>, role: string, type?: TaskType) =>
  groups.filter(({ prompt: { kind } }) => roleOf(kind) === role && (type === undefined || typeOf(kind) === type));

describe("azr", () => {
  it("fills every buffer from the identity alone", async () => {
    const { before, prepared } = await firstStep();
    for (const type of TASK_TYPES) {
      expect(before.get(type)?.length).toBeGreaterThanOrEqual(8);
      expect(before.get(type)?.[0]?.program).toBe("def f(x):\n return x");
      expect(before.get(type)?.every(({ step }) => step === -1)).toBe(true);
    }
    expect(prepared.filter(({ type }) => type === "task.add").length).toBe([...before.values()].flat().length - 3);
  });

  it("credits worked deductions line by line where it is told to, and everything else as a whole", async () => {
    const lessons = async (credit: AzrConfig["credit"]) => (await firstStep({ credit })).lessons[0];
    const [whole, byLine] = [await lessons("answer"), await lessons("line")];
    expect([whole?.loss.kind, byLine?.loss.kind]).toEqual(["policy-gradient", "likelihood"]);
    const uniform = byLine?.sequences.filter(({ weights = [] }) => new Set(weights).size === 1) ?? [];
    const lines = byLine?.sequences.filter(({ weights = [] }) => new Set(weights).size > 1) ?? [];
    const text = ({ completion }: { completion: Int32Array }) => scriptedTokenizer.decode(completion);
    expect(uniform.length).toBeGreaterThan(6);
    for (const sequence of lines) expect(text(sequence)).toMatch(/^<think>/);
    // Of a whole answer: its advantage over the number of tokens that have one.
    const tokens =
      byLine?.sequences.reduce((sum, { weights = [] }) => sum + [...weights].filter(Boolean).length, 0) ?? 0;
    for (const { weights = [], advantage } of uniform) expect(weights[0]).toBeCloseTo(advantage / tokens, 6);
  });

  it("goes through its phases in order, with two batches of sampling", async () => {
    const { events, policy } = await firstStep();
    const order = ["propose", "verify", "solve", "reward", "advantage"];
    expect(phases(events)).toEqual(order.flatMap((name) => [`start ${name}`, `end ${name}`]));
    expect(policy.calls.length).toBe(2);
    expect(policy.calls[0]?.length).toBe(18);
  });

  it("draws from the distribution that its loss differentiates: the whole one, at the same temperature", async () => {
    const { policy, lessons } = await firstStep({ temperature: 0.8 });
    expect(policy.sampling.every((options) => Object.keys(options).join() === "temperature")).toBe(true);
    expect(new Set(policy.sampling.map(({ temperature }) => temperature))).toEqual(new Set([0.8]));
    expect(lessons.map(({ loss }) => loss)).toEqual([expect.objectContaining({ temperature: 0.8 })]);
  });

  it("trains on proposals and attempts, never on the rollouts that only measure", async () => {
    const { groups, events, lessons } = await firstStep();
    const advantages = groups.flatMap(({ samples }) => samples.map(({ advantage }) => advantage));
    const learned = lessons.flatMap(({ sequences }) => sequences.map(({ advantage }) => advantage));
    expect(learned.sort()).toEqual(advantages.filter((advantage) => advantage !== 0).sort());
    for (const type of TASK_TYPES) {
      expect(of(groups, "proposer", type).length).toBe(6);
      expect(of(groups, "solver", type).length).toBe(5);
    }
    expect(groups.every(({ samples }) => samples.length === 1)).toBe(true);
    const probes = events.flatMap((event) =>
      event.type === "rollout.sample" && event.purpose === "learnability" ? [event.sample.id] : [],
    );
    const trained = new Set(groups.flatMap(({ samples }) => samples.map(({ id }) => id)));
    expect(probes.length).toBe(2 * events.filter(({ type }) => type === "task.add").length);
    expect(probes.some((id) => trained.has(id))).toBe(false);
  });

  it("takes up to freshTasks of this step's tasks, the rest from before it", async () => {
    const { groups, before, step } = await firstStep();
    for (const type of ["deduction", "abduction"] as const) {
      const steps = of(groups, "solver", type).map(({ prompt }) => prompt.task?.step);
      expect(steps.filter((at) => at === 0).length).toBe(3);
      expect(steps.filter((at) => at === -1).length).toBe(2);
      expect(readBuffer(step.memory, type).length).toBeGreaterThan(before.get(type)?.length ?? 0);
    }
  });

  it("never takes more fresh tasks than the solver is given", async () => {
    const { groups } = await firstStep({ solverTasks: 2, freshTasks: 4 });
    for (const type of TASK_TYPES) expect(of(groups, "solver", type).length).toBe(2);
  });

  it("pays proposers 1 - solve rate, nothing at the extremes, -0.5 and -1 for what is no task", async () => {
    const { groups, events } = await firstStep({ proposals: 20, learnabilitySamples: 4 });
    const verdicts = new Map(
      events.flatMap((event) => (event.type === "verify.verdict" ? [[event.sampleId, event.verdict.verdict]] : [])),
    );
    const paid = events.flatMap((event) => (event.type === "reward.proposal" ? [event] : []));
    expect(paid.length).toBe(60);
    for (const { sampleId, solveRate, reward } of paid) {
      const probes = Array.from({ length: 4 }, (_, index) => verdicts.get(`${sampleId}/probe/${index}`));
      const rate = probes.filter((verdict) => verdict === "CORRECT").length / 4;
      if (verdicts.get(sampleId) === "VALID") {
        expect(solveRate).toBe(rate);
        expect(reward).toBe(rate > 0 && rate < 1 ? 1 - rate : 0);
      } else expect(reward).toBe(verdicts.get(sampleId) === "FORMAT" ? -1 : -0.5);
    }
    expect(new Set(paid.map(({ reward }) => reward)).size).toBeGreaterThan(3);
    const rewards = new Map(paid.map(({ sampleId, reward }) => [sampleId, reward]));
    for (const sample of of(groups, "proposer").flatMap(({ samples }) => samples))
      expect(sample.reward).toBe(rewards.get(sample.id));
  });

  it("draws different answers for one task: the solve rate is not 0 or 1 throughout", async () => {
    const { events } = await firstStep({ proposals: 20, learnabilitySamples: 4 });
    const rates = events.flatMap((event) =>
      event.type === "reward.proposal" && event.solveRate !== null ? [event.solveRate] : [],
    );
    expect(rates.some((rate) => rate > 0 && rate < 1)).toBe(true);
  });

  it("uses six baselines, each with mean zero", async () => {
    const { groups, events } = await firstStep();
    const credits = events.flatMap((event) => (event.type === "credit.group" ? [event.credit] : []));
    expect(credits.map(({ group }) => group).sort()).toEqual(
      ["proposer", "solver"].flatMap((role) => [...TASK_TYPES].sort().map((type) => `${role} ${type}`)),
    );
    for (const { advantages } of credits)
      expect(Math.abs(advantages.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-6);
    const given = new Map(
      credits.flatMap(({ sampleIds, advantages }) => sampleIds.map((id, index) => [id, advantages[index]] as const)),
    );
    for (const sample of groups.flatMap(({ samples }) => samples)) expect(sample.advantage).toBe(given.get(sample.id));
  });

  it("makes induction tasks of short programs only", async () => {
    const { step } = await firstStep({ inductionStatements: 1 });
    expect(readBuffer(step.memory, "induction").every(({ statements }) => statements === 1)).toBe(true);
    expect(readBuffer(step.memory, "deduction").some(({ statements }) => statements > 1)).toBe(true);
  });

  it("leaves the proposer alone when it is not trained: no probes, no rewards, no gradient", async () => {
    const { groups, events, policy } = await firstStep({ trainProposer: false });
    expect(of(groups, "proposer")).toEqual([]);
    expect(events.some(({ type }) => type === "reward.proposal")).toBe(false);
    const credited = events.flatMap((event) => (event.type === "credit.group" ? [event.credit.group] : []));
    expect(credited.every((group) => group.startsWith("solver "))).toBe(true);
    expect(policy.calls[1]?.length).toBe(15);
    expect(of(groups, "solver").length).toBe(15);
  });

  it.each([
    [{ abduction: false, induction: false }, ["deduction"]],
    [{ induction: false }, ["abduction", "deduction"]],
    [{ deduction: false, abduction: false }, ["induction"]],
  ] as const)("proposes and solves the types that are on: %j", async (off, types) => {
    const { groups, before } = await firstStep(off);
    for (const role of ["proposer", "solver"])
      expect([...new Set(of(groups, role).map(({ prompt }) => typeOf(prompt.kind)))].sort()).toEqual([...types].sort());
    // The programs that induction describes are there all the same.
    for (const type of TASK_TYPES) expect(before.get(type)?.length).toBeGreaterThanOrEqual(8);
  });

  it("refuses a run without any type", async () => {
    const step = scriptedStep(azr, { ...small, deduction: false, abduction: false, induction: false });
    await expect(drain(azr.prepare(step))).rejects.toThrow("no task type is left");
  });

  it("shows every proposer the identity where references are off", async () => {
    const { groups } = await firstStep({ references: false });
    for (const type of ["deduction", "abduction"] as const)
      expect(new Set(of(groups, "proposer", type).map(({ prompt }) => prompt.reference))).toEqual(
        new Set(["def f(x):\n return x"]),
      );
    const shown = await firstStep();
    expect(new Set(of(shown.groups, "proposer").map(({ prompt }) => prompt.reference)).size).toBeGreaterThan(1);
  });

  it("punishes tasks at the edges where it is told to, and no others", async () => {
    const paid = async (config: Partial<AzrConfig>) => {
      const { events } = await firstStep({ proposals: 20, learnabilitySamples: 2, ...config });
      return events.flatMap((event) => (event.type === "reward.proposal" ? [event] : []));
    };
    const [plain, punished] = [await paid({}), await paid({ edges: "punished" })];
    const edges = plain.flatMap(({ solveRate }, index) => (solveRate === 0 || solveRate === 1 ? [index] : []));
    expect(edges.length).toBeGreaterThan(3);
    plain.forEach(({ reward }, index) => {
      expect(punished[index]?.reward).toBe(edges.includes(index) ? -0.5 : reward);
    });
  });

  it("counts tokens in its baselines where it is told to", async () => {
    const { events } = await firstStep({ whitening: "tokens", solverTasks: 20 });
    const credits = events.flatMap((event) => (event.type === "credit.group" ? [event.credit] : []));
    expect(credits.every(({ over }) => over === "tokens")).toBe(true);
    const mean = ({ advantages, tokens = [] }: (typeof credits)[number]) =>
      advantages.reduce((sum, advantage, index) => sum + advantage * (tokens[index] ?? 0), 0);
    for (const credit of credits) expect(Math.abs(mean(credit))).toBeLessThan(1e-6);
  });

  it("pays learnable tasks a bonus for how they are written, and no others", async () => {
    const paid = async (config: Partial<AzrConfig>) => {
      const { events } = await firstStep({ proposals: 20, learnabilitySamples: 4, ...config });
      return events.flatMap((event) => (event.type === "reward.proposal" ? [event] : []));
    };
    const plain = await paid({});
    for (const name of ["distanceBonus", "surpriseBonus"] as const) {
      const more = (await paid({ [name]: 0.1 })).map(({ reward }, index) => reward - (plain[index]?.reward ?? 0));
      plain.forEach(({ reward }, index) => {
        if (reward > 0) expect(more[index]).toBeGreaterThanOrEqual(0);
        else expect(more[index]).toBe(0);
      });
      expect(Math.max(...more.slice(0, 60))).toBeGreaterThan(0.01);
      expect(Math.max(...more.slice(0, 60))).toBeLessThanOrEqual(0.1);
    }
  });

  it("runs a share of the proposals on what an earlier program leaves", async () => {
    const { events, step } = await firstStep({ proposals: 20, composites: 0.5 });
    const added = events.flatMap((event) => (event.type === "task.add" ? [event.task] : []));
    const written = new Map(
      events.flatMap((event) => (event.type === "rollout.sample" ? [[event.sample.id, event.sample.text]] : [])),
    );
    const own = added.map(({ id, type, program }) => type === "induction" || written.get(id)?.startsWith(program));
    const composites = added.filter((_, index) => !own[index]);
    expect(composites.length).toBeGreaterThan(3);
    expect(own.filter(Boolean).length).toBeGreaterThan(3);
    for (const { program, pairs } of composites)
      expect(runProgram(program, pairs[0]?.input ?? "")).toBe(pairs[0]?.output);
    expect(readBuffer(step.memory, "deduction").some(({ id }) => id === composites[0]?.id)).toBe(true);
  });

  it("pays for expressions where it judges leniently, and counts them either way", async () => {
    const script: Script = (prompt, rng, skill) => {
      const [, program = "", input = ""] = /^<ded>([\s\S]*)<in>(.*)<out>/.exec(prompt) ?? [];
      return program === "" ? selfPlay(prompt, rng, skill) : `<ans>${runProgram(program, input)}+0`;
    };
    /** Gives the value of such an expression, as Python would. */
    class Evaluating extends FakeVerifier {
      override async run(jobs: Parameters<FakeVerifier["run"]>[0]) {
        const valid = { verdict: "VALID", reason: "" } as const;
        return jobs.map(({ program }) => ({ outputs: [/return (\S+)\+0/.exec(program)?.[1] ?? null], verdict: valid }));
      }
    }
    const paid = async (judging: "strict" | "lenient") => {
      const policy = new ScriptedModel(script);
      const step = scriptedStep(azr, { ...small, judging }, { policy, verifier: new Evaluating() });
      await drain(azr.prepare(step));
      const { events } = await drain(azr.collect(step));
      const metrics = events.flatMap((event) => (event.type === "stage.metrics" ? [event.metrics] : []))[0];
      const solved = of(creditedGroups(events), "solver", "deduction").flatMap(({ samples }) => samples);
      return { share: metrics?.["answers/expressions"], rewards: new Set(solved.map(({ reward }) => reward)) };
    };
    expect(await paid("strict")).toEqual({ share: 1, rewards: new Set([-1]) });
    expect(await paid("lenient")).toEqual({ share: 1, rewards: new Set([1]) });
  });

  it("ignores the verdicts in the random-reward control", async () => {
    const { groups } = await firstStep({ rewardSource: "random", solverTasks: 30 });
    const solved = of(groups, "solver").flatMap(({ samples }) => samples);
    expect(new Set(solved.map(({ reward }) => reward))).toEqual(new Set([1, -0.5]));
    expect(solved.some(({ verdict, reward }) => verdict?.verdict === "CORRECT" && reward < 0)).toBe(true);
    expect(solved.some(({ verdict, reward }) => verdict?.verdict !== "CORRECT" && reward > 0)).toBe(true);
  });

  it("never admits a held-out program", async () => {
    const open = await firstStep();
    const victims = TASK_TYPES.flatMap((type) => readBuffer(open.step.memory, type)).filter(
      ({ statements }) => statements > 1,
    );
    const heldOut = new Set(victims.map(heldOutKey));
    expect(heldOut.size).toBeGreaterThan(3);
    const step = scriptedStep(azr, small, { heldOut });
    await drain(azr.prepare({ ...step, rng: createRng(1).child("prepare") }));
    await drain(azr.collect(step));
    const admitted = TASK_TYPES.flatMap((type) => readBuffer(step.memory, type));
    expect(admitted.filter((task) => heldOut.has(heldOutKey(task)))).toEqual([]);
  });

  it("says so when the model cannot write tasks", async () => {
    const step = scriptedStep(azr, small, { policy: new ScriptedModel(() => "hello") });
    await expect(drain(azr.prepare(step))).rejects.toThrow(KelvinError);
    await expect(drain(azr.prepare(step))).rejects.toThrow(/no valid deduction or abduction task/);
  });

  it("clips on both sides, averages over tokens, and looks at the temperature it sampled at", () => {
    expect(azrLoss({ ...azr.defaults, clip: 0.3, temperature: 0.7 })).toEqual({
      kind: "policy-gradient",
      clipLow: 0.3,
      clipHigh: 0.3,
      klCoefficient: 0,
      entropyCoefficient: 0,
      aggregation: "token-mean",
      constantLength: 0,
      temperature: 0.7,
    });
  });

  it("warms up over five steps and decays to 0.3", async () => {
    const rate = (step: number) => warmUpAndDecay(step, 101);
    expect(rate(0)).toBeCloseTo(0.2, 5);
    expect(rate(4)).toBeCloseTo(0.972, 5);
    expect(rate(50)).toBeCloseTo(0.65, 5);
    expect(rate(100)).toBeCloseTo(0.3, 5);
    expect(warmUpAndDecay(0, 1)).toBeGreaterThan(0);
    const { lessons } = await firstStep();
    expect(lessons.map(({ learningRate }) => learningRate)).toEqual([
      azr.defaults.learningRate * warmUpAndDecay(0, 10),
    ]);
  });
});
