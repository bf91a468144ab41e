import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duration, fixed, percent, reward, signed } from "../../src/ui/format";
import { HEAT_SCALE, heat, surprise } from "../../src/ui/heat";
import { describeDiff, diffLines } from "../../src/ui/line-diff";
import { highlight } from "../../src/ui/python";
import { readAttempt, readProposal } from "../../src/ui/reading";
import { attemptWord, checksOf } from "../../src/ui/rulings";

describe("numbers", () => {
  it("carry a true minus, constant decimals and a dash for nothing", () => {
    expect([fixed(-0.5), fixed(2, 0), fixed(null), fixed(Number.NaN)]).toEqual(["−0.50", "2", "–", "–"]);
    expect([signed(0.874), signed(-1.03), signed(0), signed(-0.001)]).toEqual(["+0.87", "−1.03", "0.00", "0.00"]);
    expect([reward(1), reward(-0.5), reward(0.75), reward(undefined)]).toEqual(["+1", "−0.5", "+0.75", "–"]);
    expect([percent(0.8766), percent(null)]).toEqual(["87.7", "–"]);
    expect([duration(612.4), duration(1719), duration(125_000)]).toEqual(["612 ms", "1.72 s", "2 min 5 s"]);
  });

  it("take the heat of their size and sign, at the cut points of the design", () => {
    expect([0.049, 0.05, 0.3, 0.75, 1.5].map(heat)).toEqual(["zero", "warm-1", "warm-2", "warm-3", "warm-4"]);
    expect([-0.06, -2].map(heat)).toEqual(["cold-1", "cold-4"]);
    expect(HEAT_SCALE).toHaveLength(9);
    expect([-0.02, -0.025, -0.08, -0.25, -0.6].map(surprise)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("highlight", () => {
  it("loses no character, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), (source) => {
        expect(
          highlight(source)
            .map(({ text }) => text)
            .join(""),
        ).toBe(source);
      }),
    );
  });

  it("knows keywords, builtins and numbers from names", () => {
    const kinds = highlight("def f(x):\n return sum(x)+12").filter(({ text }) => text.trim() !== "");
    expect(kinds.map(({ kind }) => kind)).toEqual([
      "keyword",
      "plain",
      "punctuation",
      "plain",
      "punctuation",
      "keyword",
      "builtin",
      "punctuation",
      "plain",
      "punctuation",
      "number",
    ]);
  });
});

describe("diffLines", () => {
  const before = "def f(x):\n x=x*3\n return x";

  it("marks the line that was put in", () => {
    const diff = diffLines(before, "def f(x):\n x=x*3\n x=x+1\n return x");
    expect(diff.lines.map(({ added }) => added)).toEqual([false, false, true, false]);
    expect(describeDiff(diff)).toBe("one line added");
  });

  it.each([
    [before, "unchanged"],
    ["def f(x):\n return x", "one line removed"],
    ["def f(x):\n x=x*2\n return x", "one line changed"],
    ["def f(x):\n x=sorted(x)\n return len(x)", "a new program"],
  ])("says what happened to %j", (after, words) => {
    expect(describeDiff(diffLines(before, after))).toBe(words);
  });

  it("compares no more lines than it can at once, and says that all others are new", () => {
    const lines = (from: number) => Array.from({ length: 20_000 }, (_, line) => `${from + line}`).join("\n");
    const began = performance.now();
    expect(describeDiff(diffLines(lines(0), lines(5)))).toBe("a new program");
    expect(diffLines(`${lines(0)}\nx`, `${lines(0)}\ny`)).toMatchObject({ added: 1, removed: 1 });
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it("keeps every line of the new text in order", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 6 });
    fc.assert(
      fc.property(lines, lines, (old, fresh) => {
        const diff = diffLines(old.join("\n"), fresh.join("\n"));
        expect(diff.lines.map(({ text }) => text).join("\n")).toBe(fresh.join("\n"));
      }),
    );
  });
});

describe("completions", () => {
  it("of a proposer are program and input, or inputs and hint", () => {
    const given = { kind: "proposer/deduction" };
    expect(readProposal(given, "def f(x):\n return x<in>[1,2]<eos>")).toEqual({
      program: "def f(x):\n return x",
      inputs: ["[1,2]"],
      message: "",
    });
    expect(readProposal(given, "def f(x)").inputs).toEqual([]);
    expect(readProposal({ kind: "proposer/induction", reference: "P" }, "1;[2,3];4<msg>*%")).toEqual({
      program: "P",
      inputs: ["1", "[2,3]", "4"],
      message: "*%",
    });
  });

  it("of a solver are the values on the way and the answer", () => {
    expect(readAttempt("<think>\n x=x+8#15\n return x+7#22<ans>22<eos>")).toEqual({
      trace: ["15", "22"],
      answer: "22",
    });
    expect(readAttempt("<ans>13")).toEqual({ trace: [], answer: "13" });
    expect(readAttempt("<think>\n x=x+8#15\n ret")).toEqual({ trace: ["15"], answer: null });
  });
});

describe("rulings", () => {
  const states = (...given: Parameters<typeof checksOf>) =>
    checksOf(...given)
      .map(({ state }) => state[0])
      .join("");

  it("pass every check of a valid proposal", () => {
    expect(states({ verdict: "VALID", reason: "" }, true)).toBe("ppppppp");
  });

  it.each([
    ["FORMAT", false, "fnnnnnn"],
    ["OUT OF DOMAIN", false, "pfnnnnn"],
    ["INVALID PROGRAM", false, "ppfnnnn"],
    ["NONDETERMINISTIC", false, "ppppfnn"],
    ["OUT OF DOMAIN", true, "pfppppn"],
    ["DUPLICATE", true, "ppppppf"],
  ] as const)("stop at the check that refused: %s, ran %s", (verdict, ran, expected) => {
    expect(states({ verdict, reason: "because" }, ran)).toBe(expected);
  });

  it("say the verifier's own reason, and a word for every attempt", () => {
    const failed = checksOf({ verdict: "INVALID PROGRAM", reason: "raises IndexError" }, false).find(
      ({ state }) => state === "failed",
    );
    expect(failed).toMatchObject({ name: "Runs", finding: "raises IndexError" });
    expect(attemptWord({ verdict: "WRONG", reason: "" }).word).toBe("wrong");
    expect(attemptWord({ verdict: "LIMIT time", reason: "" }).word).toBe("limit time");
  });
});
