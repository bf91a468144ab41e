import { describe, expect, it } from "vitest";
import { KelvinError, type Policy, type Task } from "../../src/contracts";
import { type OneShotConfig, oneShot } from "../../src/methods/one-shot";
import { oneShotLoss } from "../../src/methods/one-shot-run";
import { drain, runProgram, type Script, ScriptedModel, selfPlay } from "../train/scripted";
import { creditedGroups, scriptedStep } from "./world";

const byHand = {
  exampleRule: "by-hand",
  exampleProgram: "def f(x):\\n x=x+3\\n return x-1",
  exampleInput: "5",
} as const;

function task(name: number, program = `def f(x):\n return x+${name}`): Task {
  const pairs = [{ input: "1", output: runProgram(program, "1") ?? "" }];
  return {
    id: `c${name}`,
    type: "deduction",
    program,
    pairs,
    message: "",
    statements: 1,
    step: -1,
    normalized: program,
  };
}

async function example(
  config: Partial<OneShotConfig>,
  policy: Policy = new ScriptedModel(selfPlay),
  seedTasks: Task[] = [],
) {
  const step = scriptedStep(oneShot, config, { policy, seedTasks });
  const { events } = await drain(oneShot.prepare(step));
  return { step, events, example: step.memory.get("example") as unknown as Task };
}

/** Right with a given probability per candidate program, whether forced or free. */
function skilled(rates: Record<string, number>): Script {
  return (prompt, rng) => {
    const [, program = ""] = /^<ded>([\s\S]*)<in>/.exec(prompt) ?? [];
    return `${prompt.endsWith("<think>") ? "\n" : ""}<ans>${rng.next() < (rates[program] ?? 0) ? runProgram(program, "1") : "0"}`;
  };
}

/** Gives each candidate the direct log-probability that its output stands for. */
class Scored extends ScriptedModel {
  constructor(
    script: Script,
    private readonly logprobs: Record<string, number>,
  ) {
    super(script);
  }
  override async score(sequences: readonly { prompt: Int32Array; completion: Int32Array }[]): Promise<Float32Array[]> {
    return sequences.map(({ prompt }) => {
      const [, program = ""] = /^<ded>([\s\S]*)<in>/.exec(this.tokenizer.decode(prompt)) ?? [];
      return Float32Array.of(this.logprobs[program] ?? 0, -0.5);
    });
  }
}

describe("one-shot", () => {
  it("repeats one example in groups with a baseline each", async () => {
    const { step } = await example(byHand);
    const { events, result: lessons } = await drain(oneShot.collect(step));
    const result = creditedGroups(events);
    expect(lessons).toMatchObject([{ loss: oneShotLoss(step.config), learningRate: 1.5e-4 }]);
    expect(lessons[0]?.sequences.length).toBe(64);
    expect(result.map(({ samples }) => samples.length)).toEqual([16, 16, 16, 16]);
    expect(new Set(result.map(({ prompt }) => prompt.text))).toEqual(
      new Set(["<ded>def f(x):\n x=x+3\n return x-1<in>5<out>"]),
    );
    expect(new Set(result.map(({ prompt }) => prompt.id)).size).toBe(4);
    expect(result.flatMap(({ samples }) => samples.map(({ text }) => text)).length).toBe(64);
    const credits = events.flatMap((event) => (event.type === "credit.group" ? [event.credit] : []));
    expect(credits.map(({ group }) => group)).toEqual(result.map(({ prompt }) => prompt.id));
    expect(credits.some(({ deviation }) => deviation > 0)).toBe(true);
    const phases = events.flatMap((event) => (event.type === "phase.start" ? [event.phase] : []));
    expect(phases).toEqual(["solve", "reward", "advantage"]);
  });

  it("asks for a KL to the frozen base and an entropy bonus", () => {
    expect(oneShot.defaults).toMatchObject({ klCoefficient: 0.001, entropyCoefficient: 0.001 });
    const config = { clip: 0.3, klCoefficient: 0.02, entropyCoefficient: 0.05, temperature: 0.7 };
    expect(oneShotLoss({ ...oneShot.defaults, ...config })).toEqual({
      kind: "policy-gradient",
      clipLow: 0.3,
      clipHigh: 0.3,
      klCoefficient: 0.02,
      entropyCoefficient: 0.05,
      aggregation: "token-mean",
      constantLength: 0,
      temperature: 0.7,
    });
    expect(oneShot.needs(oneShot.defaults)).toEqual({ reference: true });
    expect(oneShot.needs({ ...oneShot.defaults, klCoefficient: 0 })).toEqual({ reference: false });
  });

  it.each([
    ["format", [1, -1]],
    ["wrong-label", [1, -0.5]],
    ["none", [0]],
  ] as const)("has a control that pays for %s", async (rewardSource, rewards) => {
    // Right, wrong by one, which is the wrong label of the control, and unreadable.
    const answers = ["<ans>7", "<ans>8", "7"];
    const policy = new ScriptedModel((_, rng) => answers[rng.below(3)] ?? "");
    const { step } = await example({ ...byHand, rewardSource }, policy);
    const { events, result: lessons } = await drain(oneShot.collect(step));
    const samples = creditedGroups(events).flatMap((group) => group.samples);
    for (const { text, reward } of samples) {
      if (rewardSource === "none") expect(reward).toBe(0);
      else if (text === "7") expect(reward).toBe(-1);
      else expect([text, reward]).toEqual([text, rewardSource === "format" || text === "<ans>8" ? 1 : -0.5]);
    }
    for (const reward of rewards) expect(samples.some((sample) => sample.reward === reward)).toBe(true);
    // What it reads is the same in every run.
    expect(creditedGroups(events)[0]?.prompt.text).toBe("<ded>def f(x):\n x=x+3\n return x-1<in>5<out>");
    // Without rewards the terms of the loss are left, over every sample.
    if (rewardSource === "none")
      expect(lessons[0]?.sequences.map(({ advantage }) => advantage)).toEqual(samples.map(() => 0));
  });

  describe("example by hand", () => {
    it("is verified, and its output found", async () => {
      const { example: chosen, events } = await example(byHand);
      expect(chosen).toMatchObject({
        program: "def f(x):\n x=x+3\n return x-1",
        pairs: [{ input: "5", output: "7" }],
        statements: 2,
      });
      expect(events.at(-1)).toEqual({ type: "task.add", task: chosen });
    });

    it.each([
      [{ exampleProgram: "" }, /exampleProgram is empty/],
      [{ exampleProgram: "print(1)" }, /does not start with/],
      [{ exampleInput: "open('a')" }, /is not a value/],
      [{ exampleProgram: "def f(x):\\n return y" }, /INVALID PROGRAM/],
    ])("refuses %j", async (change, message) => {
      await expect(example({ ...byHand, ...change })).rejects.toThrow(message);
      await expect(example({ ...byHand, ...change })).rejects.toBeInstanceOf(KelvinError);
    });
  });

  describe("example by rule", () => {
    const candidates = [1, 2, 3, 4].map((name) => task(name));
    const programs = candidates.map(({ program }) => program);
    const table = (...values: number[]) =>
      Object.fromEntries(programs.map((program, index) => [program, values[index] ?? 0]));

    it("is the reliable trace with the least likely direct answer", async () => {
      // The least likely of all (-12) has a trace that is mostly wrong.
      const policy = new Scored(skilled(table(1, 1, 0.2, 1)), table(-3, -9, -12, -5));
      const { example: chosen } = await example({ exampleRule: "lowest-direct-logprob" }, policy, candidates);
      expect(chosen.id).toBe("c2");
    });

    it("goes on beyond a shortlist without a reliable trace", async () => {
      const many = Array.from({ length: 20 }, (_, index) => task(index + 1));
      const names = many.map(({ program }) => program);
      const rates = Object.fromEntries(names.map((program, index) => [program, index === 17 ? 1 : 0.1]));
      const logprobs = Object.fromEntries(names.map((program, index) => [program, index - 30]));
      const { example: chosen } = await example(
        { exampleRule: "lowest-direct-logprob" },
        new Scored(skilled(rates), logprobs),
        many,
      );
      expect(chosen.id).toBe("c18");
    });

    it("says so when no trace is reliable", async () => {
      const policy = new Scored(skilled(table(0.1, 0, 0.2, 0)), table(-1, -2, -3, -4));
      await expect(example({ exampleRule: "lowest-direct-logprob" }, policy, candidates)).rejects.toThrow(
        /no trace of 4 candidates/,
      );
    });

    it("is the most varied answer for historical variance", async () => {
      const policy = new ScriptedModel(skilled(table(1, 0.5, 0, 0.95)));
      const { example: chosen } = await example({ exampleRule: "historical-variance" }, policy, candidates);
      expect(chosen.id).toBe("c2");
    });

    it("is the least varied answer, or any, for the controls", async () => {
      const policy = () => new ScriptedModel(skilled(table(0.5, 0.6, 1, 0.4)));
      const least = await example({ exampleRule: "lowest-variance" }, policy(), candidates);
      expect(least.example.id).toBe("c3");
      const drawn = await example({ exampleRule: "random" }, policy(), candidates);
      const again = await example({ exampleRule: "random" }, policy(), candidates);
      expect(candidates.map(({ id }) => id)).toContain(drawn.example.id);
      expect(again.example.id).toBe(drawn.example.id);
    });

    it("comes from the policy's own proposals where no tasks are given", async () => {
      const policy = new ScriptedModel((prompt, rng, skill) =>
        prompt.startsWith("<ded>") ? selfPlay(prompt, rng, 1) : selfPlay(prompt, rng, skill),
      );
      const { example: chosen, step } = await example({ exampleRule: "lowest-direct-logprob", candidates: 16 }, policy);
      expect(chosen.type).toBe("deduction");
      expect(chosen.program).not.toBe("def f(x):\n return x");
      expect([...step.memory.keys()]).toEqual(["example"]);
    });
  });
});
