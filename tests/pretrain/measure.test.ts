import { describe, expect, it } from "vitest";
import { type Task, ungrouped } from "../../src/contracts";
import { parseSuite } from "../../src/evaluate/suite";
import { measureHabits } from "../../src/pretrain/measure";
import { type CardFigures, modelCard } from "../../src/pretrain/model-card";
import { PLAIN } from "../../src/pretrain/schedule";
import { createRng } from "../../src/rollout/rng";
import { FakeVerifier, ScriptedModel } from "../train/scripted";

const row = (type: string, input: number) =>
  JSON.stringify({ type, program: "def f(x):\n return x+3", input: `${input}`, output: `${input + 3}`, statements: 1 });
const tasks: readonly Task[] = parseSuite(
  "six",
  ["deduction", "abduction"].flatMap((type) => [1, 2, 3].map((input) => row(type, input))).join("\n"),
).tasks;
const references = ["def f(x):\n return x+1", "def f(x):\n return x+2"];

/** Right on deduction, always 1 on abduction; of the two references only the first is varied into a program that runs. */
function script(prompt: string): string {
  if (prompt.startsWith("<ded>")) return String(Number(/<in>(\d+)<out><ans>$/.exec(prompt)?.[1]) + 3);
  if (prompt.startsWith("<abd>")) return "1";
  if (prompt.startsWith("<pind>")) return "1;2;3;4;5<msg>";
  return prompt.includes("x+1") ? "def f(x):\n x=x*2\n return x+4<in>5" : "def f(x):\n return y<in>5";
}

describe("habits of a base", () => {
  it("are measured by answers opened with <ans>, the odds of <think>, and proposals ruled on by the verifier", async () => {
    const model = new ScriptedModel(script);
    const habits = await measureHabits(model, new FakeVerifier(), tasks, references, createRng(1));
    expect(habits.direct).toEqual({ deduction: 1, abduction: 1 / 3 });
    expect(habits.valid).toEqual({ deduction: 0.5, abduction: 0.5, induction: 1 });
    expect(habits.think.deduction).toBeCloseTo(Math.exp(-0.5), 6);
    expect(model.calls[0]?.every((prompt) => prompt.endsWith("<out><ans>"))).toBe(true);
  });
});

describe("the model card", () => {
  const accuracy = { greedy: 0.25, sampled: 0.5, traceShare: 0.2, tasks: 400 };
  const figures: CardFigures = {
    parameters: 823_296,
    updates: 20,
    earlierPlans: [10],
    tokensPerUpdate: 512,
    ...PLAIN,
    tokens: 9_800_000,
    seed: 7,
    adapters: ["one", "two"],
    seconds: 600,
    loss: 0.3456,
    suites: new Map([["fresh", ungrouped({ deduction: { ...accuracy, forcedTrace: 0.75 }, induction: accuracy })]]),
    habits: {
      direct: { deduction: 0.1, abduction: 0.2 },
      think: { deduction: 0.3, abduction: 0.4 },
      valid: { deduction: 0.5, abduction: 0.6, induction: 0.7 },
    },
  };

  it("says how to make the weights again, what they cost and what they can do", () => {
    const card = modelCard(figures);
    expect(card).toContain(
      "--seed 7 --updates 10 --tokens-per-update 512\n    npm run pretrain -- --resume DIR --updates 20",
    );
    expect(card).toContain("| tokens seen | 9.8 million, drawn afresh: no second epoch |");
    expect(card).toContain("| adapter | one, then two |");
    expect(card).toContain("| fresh | 0.250 (0.500), trace 0.750 | not measured | 0.250 (0.500) |");
    expect(card).toContain("| P(`<think>`) | 0.300 | 0.400 | never |");
    expect(card).toContain("license: mit");
    expect(card).not.toContain("--long");
  });

  it("tells the share of long programs, and how far traces of them are complete", () => {
    const rates = { greedy: 0.25, sampled: 0.5, complete: 0.2, forcedTrace: 0.75, forcedComplete: 0.7, tasks: 200 };
    const card = modelCard({
      ...figures,
      long: 0.04,
      easy: 0.02,
      judge: 0.1,
      gaps: 0,
      suites: new Map([["fresh-long-5", ungrouped({ deduction: rates })]]),
    });
    expect(card).toContain("--tokens-per-update 512 --long 0.04 --easy 0.02 --judge 0.1\n");
    expect(card).toContain("| fresh-long-5 | 0.250 | 0.200 | 0.750 | 0.700 |");
  });
});
