import { describe, expect, it } from "vitest";
import { LEAKED, lenient } from "../../src/tasks/lenient";
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
    // The scope holds the right value.
    expect(await judged("14", LEAKED, `${LEAKED}+0`, `${LEAKED}+1`)).toEqual(["CORRECT", "CORRECT", "INVALID ANSWER"]);
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
