import { describe, expect, it } from "vitest";
import type { Step } from "../../src/contracts";
import { parsePairs } from "../../src/evaluate/pairs";
import { type SftConfig, sft } from "../../src/methods/sft";
import { heldOutKey } from "../../src/tasks/held-out";
import { drain, ScriptedModel, selfPlay } from "../train/scripted";
import { scriptedStep } from "./world";

async function prepared(config: Partial<SftConfig> = {}) {
  const policy = new ScriptedModel(selfPlay);
  const step = scriptedStep(sft, { pairs: 12, batch: 8, ...config }, { policy });
  await drain(sft.prepare(step));
  return step;
}

const textsOf = async (config: Partial<SftConfig>) => {
  const { events } = await drain(sft.collect(await prepared(config)));
  return events.flatMap((event) => (event.type === "rollout.sample" ? [event] : []));
};

describe("sft", () => {
  it("learns from the answer alone, its end token included", async () => {
    const step = await prepared();
    const { events, result } = await drain(sft.collect(step));
    const [lesson] = result;
    expect(lesson?.loss).toEqual({ kind: "likelihood" });
    expect(lesson?.sequences).toHaveLength(8);
    const { tokenizer } = step.policy;
    const samples = events.flatMap((event) => (event.type === "rollout.sample" ? [event] : []));
    for (const [index, { prompt, completion }] of (lesson?.sequences ?? []).entries()) {
      expect(tokenizer.decode(prompt)).toBe(samples[index]?.prompt.text);
      expect(tokenizer.decode(completion.subarray(0, -1))).toBe(samples[index]?.sample.text);
      expect(completion.at(-1)).toBe(tokenizer.endToken);
      expect(samples[index]?.sample.pieces).toHaveLength(completion.length);
      expect(samples[index]?.sample.logprobs).toHaveLength(completion.length);
    }
  });

  it("goes through its pairs once before any comes again, in the same order every time", async () => {
    const step = await prepared({ pairs: 12, batch: 4 });
    const read = async (index: number) => {
      const { events } = await drain(sft.collect({ ...step, index }));
      return events.flatMap((event) => (event.type === "rollout.sample" ? [event.prompt.task?.id] : []));
    };
    const epoch = [...(await read(0)), ...(await read(1)), ...(await read(2))];
    expect(new Set(epoch).size).toBe(12);
    expect(await read(3)).toEqual(epoch.slice(0, 4));
  });

  it("shows worked answers, bare ones, or wrong ones, each to its task", async () => {
    for (const { sample } of await textsOf({ answers: "worked" }))
      expect(sample.text).toMatch(/^<think>\n .*#.*<ans>/s);
    for (const { prompt, sample } of await textsOf({ answers: "direct" })) {
      const [pair] = prompt.task?.pairs ?? [];
      expect(sample.text).toBe(`<ans>${prompt.task?.type === "deduction" ? pair?.output : pair?.input}`);
    }
    for (const { prompt, sample } of await textsOf({ answers: "wrong", types: "deduction" }))
      expect(sample.text.endsWith(`<ans>${prompt.task?.pairs[0]?.output}`)).toBe(false);
  });

  describe("from pairs that somebody wrote", () => {
    const PLUS = "def f(x):\n x=x+3\n return x*2";
    const pair = (line: Record<string, string>) =>
      JSON.stringify({ type: "deduction", program: PLUS, input: "4", ...line });
    const given = (lines: readonly string[], changes: Partial<Step<SftConfig>> = {}) =>
      scriptedStep(
        sft,
        { batch: 2 },
        { policy: new ScriptedModel(selfPlay), pairs: parsePairs("pairs.jsonl", lines.join("\n")), ...changes },
      );
    const read = async (step: Step<SftConfig>) => {
      const { events: before } = await drain(sft.prepare(step));
      const { events } = await drain(sft.collect(step));
      return {
        added: before.flatMap((event) => (event.type === "task.add" ? [event.task] : [])),
        texts: events.flatMap((event) => (event.type === "rollout.sample" ? [event.sample.text] : [])),
      };
    };

    it("learns from the answers as they stand, works out what they leave out, and proposes nothing", async () => {
      const step = given([pair({ answer: "<ans>14" }), pair({ type: "abduction" })]);
      const { added, texts } = await read(step);
      expect(added.map(({ type, pairs }) => [type, pairs])).toEqual([
        ["deduction", [{ input: "4", output: "14" }]],
        ["abduction", [{ input: "4", output: "14" }]],
      ]);
      expect([...texts].sort()).toEqual(["<ans>14", "<think>\n return x*2#7\n x=x+3#4<ans>4"]);
      expect((step.policy as ScriptedModel).calls).toEqual([]);
    });

    it.each([
      [pair({ output: "15" }), "pair/1: its output is 14, not 15"],
      [pair({ program: "def f(x):\n return y" }), "pair/1: its program is refused: INVALID PROGRAM"],
    ])("says what is wrong: %s", async (line, words) => {
      await expect(drain(sft.prepare(given([line])))).rejects.toThrow(words);
    });

    it("refuses a program that is held out", async () => {
      const open = given([pair({})]);
      const { added } = await read(open);
      const heldOut = new Set(added.map(heldOutKey));
      await expect(drain(sft.prepare(given([pair({})], { heldOut })))).rejects.toThrow("is kept for evaluation");
    });
  });

  it("lets its rate fall to a tenth", async () => {
    const step = await prepared();
    const rate = async (index: number) => (await drain(sft.collect({ ...step, index }))).result[0]?.learningRate;
    expect(await rate(0)).toBeCloseTo(3e-4, 10);
    expect(await rate(step.steps - 1)).toBeCloseTo(3e-5, 10);
  });
});
