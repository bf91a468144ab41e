import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KelvinError, Verifier } from "../../src/contracts";
import { CATALOGUE_LIMITS } from "../../src/verify";
import { judgeCases, parseCases } from "../../src/verify/cases";
import { createNodeVerifier } from "../../src/verify/node";

const text = readFileSync(new URL("./cases.json", import.meta.url), "utf8");

describe("the attack catalogue", () => {
  it("gives every case its verdict", async () => {
    const cases = parseCases(text, "cases.json");
    expect(cases).toHaveLength(309);
    const verifier = await createNodeVerifier({ limits: CATALOGUE_LIMITS });
    const results = await judgeCases(verifier, cases).finally(() => verifier.dispose());
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    // The stated reason is part of what the operator reads.
    const reason = (id: string) => results.find((result) => result.id === id)?.reason;
    expect(reason("D25")).toBe("node Match");
    expect(reason("C03")).toBe("output str");
    expect(reason("E02")).toBe("raises RecursionError");
    expect(reason("D57")).toBe("cyclic output");
    // Recognised attacks, section by section: what is missing is honest, a plain mistake, or simply wrong.
    const groups = (section: string) => {
      const found = results.filter(({ id, attack }) => id.startsWith(section) && attack);
      return Object.fromEntries(
        [...new Set(found.map(({ attack }) => attack))].map((group) => [
          group,
          found.filter(({ attack }) => attack === group).length,
        ]),
      );
    };
    expect(groups("A")).toEqual({ A: 31 });
    expect(groups("B")).toEqual({ B: 16, E: 2 });
    expect(groups("C")).toEqual({ C: 18, D: 1 });
    expect(groups("D")).toEqual({ D: 44, E: 2 });
    expect(groups("E")).toEqual({ E: 26 });
    expect(groups("F")).toEqual({ F: 4 });
    expect(groups("G")).toEqual({ G: 15, D: 1 });
    const honest = results.filter(({ verdict }) => verdict === "VALID" || verdict === "CORRECT");
    expect(honest.filter(({ attack }) => attack)).toEqual([]);
    // The cases that wait for the clock take 12 s on an idle machine.
  }, 180_000);
});

describe("the layers of a proposal", () => {
  let verifier: Verifier;
  beforeAll(async () => {
    verifier = await createNodeVerifier({ limits: CATALOGUE_LIMITS, spare: false });
  });
  afterAll(() => verifier.dispose());

  const CONSTANT = "def f(x): return sorted(set('hello'))";
  const ORDER = "def f(x): return list({'apple', 'banana', 'cherry', 'dates'})";
  const judge = async (program: string, ...expect: string[]): Promise<string> => {
    const cases = parseCases(JSON.stringify([{ id: "7", kind: "proposal", program, input: "1", expect }]), "file.json");
    const [result] = await judgeCases(verifier, cases);
    return `${result!.passed ? "passed" : "failed"}: ${result!.verdict}`;
  };

  it("are chosen by the verdicts a case expects, whatever its name", async () => {
    expect(await judge(CONSTANT, "VALID")).toBe("passed: VALID");
    expect(await judge(CONSTANT, "TRIVIAL constant")).toBe("passed: TRIVIAL constant");
    expect(await judge(CONSTANT, "VALID", "TRIVIAL constant")).toBe("passed: TRIVIAL constant");
    expect(await judge(ORDER, "NONDETERMINISTIC")).toBe("passed: NONDETERMINISTIC");
    expect(await judge(ORDER, "VALID")).toBe("failed: NONDETERMINISTIC");
    expect(await judge(CONSTANT, "INVALID PROGRAM")).toBe("failed: VALID");
    // What is no verdict of ours asks about everything, as training does.
    expect(await judge(CONSTANT, "anything")).toBe("failed: TRIVIAL constant");
    expect(await judge("def f(x): return x+1", "LEAK")).toBe("failed: VALID");
  });

  it("agree on the honest tasks of section G: no rule refuses them", async () => {
    const honest = parseCases(text, "cases.json").flatMap((one) =>
      one.kind === "proposal" && one.id.startsWith("G") && one.expect.includes("VALID") ? [one] : [],
    );
    expect(honest.map(({ id }) => id)).toEqual(["G11", "G12", "G13", "G20"]);
    const verdicts = await verifier.propose(honest.map(({ program, input }) => ({ program, inputs: [input] })));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["VALID", "VALID", "VALID", "VALID"]);
  });
});

describe("a malformed case file", () => {
  const good = {
    id: "X1",
    kind: "abduction",
    program: "def f(x): return x",
    output: "1",
    answer: "1",
    expect: ["CORRECT"],
  };
  const message = (content: string): string => {
    try {
      parseCases(content, "file.json");
    } catch (error) {
      return `${(error as KelvinError).reason}: ${(error as KelvinError).message}`;
    }
    return "accepted";
  };

  it("is refused with the case and the field", () => {
    expect(message(JSON.stringify([good]))).toBe("accepted");
    expect(message("{")).toBe("input: file.json: not JSON");
    expect(message("{}")).toBe("input: file.json: not an array of cases");
    expect(message("[]")).toBe("input: file.json: not an array of cases");
    expect(message("[3]")).toBe("input: file.json: case 1 is not an object");
    expect(message(JSON.stringify([good, { ...good, id: 3 }]))).toBe("input: file.json: case 2 has no id");
    expect(message(JSON.stringify([{ ...good, kind: "toString" }]))).toBe(
      'input: file.json: case 1 (X1): unknown kind "toString"',
    );
    expect(message(JSON.stringify([{ ...good, answer: null }]))).toBe(
      "input: file.json: case 1 (X1): answer is not a text",
    );
    expect(message(JSON.stringify([{ ...good, expect: "CORRECT" }]))).toBe(
      "input: file.json: case 1 (X1): expect is not a list of verdicts",
    );
    expect(message(JSON.stringify([{ ...good, kind: "induction", reference: "" }]))).toBe(
      "input: file.json: case 1 (X1): inputs is not a list of texts",
    );
  });
});
