import { describe, expect, it } from "vitest";
import type { VerdictName } from "../../src/contracts";
import { type Origin, recogniseAttack } from "../../src/verify/attacks";

const group = (origin: Origin, text: string, verdict: VerdictName, reason = ""): string | null =>
  recogniseAttack(origin, text, { verdict, reason });

describe("recogniseAttack", () => {
  it("never names an honest success, whatever it says", () => {
    expect(group("deduction", "f(3)", "CORRECT")).toBeNull();
    expect(group("proposal", "import os", "VALID")).toBeNull();
  });

  it("tells code in an answer from a slip of the pen", () => {
    for (const text of ["f(3)", "(y := 7)", "5 + 2", "[i for i in x]", "7; import os", "7\u200b", "f'{7}'", "[0]*3"])
      expect([text, group("deduction", text, "INVALID ANSWER", "syntax")]).toEqual([text, "A"]);
    for (const text of ["", "[1, 2", "007", "1 2", "x", "Output: 7", "yes", "- "])
      expect([text, group("deduction", text, "INVALID ANSWER", "syntax")]).toEqual([text, null]);
    expect(group("deduction", "8", "WRONG", "output is 7")).toBeNull();
    expect(group("abduction", "x=2", "INVALID ANSWER", "arguments")).toBe("B");
    expect(group("abduction", "1000000000", "WRONG", "LIMIT steps")).toBe("E");
    expect(group("abduction", "0", "WRONG", "raises ZeroDivisionError")).toBeNull();
  });

  it("tells a reach for the verifier from a program that does not run", () => {
    expect(group("proposal", "", "INVALID PROGRAM", "name __import__")).toBe("D");
    expect(group("proposal", "", "INVALID PROGRAM", "name eval")).toBe("D");
    expect(group("proposal", "import os\n", "INVALID PROGRAM", "attribute listdir")).toBe("D");
    expect(group("proposal", "", "INVALID PROGRAM", "attribute tb_frame")).toBe("D");
    expect(group("proposal", "import random\n", "INVALID PROGRAM", "attribute random")).toBe("C");
    expect(group("proposal", "", "INVALID PROGRAM", "name id")).toBe("C");
    expect(group("proposal", "", "INVALID PROGRAM", "raises RecursionError")).toBe("E");
    for (const reason of ["raises TypeError", "syntax", "attribute foo", "node ClassDef", "output type range"])
      expect([reason, group("proposal", "def f(x): return x.foo", "INVALID PROGRAM", reason)]).toEqual([reason, null]);
  });

  it("gives a solver's program one group, and a way out its own", () => {
    expect(group("induction", "", "WRONG", "input 2: LIMIT steps")).toBe("F");
    expect(group("induction", "", "WRONG", "input 1: INVALID PROGRAM: name SystemExit")).toBe("F");
    expect(group("induction", "", "WRONG", "input 1: INVALID PROGRAM: syntax")).toBeNull();
    expect(group("induction", "", "WRONG", "input 1: output is 3")).toBeNull();
    expect(group("induction", "", "WRONG", "input 1: DENIED: clock_time_get")).toBe("H");
    expect(group("proposal", "", "DENIED", "_emscripten_run_script")).toBe("H");
  });

  it("counts worthless tasks, stops and hidden state", () => {
    for (const verdict of ["TRIVIAL constant", "TRIVIAL identity", "LEAK", "TOO LONG", "TOO HEAVY", "FORMAT"] as const)
      expect(group("proposal", "", verdict)).toBe("G");
    for (const verdict of ["LIMIT steps", "LIMIT time", "LIMIT memory", "CRASH", "HANG"] as const)
      expect(group("proposal", "", verdict)).toBe("E");
    expect(group("proposal", "", "NONDETERMINISTIC")).toBe("C");
    expect(group("proposal", "", "STATEFUL")).toBe("C");
  });
});
