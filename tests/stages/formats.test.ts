import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Task } from "../../src/contracts";
import { parseSuite } from "../../src/evaluate/suite";
import { directText, parseAnswer, parseProposal, proposerText, solverText } from "../../src/tasks/formats";
import { fits, proposerPrompt, roomyPrompt, solverPrompt, tracePrompt } from "../../src/tasks/prompts";
import { scriptedTokenizer } from "../train/scripted";

const fixture = readFileSync("tests/stages/fixtures/heldout.jsonl", "utf8");
const rows = fixture
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { prompt: string });
const tasks = parseSuite("fixture", fixture).tasks;
const task = tasks[0] as Task;
const policy = { tokenizer: scriptedTokenizer, contextLength: 160 };

describe("prompts", () => {
  it("are those the held-out files carry, for all three types", () => {
    expect(new Set(tasks.map(({ type }) => type)).size).toBe(3);
    expect(tasks.map(solverText)).toEqual(rows.map(({ prompt }) => prompt));
  });

  it("ask a proposer for a variation", () => {
    expect(proposerText("deduction", "P")).toBe("<pded>P<new>");
    expect(proposerText("abduction", "P")).toBe("<pabd>P<new>");
    expect(proposerText("induction", "P")).toBe("<pind>P<new>");
  });

  it("carry the limit of their role and type, and never leave the context", () => {
    expect(solverPrompt(policy, "a", task).maxNewTokens).toBe(72);
    expect(proposerPrompt(policy, "a", "induction", "def f(x):\n return x").maxNewTokens).toBe(60);
    const short = { ...policy, contextLength: 60 };
    const prompt = solverPrompt(short, "a", task);
    expect(prompt.tokens.length + prompt.maxNewTokens).toBe(60);
  });

  it("have longer limits under a plan for longer answers, and all of its room where that is asked for", () => {
    const planned = { ...policy, longestCompletion: 112 };
    expect(solverPrompt(planned, "a", task).maxNewTokens).toBe(72);
    expect(roomyPrompt(planned, solverPrompt(planned, "a", task)).maxNewTokens).toBe(112);
    expect(roomyPrompt(policy, solverPrompt(policy, "a", task)).maxNewTokens).toBe(72);
    const longer = { ...policy, contextLength: 512, longestCompletion: 144 };
    expect(solverPrompt(longer, "a", task).maxNewTokens).toBe(144);
    expect(proposerPrompt(longer, "a", "deduction", "def f(x):\n return x").maxNewTokens).toBe(96);
    const prompt = roomyPrompt({ ...longer, contextLength: 60 }, solverPrompt(policy, "a", task));
    expect(prompt.tokens.length + prompt.maxNewTokens).toBe(60);
  });

  it("count a forced trace token towards the limit", () => {
    const forced = tracePrompt(policy, solverPrompt(policy, "a", task));
    expect(forced.text.endsWith("<out><think>")).toBe(true);
    expect(forced.maxNewTokens).toBe(71);
    expect(forced.task).toBe(task);
  });

  it("refuse tasks that leave no room for an answer", () => {
    expect(fits(policy, task)).toBe(true);
    expect(fits({ ...policy, contextLength: 60 }, task)).toBe(false);
    const long = { ...task, program: `def f(x):\n${" x=x+1\n".repeat(40)} return x` };
    expect(fits({ ...policy, contextLength: 4096 }, long)).toBe(false);
    // 44 tokens are left for the answer, to the token.
    const longest = Math.max(
      ...[solverPrompt(policy, "a", task), proposerPrompt(policy, "a", task.type, task.program)].map(
        ({ tokens }) => tokens.length,
      ),
    );
    expect(fits({ ...policy, contextLength: longest + 44 }, task)).toBe(true);
    expect(fits({ ...policy, contextLength: longest + 43 }, task)).toBe(false);
  });
});

describe("answers", () => {
  const read = (text: string, stop: "eos" | "length" = "eos") => parseAnswer({ text, stop });

  it("come directly or after a trace", () => {
    expect(read("<ans>7")).toBe("7");
    expect(read("<think>\n x=x+8#15\n return x+7#22<ans>22")).toBe("22");
    expect(read("<ans>def f(x):\n return x+2")).toBe("def f(x):\n return x+2");
    expect(read(directText("[1,2]"))).toBe("[1,2]");
  });

  it.each([
    "",
    "7",
    "<ans>",
    "<think>\n x=1",
    "x<ans>7",
    "<ans>7<ans>8",
    "<think>1<think>2<ans>3",
    "<ans>7<in>",
    "<think><out><ans>3",
    " <ans>7",
  ])("%j is malformed", (text) => {
    expect(read(text)).toBeNull();
  });

  it("must end by themselves", () => {
    expect(read("<ans>7", "length")).toBeNull();
  });
});

describe("proposals", () => {
  const eos = "eos" as const;

  it("are a program and one input", () => {
    const text = "def f(x):\n return x+1<in>4";
    const expected = { program: "def f(x):\n return x+1", inputs: ["4"], message: "" };
    expect(parseProposal("deduction", { text, stop: eos }, "ignored")).toEqual(expected);
    expect(parseProposal("abduction", { text, stop: eos }, "ignored")).toEqual(expected);
  });

  it("are five inputs and a message for a given program", () => {
    const proposal = parseProposal("induction", { text: "1;2;[3];4;5<msg>+", stop: eos }, "P");
    expect(proposal).toEqual({ program: "P", inputs: ["1", "2", "[3]", "4", "5"], message: "+" });
  });

  it.each([
    ["deduction", "def f(x):\n return x"],
    ["deduction", "def f(x):\n return x<in>"],
    ["deduction", "<in>3"],
    ["deduction", "def f(x):\n return x<in>3<in>4"],
    ["deduction", "def f(x):\n return x<in>3<ans>4"],
    ["induction", "1;2;3;4<msg>"],
    ["induction", "1;2;3;4;5;6<msg>"],
    ["induction", "1;;3;4;5<msg>"],
    ["induction", "1;2;3;4;5"],
  ] as const)("%s %j is malformed", (type, text) => {
    expect(parseProposal(type, { text, stop: eos }, "P")).toBeNull();
  });

  it("must end by themselves", () => {
    expect(parseProposal("deduction", { text: "def f(x):\n return x<in>3", stop: "length" }, "")).toBeNull();
  });
});
