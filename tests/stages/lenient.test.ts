import { describe, expect, it } from "vitest";
import { lenient } from "../../src/tasks/lenient";
import { expressionText } from "../../src/tasks/worked";
import { createNodeVerifier } from "../../src/verify/node";

const verifier = await createNodeVerifier({ spare: false });
const judged = async (gold: string, ...answers: string[]) =>
  (await lenient(verifier).deduce(answers.map((answer) => ({ gold, answer })))).map(({ verdict }) => verdict);

describe("the published way of judging a deduction", () => {
  it("evaluates answers and compares them with ==", async () => {
    expect(await judged("14", "14", "(4+3)*2", "sum([7,7])", "13", "4+3", "nonsense(")).toEqual([
      ...["CORRECT", "CORRECT", "CORRECT", "WRONG"],
      ...["INVALID ANSWER", "INVALID ANSWER"],
    ]);
    expect(await judged("1", "True", "1.0", "False")).toEqual(["CORRECT", "CORRECT", "WRONG"]);
    expect(await judged("[1,2]", "sorted([2,1])", "[1,True+1]")).toEqual(["CORRECT", "CORRECT"]);
  });

  it("leaves the jail shut: what an answer reaches for, it does not get", async () => {
    for (const verdict of await judged("7", "open('/etc/passwd').read()", "__import__('os').getpid()"))
      expect(verdict).toBe("INVALID ANSWER");
  });

  it("judges everything else as ever", async () => {
    const program = "def f(x):\n return x+4";
    const [abduced] = await lenient(verifier).abduce([{ program, gold: "7", answer: "2+1" }]);
    expect(abduced?.verdict).not.toBe("CORRECT");
  });
});

describe("an answer that leaves the work to the checker", () => {
  const pairs = [{ input: "4", output: "14" }];
  const text = (program: string, input = "4") =>
    expressionText({
      ...{ id: "t", type: "deduction", program, message: "", statements: 1, step: -1, normalized: "" },
      pairs: [{ ...pairs[0]!, input }],
    });

  it("puts the statements of a program into each other", async () => {
    expect(text("def f(x):\n x=x+3\n return x*2")).toBe("<ans>(4+3)*2");
    expect(text("def f(x):\n return sum(x)-len(x)", "[1,2]")).toBe("<ans>sum([1,2])-len([1,2])");
    expect(text("def f(x):\n return 9-x", "-4")).toBe("<ans>9-(-4)");
    expect(await judged("14", "(4+3)*2")).toEqual(["CORRECT"]);
  });

  it("is not there for a program that branches", () => {
    expect(text("def f(x):\n if x>3:x=0\n return x")).toBeNull();
  });
});
