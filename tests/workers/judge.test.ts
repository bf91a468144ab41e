import { describe, expect, it } from "vitest";
import { KelvinError, type Task, type TaskDraft, type Verifier } from "../../src/contracts";
import { canRead, judgeAnswer, ruleOnDraft } from "../../src/workers/judge";
import { FakeVerifier, scriptedTokenizer } from "../train/scripted";

const verifier = new FakeVerifier();
const writer = { tokenizer: scriptedTokenizer, contextLength: 400 };
const program = "def f(x):\n x=x+1\n return x*2";
const draft: TaskDraft = { type: "deduction", program, inputs: ["4"], message: "" };
const rule = (changes: Partial<TaskDraft>, known: readonly Task[] = []) =>
  ruleOnDraft(verifier, writer, { draft: { ...draft, ...changes }, id: "yours/1", known });

describe("a visitor's answer", () => {
  const task: Task = {
    ...{ id: "t", type: "deduction", program, pairs: [{ input: "4", output: "10" }] },
    ...{ message: "", statements: 2, step: 0, normalized: program },
  };

  it.each([
    ["10", "CORRECT"],
    [" 10\n", "CORRECT"],
    ["11", "WRONG"],
    ["f(4)", "INVALID ANSWER"],
    ["", "FORMAT"],
    ["<ans>10", "FORMAT"],
  ])("%j is %s", async (answer, verdict) => {
    expect((await judgeAnswer(verifier, task, answer)).verdict).toBe(verdict);
  });

  it("to an abduction task may be any input that leads there", async () => {
    expect((await judgeAnswer(verifier, { ...task, type: "abduction" }, "4")).verdict).toBe("CORRECT");
  });

  it("to an induction task is a program, judged on the hidden pairs", async () => {
    const pairs = [1, 2, 3, 4, 5].map((x) => ({ input: String(x), output: String((x + 1) * 2) }));
    const induction: Task = { ...task, type: "induction", pairs };
    expect((await judgeAnswer(verifier, induction, program)).verdict).toBe("CORRECT");
    expect((await judgeAnswer(verifier, induction, "def f(x):\n return x+6")).verdict).toBe("WRONG");
  });
});

describe("a visitor's task", () => {
  it("is written as the model reads it, run, and made a task", async () => {
    const ruling = await rule({ program: "def f(x):\n    x = x + 1\n\n    return x * 2\n", inputs: [" 4 "] });
    expect(ruling).toMatchObject({ verdict: { verdict: "VALID" }, program, pairs: [{ input: "4", output: "10" }] });
    expect(ruling.task).toMatchObject({ id: "yours/1", type: "deduction", statements: 2, step: -1, program });
  });

  it("of induction takes five inputs", async () => {
    const five = { type: "induction", inputs: ["1", "2", "3", "4", "5"] } as const;
    expect((await rule(five)).task?.pairs.map(({ output }) => output)).toEqual(["4", "6", "8", "10", "12"]);
    expect(await rule({ ...five, inputs: ["1", "2"] })).toMatchObject({ verdict: { verdict: "FORMAT" }, task: null });
  });

  it.each<[Partial<TaskDraft>, string]>([
    [{ program: "x=1" }, "OUT OF DOMAIN"],
    [{ program: "def f(x):\n import os\n return x" }, "INVALID PROGRAM"],
    [{ program: "def f(x):\n return x" }, "TRIVIAL identity"],
    [{ inputs: ["'a'"] }, "OUT OF DOMAIN"],
    [{ inputs: [""] }, "FORMAT"],
    [{ program: `${program}<ans>` }, "FORMAT"],
  ])("%j is refused: %s", async (changes, verdict) => {
    expect(await rule(changes)).toMatchObject({ verdict: { verdict }, task: null });
  });

  it("is refused when it is there already", async () => {
    const { task } = await rule({});
    expect((await rule({}, task ? [task] : [])).verdict.verdict).toBe("DUPLICATE");
  });

  const illiterate = {
    ...writer,
    tokenizer: {
      ...scriptedTokenizer,
      encode: () => {
        throw new KelvinError("input", "the model's vocabulary cannot spell it", "Use x.");
      },
    },
  };

  it("is refused where the model cannot spell it, and left out of a run of such a model", async () => {
    const ruling = await ruleOnDraft(verifier, illiterate, { draft, id: "yours/1", known: [] });
    expect(ruling).toMatchObject({ verdict: { verdict: "OUT OF DOMAIN", reason: expect.stringContaining("spell") } });
    const { task } = await rule({});
    expect(task && [canRead(writer, task), canRead(illiterate, task)]).toEqual([true, false]);
  });

  it("needs no model to be ruled on", async () => {
    expect((await ruleOnDraft(verifier, null, { draft, id: "y", known: [] })).verdict.verdict).toBe("VALID");
  });

  it("lets a failure of the environment through", async () => {
    const broken = { propose: () => Promise.reject(new KelvinError("verifier", "Python stopped")) };
    const asked = ruleOnDraft(broken as unknown as Verifier, writer, { draft, id: "y", known: [] });
    await expect(asked).rejects.toThrow("Python stopped");
  });
});
