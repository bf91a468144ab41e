import { describe, expect, it } from "vitest";
import type { Group, Sample, Task } from "../../src/contracts";
import { Judging } from "../../src/tasks/judge";
import { solverPrompt, tracePrompt } from "../../src/tasks/prompts";
import { drain, FakeVerifier, scriptedTokenizer } from "../train/scripted";

const policy = { tokenizer: scriptedTokenizer, contextLength: 400 };
const program = "def f(x):\n return x+2";
const task = (type: Task["type"], inputs = ["4"]): Task => ({
  id: `t/${type}`,
  type,
  program,
  pairs: inputs.map((input) => ({ input, output: String(Number(input) + 2) })),
  message: "",
  statements: 1,
  step: 0,
  normalized: program,
});

function group(of: Task, ...texts: readonly string[]): Group {
  const samples = texts.map((text, index): Sample => {
    const none = { tokens: new Int32Array(0), logprobs: new Float32Array(0) };
    return { id: `${of.id}/${index}`, ...none, text, stop: "eos", reward: 0, advantage: 0, trace: false };
  });
  return { prompt: solverPrompt(policy, of.id, of), samples };
}

const ruled = (groups: Group[]) => groups.map(({ samples }) => samples.map(({ verdict }) => verdict?.verdict));

describe("judge", () => {
  it("rules on all three types in one pass, events in the order of the samples", async () => {
    const groups = [
      group(task("deduction"), "<ans>6", "<ans>7", "6", "<ans>f(4)"),
      group(task("abduction"), "<ans>4", "<think>\n return x+2#4<ans>4", "<ans>5"),
      group(task("induction", ["1", "2", "3", "4", "5"]), `<ans>${program}`, "<ans>def f(x):\n return x+3", "<ans>x"),
    ];
    const { events } = await drain(new Judging(new FakeVerifier()).settle(groups));
    expect(ruled(groups)).toEqual([
      ["CORRECT", "WRONG", "FORMAT", "INVALID ANSWER"],
      ["CORRECT", "CORRECT", "WRONG"],
      ["CORRECT", "WRONG", "INVALID PROGRAM"],
    ]);
    expect(events.map((event) => (event.type === "verify.verdict" ? event.sampleId : event.type))).toEqual(
      groups.flatMap(({ samples }) => samples.map(({ id }) => id)),
    );
  });

  it("grades induction on the hidden pairs", async () => {
    const wrongShown = { ...task("induction", ["1", "2", "3", "4", "5"]) };
    const pairs = wrongShown.pairs.map((pair, index) => (index < 3 ? { ...pair, output: "99" } : pair));
    const groups = [group({ ...wrongShown, pairs }, `<ans>${program}`)];
    await drain(new Judging(new FakeVerifier()).settle(groups));
    expect(ruled(groups)).toEqual([["CORRECT"]]);
  });

  it("judges equal answers to one task once", async () => {
    const verifier = new FakeVerifier();
    const groups = [group(task("deduction"), "<ans>6", "<ans>6", "<think>\n<ans>6", "<ans>5")];
    await drain(new Judging(verifier).settle(groups));
    expect(verifier.counts.deduce).toBe(2);
    expect(ruled(groups)).toEqual([["CORRECT", "CORRECT", "CORRECT", "WRONG"]]);
  });

  it("reads the rest of a trace that was begun in the prompt", async () => {
    const forced = group(task("deduction"), "\n return x+2#6<ans>6", "<think><ans>6");
    const groups = [{ ...forced, prompt: tracePrompt(policy, forced.prompt) }];
    await drain(new Judging(new FakeVerifier()).settle(groups));
    expect(ruled(groups)).toEqual([["CORRECT", "FORMAT"]]);
  });

  it("needs a task", async () => {
    const { prompt, samples } = group(task("deduction"), "<ans>6");
    const { task: _, ...bare } = prompt;
    await expect(drain(new Judging(new FakeVerifier()).settle([{ prompt: bare, samples }]))).rejects.toThrow(
      /has no task/,
    );
  });
});
