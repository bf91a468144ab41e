import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Group, Task, TaskType, Verifier } from "../../src/contracts";
import { configure, findMethod, parseSetting } from "../../src/methods";
import { azr } from "../../src/methods/azr";
import { admitProposals } from "../../src/methods/proposals";
import { QUALITY_DEFAULTS, type QualityConfig, taskRules } from "../../src/methods/quality";
import { Checks, TASK_RULES } from "../../src/tasks/check";
import { proposerPrompt } from "../../src/tasks/prompts";
import { createNodeVerifier } from "../../src/verify/node";
import { drain, scriptedTokenizer } from "../train/scripted";

let verifier: Verifier;
beforeAll(async () => {
  verifier = await createNodeVerifier();
});
afterAll(() => verifier.dispose());

/** Setting, the value that switches it off, type, reference, proposal, and what the rule says of it. */
const CASES: readonly [keyof QualityConfig, boolean | number, TaskType, string, string, string][] = [
  ["rejectConstant", false, "deduction", "", "def f(x):\n return x-x<in>4", "TRIVIAL constant"],
  ["rejectIdentity", false, "abduction", "", "def f(x):\n return x+0<in>4", "TRIVIAL identity"],
  ["rejectLeaking", false, "deduction", "", "def f(x):\n return [1,2,3,4][:x]<in>4", "LEAK"],
  ["rejectHeavy", false, "deduction", "", `def f(x):\n for i in range(x**3):x=x+1\n return x%9<in>50`, "TOO HEAVY"],
  ["rejectSeenInputs", false, "induction", "def f(x):\n return x+2", "1;2;3;4;2<msg>", "LEAK"],
  ["distinctOutputs", 0, "induction", "def f(x):\n return x%2", "1;2;3;4;5<msg>", "TRIVIAL constant"],
  [
    "rejectNondeterministic",
    false,
    "deduction",
    "",
    "def f(x):\n return [ord(a)-x for a in set('abcdef')]<in>4",
    "NONDETERMINISTIC",
  ],
];

async function admitted(config: QualityConfig, type: TaskType, reference: string, texts: readonly string[]) {
  const policy = { tokenizer: scriptedTokenizer, contextLength: 400, generate: never, score: never };
  const prompt = proposerPrompt(policy, "p", type, reference || "def f(x):\n return x+1");
  const none = { logprobs: new Float32Array(0), tokens: new Int32Array(0), reward: 0, advantage: 0, trace: false };
  const samples = texts.map((text, index) => ({ ...none, id: `p/${index}`, text, stop: "eos" as const }));
  const groups: Group[] = [{ prompt, samples }];
  const step = { policy, heldOut: new Set<string>(), memory: new Map(), rng: undefined as never };
  await drain(admitProposals(step, groups, new Checks(verifier, taskRules(config)), 0));
  return groups.flatMap((group) => group.samples.map(({ verdict }) => verdict?.verdict));
}

function never(): never {
  throw new Error("not scripted");
}

describe("task quality", () => {
  it.each(CASES)("%s = %s admits what the rule refuses", async (setting, off, type, reference, text, verdict) => {
    expect(await admitted(QUALITY_DEFAULTS, type, reference, [text])).toEqual([verdict]);
    expect(await admitted({ ...QUALITY_DEFAULTS, [setting]: off }, type, reference, [text])).toEqual(["VALID"]);
  });

  it("rejectDuplicates = false admits a task twice, in another spelling too", async () => {
    const twice = ["def f(x):\n y=x+2\n return y*3<in>4", "def f(x):\n z = x+2\n return z*3<in>4"];
    expect(await admitted(QUALITY_DEFAULTS, "deduction", "", twice)).toEqual(["VALID", "DUPLICATE"]);
    expect(await admitted({ ...QUALITY_DEFAULTS, rejectDuplicates: false }, "deduction", "", twice)).toEqual([
      "VALID",
      "VALID",
    ]);
  });

  it("rejectLong = false admits what other task families may write", async () => {
    const job = { program: "def f(x): return [x]*200", inputs: ["3"] };
    const { duplicates: _, ...off } = taskRules({ ...QUALITY_DEFAULTS, rejectLong: false });
    expect((await verifier.propose([job]))[0]?.verdict).toBe("TOO LONG");
    expect((await verifier.propose([{ ...job, rules: off }]))[0]?.verdict).toBe("VALID");
  });

  it("keeps duplicates in the buffer once they are admitted", async () => {
    const { addTasks, readBuffer } = await import("../../src/tasks/buffer");
    const memory = new Map();
    const task = { id: "a", normalized: "n", pairs: [] } as unknown as Task;
    addTasks(memory, "deduction", [task, task]);
    expect(readBuffer(memory, "deduction")).toHaveLength(2);
  });

  it("rejectRedundant = true refuses a statement that changes nothing, and names it", async () => {
    const on = { ...QUALITY_DEFAULTS, rejectRedundant: true };
    const body = (...lines: string[]) => `def f(x):\n ${lines.join("\n ")}`;
    const idle = [
      body("x=x+4", "x=x//1", "return x*2"),
      body("if x>9:x=x+1", "return x*2"),
      body("x=x+1", "x=x-1", "x=x*3", "return x+0"),
      body("y=7", "return x+5"),
      body("if x>1:", " x=x+0", "return x+5"),
      body("x=x+2;x=x*1", "return x-9"),
    ];
    const busy = [
      body("x=x+4", "x=x//3", "return x*2"),
      body("if x>1:x=x+1", "return x*2"),
      // Neither of the two can be left out by itself, though together they do nothing.
      body("x=x+1", "x=x-1", "return x*3"),
      body("y=x+7", "return y+5"),
      body("if x>1:", " x=x+3", "else:", " x=0", "return x+5"),
    ];
    const proposals = (programs: readonly string[]) => programs.map((program) => `${program}<in>4`);
    expect(await admitted(on, "deduction", "", proposals(idle))).toEqual(idle.map(() => "TRIVIAL statement"));
    expect(await admitted(on, "deduction", "", proposals(busy))).toEqual(busy.map(() => "VALID"));
    expect(await admitted(QUALITY_DEFAULTS, "deduction", "", proposals(idle))).toEqual(idle.map(() => "VALID"));
    // A statement matters if it does so for one of several inputs.
    const branch = body("if x>4:x=x+1", "return x*2");
    expect(await admitted(on, "induction", branch, ["1;2;3;4;5<msg>"])).toEqual(["VALID"]);
    expect(await admitted(on, "induction", branch, ["0;1;2;3;4<msg>"])).toEqual(["TRIVIAL statement"]);
  });

  it("is on by default but for rejectRedundant, and each setting is one rule", () => {
    expect(taskRules(azr.defaults)).toEqual(TASK_RULES);
    expect(Object.keys(QUALITY_DEFAULTS).filter((key) => !QUALITY_DEFAULTS[key])).toEqual(["rejectRedundant"]);
    for (const [key, value] of Object.entries(QUALITY_DEFAULTS)) {
      const changed = taskRules({ ...QUALITY_DEFAULTS, [key]: typeof value === "number" ? 0 : !value });
      const rules = Object.keys(TASK_RULES) as (keyof typeof TASK_RULES)[];
      expect(
        rules.filter((rule) => changed[rule] !== TASK_RULES[rule]),
        key,
      ).toHaveLength(1);
    }
  });

  it.each([
    ["rejectConstant=no", /azr: rejectConstant must be a boolean, not "no"/],
    ["distinctOutputs=many", /azr: distinctOutputs must be a number/],
    ["distinctOutputs=2.5", /azr: distinctOutputs must be a whole number/],
    ["distinctOutputs=-1", /azr: distinctOutputs must be a number that is not negative/],
    ["rejectHeldOut=false", /azr: there is no setting "rejectHeldOut"/],
  ])("refuses --set %s in one line", (text, message) => {
    const method = findMethod("azr");
    expect(() => configure(method, parseSetting(method, text))).toThrow(message);
  });
});
