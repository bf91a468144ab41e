import { describe, expect, it } from "vitest";
import { pairLine, parsePairs } from "../../src/evaluate/pairs";

const ROW = { type: "deduction", program: "def f(x):\n return x+1", input: "3" };
const line = (change: Record<string, unknown> = {}) => JSON.stringify({ ...ROW, ...change });

describe("pairs of a file", () => {
  it("are tasks with the answers that are to be learned, or without", () => {
    const text = `\ufeff${line({ answer: "<think>\n return x+1#4<ans>4" })}\n\n${line({ type: "abduction", output: "4" })}`;
    const [first, second] = parsePairs("p.jsonl", text);
    expect(first).toMatchObject({ answer: "<think>\n return x+1#4<ans>4", task: { id: "pair/1", type: "deduction" } });
    expect(first?.task.pairs).toEqual([{ input: "3", output: "" }]);
    expect(second?.answer).toBeUndefined();
    expect(second?.task).toMatchObject({ id: "pair/3", type: "abduction", pairs: [{ input: "3", output: "4" }] });
  });

  it("may be formatted as people write", () => {
    const [pair] = parsePairs("p.jsonl", line({ program: "def f(x):\n    x = x + 3\n\n    return x * 2\n" }));
    expect(pair?.task.program).toBe("def f(x):\n x=x+3\n return x*2");
  });

  it("are read as they were written", () => {
    const pairs = parsePairs("p.jsonl", `${line({ answer: "<ans>4", output: "4" })}\n${line()}\n`);
    expect(parsePairs("p.jsonl", pairs.map(pairLine).join(""))).toEqual(pairs);
  });

  it.each([
    ["", "p.jsonl has no pairs"],
    ["{", "p.jsonl, line 1: line: "],
    [`${line()}\n${line({ type: "induction" })}`, "p.jsonl, line 2: type: "],
    [line({ input: 3 }), "p.jsonl, line 1: input: "],
    [line({ program: "print(1)" }), "p.jsonl, line 1: the program does not start with def f(x):"],
    [`${line()}\n`.repeat(2001), "p.jsonl has 2001 pairs"],
    [line({ answer: "4" }), "p.jsonl, line 1: the answer does not end with <ans> and a value"],
  ])("are refused by line: %j", (text, words) => {
    expect(() => parsePairs("p.jsonl", text)).toThrow(words);
  });
});
