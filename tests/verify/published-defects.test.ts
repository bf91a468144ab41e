import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VerdictName, Verifier } from "../../src/contracts";
import { AZR_SETTINGS } from "../../src/methods/azr-settings";
import { proposerReward } from "../../src/reward/reward";
import { addTasks, readBuffer } from "../../src/tasks/buffer";
import { proposerText } from "../../src/tasks/formats";
import { makeTask } from "../../src/tasks/task";
import { createNodeVerifier } from "../../src/verify/node";

/**
 * Faults of the published Absolute Zero environment (Zhao et al. 2025, arXiv 2505.03335, released code of June 2025), one test
 * each. The letters are ours.
 */
let verifier: Verifier;
beforeAll(async () => {
  verifier = await createNodeVerifier({ spare: false });
});
afterAll(() => verifier?.dispose());

const FREE = { constant: false, identity: false, leak: false };

/** The verdicts on programs as proposals, on one input each. */
const proposed = async (programs: readonly string[], input = "3"): Promise<VerdictName[]> =>
  (await verifier.propose(programs.map((program) => ({ program, inputs: [input], rules: FREE })))).map(
    ({ verdict }) => verdict,
  );

const deduced = async (gold: string, ...answers: string[]): Promise<VerdictName[]> =>
  (await verifier.deduce(answers.map((answer) => ({ gold, answer })))).map(({ verdict }) => verdict);

const PLUS = "def f(x):\n return x+4";

/** Whether answers are taken for an input that PLUS maps to 7. */
const abduced = async (...answers: string[]): Promise<boolean[]> =>
  (await verifier.abduce(answers.map((answer) => ({ program: PLUS, gold: "7", answer })))).map(
    ({ verdict }) => verdict === "CORRECT",
  );

describe("what the published environment let pass", () => {
  it("a: programs that raise, stop or yield instead of returning a value", async () => {
    const programs = [
      "def f(x):\n raise Exception('Non-deterministic code')",
      "def f(x):\n raise StopIteration",
      "def f(x):\n raise SystemExit",
      "import sys\ndef f(x):\n sys.exit(0)",
      "class Fine(Exception): pass\ndef f(x):\n raise Fine",
      "def f(x):\n yield x",
      "def f(x):\n return object()",
      "import secrets\ndef f(x):\n return secrets.randbelow(9)",
      "def f(x):\n f.calls=getattr(f,'calls',0)+1\n return x+f.calls",
    ];
    for (const [index, verdict] of (await proposed(programs)).entries())
      expect([programs[index], verdict]).not.toEqual([programs[index], "VALID"]);
  });

  it("b: refusals without a trace: here each has its verdict and its reason", async () => {
    const jobs = ["def f(x):\n raise StopIteration", "def f(x):\n yield x", "def f(x):\n return y"].map((program) => ({
      program,
      inputs: ["3"],
    }));
    for (const { verdict, reason, outputs } of await verifier.propose(jobs)) {
      expect(verdict).toBe("INVALID PROGRAM");
      expect(reason).not.toBe("");
      expect(outputs).toEqual([]);
    }
  });

  it("c: outputs cut at 400 characters: here they are refused", async () => {
    expect(await proposed(["def f(x):\n return [x]*200"])).toEqual(["TOO LONG"]);
    expect(await proposed(["def f(x):\n return '7'*500"])).toEqual(["TOO LONG"]);
  });

  it("d: outputs whose own text is no right answer: here they are refused, or their text is right", async () => {
    const programs = [
      "from collections import Counter\ndef f(x):\n return Counter([x,x])",
      "from collections import deque\ndef f(x):\n return deque([x])",
      "def f(x):\n return {x:1}.keys()",
      "def f(x):\n return float('inf')",
      "def f(x):\n return int",
      "def f(x):\n return ...",
    ];
    const results = await verifier.propose(programs.map((program) => ({ program, inputs: ["3"], rules: FREE })));
    for (const [index, { verdict, outputs }] of results.entries()) {
      const gold = outputs[0] ?? "";
      const solved = verdict === "VALID" ? await deduced(gold, gold) : ["CORRECT"];
      expect([programs[index], ...solved]).toEqual([programs[index], "CORRECT"]);
    }
    expect(results.filter(({ verdict }) => verdict !== "VALID").length).toBeGreaterThan(3);
  });

  it("e: abductions that close the call early", async () => {
    expect(await abduced("0) or True or (0", "3 if True else", "3, *[]", "3")).toEqual([false, false, false, true]);
  });

  it("f: abductions that print what the check looks for", async () => {
    expect(await abduced("print(True) or 0", "[print(True), 0][1]", "print(7)")).toEqual([false, false, false]);
  });

  it("g: values that equal everything, as an answer or as a program", async () => {
    expect(await abduced("type('E',(),{'__eq__':lambda a,b:True})()")).toEqual([false]);
    expect(await deduced("7", "type('E',(),{'__eq__':lambda a,b:True})()")).toEqual(["INVALID ANSWER"]);
    const pairs = [{ input: "3", output: "7" }];
    const everything = "class E:\n def __eq__(s,o): return True\ndef f(x):\n return E()";
    const [induced] = await verifier.induce([{ program: everything, pairs }]);
    expect(induced?.verdict).not.toBe("CORRECT");
  });

  it("h: deductions that name the gold value", async () => {
    for (const verdict of await deduced("7", "eval(gold_output)", "gold_output", "gold", "eval('7')", "f(3)"))
      expect(verdict).toBe("INVALID ANSWER");
    expect(await deduced("7", "7")).toEqual(["CORRECT"]);
  });

  it("i: values of another type that compare as equal", async () => {
    expect(await deduced("1", "True", "1.0", "1")).toEqual(["WRONG", "WRONG", "CORRECT"]);
    expect(await deduced("[1,2]", "(1,2)", "[True,2]", "[1, 2]")).toEqual(["WRONG", "WRONG", "CORRECT"]);
  });

  it("j: imports and names that reach outside", async () => {
    const reach = [
      "import os\ndef f(x):\n return len(os.listdir('/'))",
      "import sys\ndef f(x):\n return len(sys.modules)",
      "import shutil\ndef f(x):\n return shutil.disk_usage('/').free",
      "import socket\ndef f(x):\n return socket.gethostname()",
      "def f(x):\n return open('/etc/passwd').read()",
      "def f(x):\n return __import__('os').getpid()",
      "def f(x):\n exec('y=1')\n return x",
    ];
    for (const [index, verdict] of (await proposed(reach)).entries())
      expect([reach[index], verdict]).not.toEqual([reach[index], "VALID"]);
  });

  it("k: values that depend on a hash seed or an address", async () => {
    const settled = [
      "def f(x):\n return list({'a','b','c','d'})",
      "def f(x):\n return hash('a')%97",
      "def f(x):\n return id(x)%97",
      "def f(x):\n return str(object())",
    ];
    for (const [index, verdict] of (await proposed(settled)).entries())
      expect([settled[index], verdict]).not.toEqual([settled[index], "VALID"]);
  });

  it("l: a program that changes what the next one computes", async () => {
    const rebind = "import builtins\nbuiltins.len=lambda a:0\ndef f(x):\n return x";
    const global = "len=lambda a:0\ndef f(x):\n return len([x])";
    const [, , after] = await proposed([rebind, global, "def f(x):\n return len([x,x])"]);
    expect(after).toBe("VALID");
    const [run] = await verifier.run([{ program: "def f(x):\n return len([x,x])", inputs: ["3"] }]);
    expect(run?.outputs).toEqual(["2"]);
  });

  it("m: rollouts that measure learnability, drawn at temperature 0: here at the run's, which cannot be 0", () => {
    // That the rollouts of one task differ is tested with the method.
    expect(AZR_SETTINGS.defaults.temperature).toBe(1);
    expect(AZR_SETTINGS.defaults.learnabilitySamples).toBeGreaterThan(1);
  });

  it("n: exchanged prompts, refused helper functions, punished edges, a buffer that keeps the oldest, baselines over tokens", async () => {
    expect(proposerText("deduction", PLUS)).toBe(`<pded>${PLUS}<new>`);
    expect(proposerText("abduction", PLUS)).toBe(`<pabd>${PLUS}<new>`);
    const helper = "def g(a):\n return a*2\ndef f(x):\n def h(b):\n  return b+1\n return h(g(x))";
    const shape = "class P:\n def __init__(s,a): s.a=a\ndef f(x):\n return P(x).a+1";
    expect((await proposed([helper]))[0]).toBe("VALID");
    expect((await proposed([shape]))[0]).not.toBe("FORMAT");
    expect(proposerReward("VALID", 0)).toBe(0);
    expect(proposerReward("VALID", 1)).toBe(0);
    const memory = new Map();
    const task = (name: string) =>
      makeTask({ id: name, type: "deduction", program: PLUS, inputs: ["3"], outputs: ["7"], normalized: name });
    addTasks(memory, "deduction", ["old", "middle", "new"].map(task), 2);
    expect(readBuffer(memory, "deduction").map(({ id }) => id)).toEqual(["middle", "new"]);
    expect(AZR_SETTINGS.defaults.whitening).toBe("samples");
  });

  it("o: induction tasks with one output, or that hide what they show", async () => {
    const shown = ["1", "2", "3"];
    const results = await verifier.propose([
      { program: "def f(x):\n return 5 if x>0 else x", inputs: [...shown, "4", "5"] },
      { program: PLUS, inputs: [...shown, "2", "5"] },
      { program: PLUS, inputs: [...shown, "4", "4"] },
      { program: PLUS, inputs: [...shown, "4", "5"] },
    ]);
    expect(results.map(({ verdict }) => verdict === "VALID")).toEqual([false, false, false, true]);
  });
});
