import { afterAll, describe, expect, it } from "vitest";
import type { Task } from "../../src/contracts";
import { parseAnswer } from "../../src/tasks/formats";
import { spoilt } from "../../src/tasks/language";
import { isComplete } from "../../src/tasks/traces";
import { workedTexts } from "../../src/tasks/worked";
import { createNodeVerifier } from "../../src/verify/node";

const verifier = await createNodeVerifier();
afterAll(() => verifier.dispose());

const task = (type: Task["type"], program: string, input: string, output: string): Task => ({
  ...{ id: `${type} of ${program}`, type, program, pairs: [{ input, output }] },
  ...{ message: "", statements: 3, step: -1, normalized: program },
});

const PROGRAM = "def f(x):\n x=x+3\n x=x*2\n return x-1";

describe("a worked answer", () => {
  it("reads a deduction forwards and an abduction backwards", async () => {
    const [deduction, abduction] = [task("deduction", PROGRAM, "4", "13"), task("abduction", PROGRAM, "4", "13")];
    expect(await workedTexts(verifier, [deduction, abduction])).toEqual([
      "<think>\n x=x+3#7\n x=x*2#14\n return x-1#13<ans>13",
      "<think>\n return x-1#14\n x=x*2#7\n x=x+3#4<ans>4",
    ]);
  });

  it("follows branches, loops and lists, and is complete and right", async () => {
    const tasks = [
      task("deduction", "def f(x):\n if x>8:x=x-2\n for i in range(2):x=x+2\n return x", "9", "11"),
      task("deduction", "def f(x):\n x=[a+1 for a in x]\n x=x[::-1]\n return x[0]", "[1, 2]", "3"),
      task("deduction", "def f(x):\n return max(x)", "[7,6]", "7"),
    ];
    const texts = await workedTexts(verifier, tasks);
    expect(texts[0]).toBe("<think>\n if x>8:x=x-2#7\n for i in range(2):x=x+2#11\n return x#11<ans>11");
    expect(texts[1]).toBe("<think>\n x=[a+1 for a in x]#[2,3]\n x=x[::-1]#[3,2]\n return x[0]#3<ans>3");
    for (const [index, own] of tasks.entries()) {
      const text = texts[index] ?? "";
      expect(parseAnswer({ text, stop: "eos" })).toBe(own.pairs[0]?.output);
      const prompt = {
        id: "",
        kind: "solver/deduction",
        text: "",
        tokens: new Int32Array(),
        maxNewTokens: 1,
        task: own,
      };
      expect(isComplete(prompt, { text })).toBe(true);
    }
  });

  it("is missing where a value leaves the language", async () => {
    const tasks = [
      task("deduction", "def f(x):\n x=x*99\n return x%7", "50", "1"),
      task("deduction", "def f(x):\n x=1//x\n return 3", "0", "3"),
    ];
    expect(await workedTexts(verifier, tasks)).toEqual([null, null]);
  });

  it("has wrong values throughout where it is spoilt", async () => {
    const [text] = await workedTexts(verifier, [task("deduction", PROGRAM, "4", "13")], spoilt);
    expect(text).toBe("<think>\n x=x+3#8\n x=x*2#15\n return x-1#14<ans>14");
    expect(["5", "99", "-3", "[1,2]", "[]", "[99]"].map(spoilt)).toEqual(["6", "0", "-2", "[2,2]", "[0]", "[0]"]);
  });
});
