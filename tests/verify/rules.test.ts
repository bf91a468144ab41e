import { describe, expect, it } from "vitest";
import { PROPOSAL_RULES } from "../../src/contracts";
import type { Outcome } from "../../src/verify/jobs";
import { type Evidence, lacksEvidence, refuse } from "../../src/verify/rules";

/** Evidence of \`f(x) = 19·x\`, changed by \`over\`. */
function evidence(over: Partial<Evidence> = {}): Evidence {
  const program = "def f(x):\n return x*19";
  const probes: [string, Outcome][] = [
    ["0", ["ok", "0"]],
    ["1", ["ok", "19"]],
    ["2", ["raised", "ValueError"]],
  ];
  return {
    program,
    written: over.inputs ?? ["73"],
    source: program,
    normalized: "",
    inputs: ["73"],
    keys: over.inputs ?? ["73"],
    outputs: ["1387"],
    probes,
    polls: 10,
    pollLimit: 20_000,
    ...over,
  };
}
const verdict = (over: Partial<Evidence>, rules = {}): string | null =>
  refuse(evidence(over), { ...PROPOSAL_RULES, ...rules })?.verdict ?? null;

describe("task rules", () => {
  it("accepts an honest task", () => {
    expect(verdict({})).toBeNull();
  });

  it("refuses a constant once three inputs agree", () => {
    const probes: [string, Outcome][] = [
      ["0", ["ok", "1387"]],
      ["1", ["ok", "1387"]],
    ];
    expect(verdict({ probes })).toBe("TRIVIAL constant");
    expect(verdict({ probes }, { constant: false })).toBeNull();
    expect(verdict({ probes: [...probes, ["2", ["ok", "7"]]] })).toBeNull();
  });

  it("takes no evidence for no pass", () => {
    const one: [string, Outcome][] = [
      ["0", ["raised", "ValueError"]],
      ["1", ["stopped", "steps", ""]],
    ];
    expect(lacksEvidence(evidence({ probes: one }), PROPOSAL_RULES)).toBe(true);
    expect(verdict({ probes: one })).toBe("TRIVIAL constant");
    expect(verdict({ probes: one }, { constant: false })).toBeNull();
    expect(verdict({ probes: [] })).toBe("TRIVIAL constant");
    // Two outputs acquit, however few there are.
    const two: [string, Outcome][] = [...one, ["2", ["ok", "7"]]];
    expect(lacksEvidence(evidence({ probes: two }), PROPOSAL_RULES)).toBe(false);
    expect(verdict({ probes: two })).toBeNull();
    expect(verdict({ inputs: [""], probes: [] })).toBe("TRIVIAL constant");
    expect(lacksEvidence(evidence({ inputs: [""], probes: [] }), PROPOSAL_RULES)).toBe(false);
  });

  it("refuses a constant but for the very input, which stands in the program", () => {
    const probes = ["0", "1", "2"].map((input): [string, Outcome] => [input, ["ok", "3"]]);
    const normalized = "def f(v0):\n    return 4 if v0 == 73 else 3";
    const over = { probes, outputs: ["4"], normalized };
    expect(verdict(over)).toBe("LEAK");
    expect(verdict({ ...over, normalized: normalized.replace("73", "731") })).toBeNull();
    expect(verdict({ ...over, probes: [...probes, ["9", ["ok", "5"]]] })).toBeNull();
    expect(verdict(over, { leak: false })).toBeNull();
  });

  it("refuses the identity", () => {
    const probes: [string, Outcome][] = [
      ["0", ["ok", "0"]],
      ["1", ["ok", "1"]],
    ];
    const over = { probes, inputs: ["5"], outputs: ["5"] };
    expect(verdict(over)).toBe("TRIVIAL identity");
    expect(verdict(over, { identity: false })).toBeNull();
    expect(verdict({ ...over, outputs: ["6"] })).toBeNull();
  });

  it("finds the output in names, comments and respelled constants, but not inside longer numbers", () => {
    const leak = (program: string, source = program): string | null => verdict({ program, source });
    expect(leak("def f(x):\n out_1387 = x\n return out_1387")).toBe("LEAK");
    expect(leak("def f(x): # 1387\n return x")).toBe("LEAK");
    expect(leak("def f(x): return 0x56b", "def f(x):\n    return 1387")).toBe("LEAK");
    expect(leak("def f(x): return 213875")).toBeNull();
    expect(leak("def f(x): return 1387.5")).toBeNull();
    expect(verdict({ program: "def f(x): # 1387", source: "" }, { leak: false })).toBeNull();
    // Three characters: telling in a comment, chance in a constant.
    const short = { outputs: ["219"], source: "def f(x): return min(x, 219)" };
    expect(verdict({ ...short, program: "def f(x): return x*3 # 219", normalized: "def f(v0): return v0*3" })).toBe(
      "LEAK",
    );
    expect(verdict({ ...short, program: short.source, normalized: "def f(v0): return min(v0, 219)" })).toBeNull();
    expect(verdict({ program: "def f(x): return [1,2, 3]+x", source: "", outputs: ["[1, 2, 3]"] })).toBe("LEAK");
    expect(
      verdict({ program: "def f(x): return x+[7]", normalized: "def f(v0): return v0+[7]", outputs: ["[7]"] }),
    ).toBeNull();
  });

  it("refuses heavy and long tasks", () => {
    expect(verdict({ polls: 1001 })).toBe("TOO HEAVY");
    expect(verdict({ polls: 1000 })).toBeNull();
    expect(verdict({ polls: 1001 }, { heavy: false })).toBeNull();
    expect(verdict({ outputs: ["1".repeat(301)] })).toBe("TOO LONG");
    expect(verdict({ outputs: ["1".repeat(300)] })).toBeNull();
    expect(verdict({ outputs: ["1".repeat(301)] }, { long: false })).toBeNull();
  });

  it("wants induction sets that vary, and hidden inputs that are not shown", () => {
    const set = { inputs: ["1", "2", "3", "4", "5"], outputs: ["1", "2", "3", "1", "2"], probes: [] };
    expect(verdict(set)).toBeNull();
    expect(verdict({ ...set, outputs: ["1", "2", "2", "1", "2"] })).toBe("TRIVIAL constant");
    expect(verdict({ ...set, outputs: ["1", "2", "2", "1", "2"] }, { distinctOutputs: 0 })).toBeNull();
    expect(verdict({ ...set, inputs: ["1", "2", "3", "4", "2"] })).toBe("LEAK");
    expect(verdict({ ...set, inputs: ["1", "2", "3", "4", "2"] }, { unseenInputs: false })).toBeNull();
    expect(verdict({ ...set, inputs: ["1", "2", "2", "4", "5"] })).toBeNull();
    expect(verdict({ ...set, inputs: ["1", "2", "3", "4", "4"] })).toBe("LEAK");
    // Compared as values: True and 2.0 are no new inputs beside 1 and 2.
    const keys = ["1", "2", "3", "1", "5"];
    expect(verdict({ ...set, inputs: ["1", "2", "3", "True", "5"], keys })).toBe("LEAK");
  });

  it("keeps fences and invisible characters out of prompts, whatever the rules", () => {
    const off = {
      constant: false,
      identity: false,
      leak: false,
      heavy: false,
      long: false,
      distinctOutputs: 0,
      unseenInputs: false,
    };
    for (const character of ["```", "\u202e", "\u200b", "\u2028", "\ue000", "\r"]) {
      expect(verdict({ program: `def f(s): return s+'${character}'` }, off)).toBe("FORMAT");
      expect(verdict({ written: [`'${character}'`] }, off)).toBe("FORMAT");
    }
    expect(verdict({ program: "def f(s):\n\treturn s+'é😀'" }, off)).toBeNull();
  });
});
