import { describe, expect, it } from "vitest";
import { type RlvrConfig, rlvr } from "../../src/methods/rlvr";
import { rlvrLoss } from "../../src/methods/rlvr-run";
import { drain, runProgram, type Script, ScriptedModel, selfPlay } from "../train/scripted";
import { creditedGroups, scriptedStep } from "./world";

const FEW = { pool: 12, tasks: 4, samples: 4 };

/** A prepared step. */
async function prepared(config: Partial<RlvrConfig> = {}, script: Script = selfPlay) {
  const policy = new ScriptedModel(script);
  const step = scriptedStep(rlvr, { ...FEW, ...config }, { policy, reference: policy });
  const { events } = await drain(rlvr.prepare(step));
  return { step, events };
}

/** Proposes as self-play does, and answers every deduction right or every one wrong, by the program. */
const decided: Script = (prompt, rng, skill) => {
  const [, program = "", input = ""] = /^<ded>([\s\S]*)<in>(.*)<out>/.exec(prompt) ?? [];
  if (program === "") return selfPlay(prompt, rng, skill);
  if (program.length % 2 === 0) return `<ans>${rng.next() < 0.5 ? runProgram(program, input) : "0"}`;
  return `<ans>${program.length % 3 === 0 ? runProgram(program, input) : "[9,9,9]"}`;
};

describe("rlvr", () => {
  it("practises on a pool of its own proposals, in equal shares, the same in every step", async () => {
    const { step, events } = await prepared();
    const added = events.flatMap((event) => (event.type === "task.add" ? [event.task] : []));
    const seen = new Set<string>();
    for (let index = 0; index < 12; index++) {
      const { events: told } = await drain(rlvr.collect({ ...step, index, rng: step.rng.child(index) }));
      for (const event of told) if (event.type === "rollout.sample") seen.add(event.prompt.task?.id ?? "");
    }
    expect(seen.size).toBe(FEW.pool);
    const types = [...seen].map((id) => added.find((task) => task.id === id)?.type);
    expect(types.filter((type) => type === "deduction").length).toBe(FEW.pool / 2);
    expect(types.filter((type) => type === "abduction").length).toBe(FEW.pool / 2);
  });

  it("asks each task several times, and makes one lesson of a step", async () => {
    const { step } = await prepared();
    const { events, result } = await drain(rlvr.collect(step));
    const groups = creditedGroups(events);
    expect(groups.map(({ samples }) => samples.length)).toEqual([4, 4, 4, 4]);
    expect(new Set(groups.map(({ prompt }) => prompt.task?.id)).size).toBe(4);
    expect(result).toHaveLength(1);
    const tokens = events.flatMap((event) => (event.type === "credit.group" ? (event.credit.tokens ?? []) : []));
    expect(result[0]?.over).toEqual({ sequences: 16, tokens: tokens.reduce((sum, count) => sum + count, 0) });
  });

  it("makes as many updates of the same answers as it is told to", async () => {
    const { step } = await prepared({ updatesPerRollout: 3 });
    const { result } = await drain(rlvr.collect(step));
    expect(result).toHaveLength(3);
    expect(new Set(result.map(({ sequences }) => sequences)).size).toBe(1);
  });

  it("draws on until enough groups differ, and leaves the others out", async () => {
    const { step } = await prepared({ dynamicSampling: true, types: "deduction", pool: 40 }, decided);
    const { events, result } = await drain(rlvr.collect(step));
    const asked = new Set(events.flatMap((event) => (event.type === "rollout.sample" ? [event.prompt.id] : [])));
    const groups = creditedGroups(events);
    expect(groups.length).toBe(4);
    expect(asked.size).toBeGreaterThan(4);
    for (const { samples } of groups) expect(new Set(samples.map(({ reward }) => reward)).size).toBeGreaterThan(1);
    expect(result[0]?.over?.sequences).toBe(16);
  });

  it("moves nothing but the loss where the KL is part of it, and nothing but the reward where it is there", async () => {
    const rewards = async (config: Partial<RlvrConfig>) => {
      const { step } = await prepared(config);
      // The reference finds every token less likely by e^-0.25 than the policy did.
      const reference = Object.assign(new ScriptedModel(selfPlay), {
        score: async (sequences: readonly { completion: Int32Array }[]) =>
          sequences.map(({ completion }) => new Float32Array(completion.length).fill(-0.75)),
      });
      const { events, result } = await drain(rlvr.collect({ ...step, reference }));
      return { all: creditedGroups(events).flatMap(({ samples }) => samples), loss: result[0]?.loss };
    };
    const none = await rewards({ klPlace: "none" });
    const loss = await rewards({ klPlace: "loss", klCoefficient: 0.1 });
    const reward = await rewards({ klPlace: "reward", klCoefficient: 0.1 });
    expect(none.loss).toMatchObject({ klCoefficient: 0 });
    expect(loss.loss).toMatchObject({ klCoefficient: 0.1 });
    expect(reward.loss).toMatchObject({ klCoefficient: 0 });
    expect(loss.all).toEqual(none.all);
    expect(reward.all.every((sample, index) => sample.reward < (none.all[index]?.reward ?? 0))).toBe(true);
  });

  it("pays for the form alone, where it is told to", async () => {
    const { step } = await prepared({ rewardSource: "format" });
    const { events } = await drain(rlvr.collect(step));
    const all = creditedGroups(events).flatMap(({ samples }) => samples);
    expect(all.some(({ verdict }) => verdict?.verdict === "WRONG")).toBe(true);
    for (const { verdict, reward } of all)
      expect(reward).toBe(verdict?.verdict === "CORRECT" || verdict?.verdict === "WRONG" ? 1 : -1);
  });

  it("judges by a wrong output, where it is told to, and asks the same", async () => {
    const { step } = await prepared({ rewardSource: "wrong-label", types: "deduction" }, decided);
    const { events } = await drain(rlvr.collect(step));
    const groups = creditedGroups(events);
    const { events: honest } = await drain(
      rlvr.collect({ ...step, config: { ...step.config, rewardSource: "verifier" } }),
    );
    expect(groups.map(({ prompt }) => prompt.text)).toEqual(creditedGroups(honest).map(({ prompt }) => prompt.text));
    const right = creditedGroups(honest).flatMap(({ samples }) => samples.filter(({ reward }) => reward === 1));
    expect(right.length).toBeGreaterThan(2);
    const paid = new Map(groups.flatMap(({ samples }) => samples.map(({ id, reward }) => [id, reward] as const)));
    for (const { id } of right) expect(paid.get(id)).toBe(-0.5);
  });

  it("has the family's members as presets that differ in their switches", () => {
    const { small: _, ...family } = rlvr.presets;
    expect(Object.keys(family)).toEqual(["grpo", "dr-grpo", "rloo", "reinforce++", "reinforce++-baseline", "dapo"]);
    const whole = Object.values(family).map((preset) => JSON.stringify({ ...rlvr.defaults, ...preset }));
    expect(new Set(whole).size).toBe(whole.length);
    const needs = (preset: keyof typeof family) => rlvr.needs({ ...rlvr.defaults, ...family[preset] } as RlvrConfig);
    expect(needs("dapo")).toEqual({ reference: false });
    expect(needs("rloo")).toEqual({ reference: true });
  });

  it("divides every answer by one length where the loss is Dr. GRPO's", async () => {
    const { step } = await prepared({ ...rlvr.presets["dr-grpo"] });
    const { result } = await drain(rlvr.collect(step));
    expect(result[0]?.loss).toMatchObject({ aggregation: "constant-length", constantLength: 100 });
    expect(rlvrLoss(step.config, [])).toMatchObject({ constantLength: 1 });
  });
});
