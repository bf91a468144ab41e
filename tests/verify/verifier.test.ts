import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { KelvinError, ProposalRules, Verifier } from "../../src/contracts";
import { createNodePool, createNodeVerifier } from "../../src/verify/node";
import type { Pool } from "../../src/verify/pool";
import { createVerifier } from "../../src/verify/verifier";
import { LIMITS, SPIN, SQUARE } from "./jobs";

let pool: Pool;
let verifier: Verifier;
beforeAll(async () => {
  pool = await createNodePool();
  verifier = await createVerifier(pool, LIMITS);
});
afterAll(() => verifier.dispose());

describe("propose", () => {
  const propose = async (program: string, inputs: string[], rules: Partial<ProposalRules> = {}) =>
    (await verifier.propose([{ program, inputs, rules }]))[0]!;

  it("answers outputs as literals and the normalised program", async () => {
    const result = await propose(
      "def f(count):\n 'doc'\n # comment\n for i in range(2):count+=i\n return [count,'a']",
      ["3"],
    );
    expect(result).toEqual({
      verdict: "VALID",
      reason: "",
      outputs: ["[4, 'a']"],
      normalized: "def f(v0):\n    for v1 in range(2):\n        v0 += v1\n    return [v0, 'a']",
    });
  });

  it("normalises spelling away, and nothing else", async () => {
    const programs = [
      "def f(x):\n y = x+1\n return max(y, 3)",
      "def f(a):\n    '''doc'''\n    b=(a + 1) # note\n    return max(b,3,)",
      "def f(x):\n y = x+1\n return max(y, 4)",
      "def f(x):\n y = x+1\n return min(y, 3)",
      "def f(x):\n y = x+1\n return max(x, 3)",
    ];
    const texts = (await verifier.propose(programs.map((program) => ({ program, inputs: ["5"] })))).map(
      ({ normalized }) => normalized,
    );
    expect(texts[1]).toBe(texts[0]);
    expect(new Set(texts).size).toBe(4);
  });

  it("normalises what changes nothing away", async () => {
    const plain = "def f(x):\n y = x+1\n return y*3";
    const same = [
      "def f(x: int) -> int:\n y: 0 = x+1\n return y*3",
      "def f(x):\n pass\n y = x+1\n pass\n return y*3",
      "def f(x):\n 'doc'\n y = x+1\n x\n return y*3\n return x\n y = 2",
      "def f(x):\n z = 5\n y = x+1\n z = y\n x = x\n return y*3",
      "def f(x):\n y = 7\n y = x+1\n w = sum([x])\n w += 1\n return y*3",
      "def f(x, *b):\n y = x+1\n return y*3",
      "def f(x, b=0, *, c=1, **d):\n y = x+1\n return y*3",
      "import math\nfrom itertools import chain\ndef f(x):\n y = x+1\n return y*3",
      "def g(a): return a\nM = [3]\ndef f(x):\n def h(): return 2\n y = x+1\n return y*3",
      "def f(x):\n y = x+1\n if x > 3: pass\n for i in [1, 2]: pass\n return y*3",
      "def f(x):\n y = x+1\n y: int\n return y*3",
    ];
    const other = [
      "def f(x):\n y = x+1\n y = y+1\n return y*3",
      "def f(x):\n y = x+1\n for i in [1, 2]: y = y+i\n return y*3",
      "def f(x):\n y = x+1\n if x > 3: return y\n return y*3",
      "def f(x):\n y = 5\n for i in [0]:\n  if x: break\n  y = x+1\n return y*3",
      "def f(x):\n y = 1\n def g(): return y\n y = x+1\n return g()*3",
      "def f(x):\n y = x+1\n y += 2\n return y*3",
      "def f(x):\n y = [x]\n y.append(4)\n return y*3",
    ];
    const normal = async (programs: string[]) =>
      (await verifier.propose(programs.map((program) => ({ program, inputs: ["5"] })))).map(
        ({ normalized }) => normalized,
      );
    const [first] = await normal([plain]);
    expect(await normal(same)).toEqual(same.map(() => first));
    const others = await normal([plain, ...other]);
    expect(new Set(others).size).toBe(others.length);
  });

  it("judges every job of a batch on its own", async () => {
    const results = await verifier.propose(
      [SQUARE, SPIN, "def f(x) return", SQUARE, "def f(x): return 1//0", "def f(x): return {x: [x, {x}]}"].map(
        (program) => ({ program, inputs: ["5"] }),
      ),
    );
    expect(results.map(({ verdict }) => verdict)).toEqual([
      "VALID",
      "LIMIT steps",
      "INVALID PROGRAM",
      "VALID",
      "INVALID PROGRAM",
      "VALID",
    ]);
    expect(results[5]!.outputs).toEqual(["{5: [5, {5}]}"]);
  });

  it("switches each rule off", async () => {
    expect((await propose("def f(x): return 42", ["3"])).verdict).toBe("TRIVIAL constant");
    expect((await propose("def f(x): return 42", ["3"], { constant: false })).verdict).toBe("VALID");
    expect((await propose("def f(x): return x", ["3"])).verdict).toBe("TRIVIAL identity");
    expect((await propose("def f(x): return x", ["3"], { identity: false })).verdict).toBe("VALID");
    const order = "def f(x): return ''.join({'apple', 'banana', 'cherry', 'dates'})[:x]";
    expect((await propose(order, ["3"])).verdict).toBe("NONDETERMINISTIC");
    expect((await propose(order, ["3"], { deterministic: false })).verdict).toBe("VALID");
    expect((await propose("def f(x):\n # 1387\n return x*19", ["73"])).verdict).toBe("LEAK");
    expect((await propose("def f(x):\n # 1387\n return x*19", ["73"], { leak: false })).verdict).toBe("VALID");
    const long = "def f(x): return [x]*150";
    expect((await propose(long, ["3"])).verdict).toBe("TOO LONG");
    expect((await propose(long, ["3"], { long: false })).verdict).toBe("VALID");
    const heavy = "def f(x):\n for i in range(60000): x += i\n return x";
    expect((await propose(heavy, ["3"])).verdict).toBe("TOO HEAVY");
    expect((await propose(heavy, ["3"], { heavy: false })).verdict).toBe("VALID");
    const few = "def f(x): return x%2";
    const five = ["1", "2", "3", "4", "5"];
    expect((await propose(few, five)).verdict).toBe("TRIVIAL constant");
    expect((await propose(few, five, { distinctOutputs: 0 })).verdict).toBe("VALID");
    const seen = ["1", "2", "3", "4", "1"];
    expect((await propose(SQUARE, seen)).verdict).toBe("LEAK");
    expect((await propose(SQUARE, seen, { unseenInputs: false })).verdict).toBe("VALID");
    const state = "L = []\ndef f(x):\n    L.append(x)\n    return len(L) + x";
    expect((await propose(state, ["3"])).verdict).toBe("STATEFUL");
    expect((await propose(state, ["3"], { deterministic: false })).verdict).toBe("VALID");
  });

  it("judges each variation of the input by itself", async () => {
    // Two of eight end, and differ; then all that end are alike; then none ends, and every other kind of input raises.
    const some = "def f(x):\n while x>9:x=x\n return x*100";
    expect(await propose(some, ["3"])).toMatchObject({ verdict: "VALID", outputs: ["300"] });
    const alike = "def f(x):\n while x!=9:x=x+1 if x<9 else x\n return x*100";
    expect(await propose(alike, ["3"])).toMatchObject({ verdict: "TRIVIAL constant" });
    const alone = "def f(x):\n while x!=3:x=x\n return x*100";
    expect(await propose(alone, ["3"])).toMatchObject({
      verdict: "TRIVIAL constant",
      reason: "same output, and 34 of 34 variations give none",
    });
    // One that cannot be written takes no other with it.
    expect(await propose("def f(x): return 7", [String(2n ** 1024n - 1n)])).toMatchObject({
      verdict: "TRIVIAL constant",
    });
    expect(await propose("def f(x): return x % 97", [String(2n ** 1024n - 1n)])).toMatchObject({ verdict: "VALID" });
    for (const input of ["[]", "()", "{}", "set()", "None", "True", "1e308", `'${"ab".repeat(750)}'`]) {
      expect([input, (await propose("def f(x): return 7", [input])).verdict]).toEqual([input, "TRIVIAL constant"]);
      const identity = input === "set()" ? "TRIVIAL identity" : input.length > 300 ? "TOO LONG" : "TRIVIAL identity";
      expect([input, (await propose("def f(x): return x", [input])).verdict]).toEqual([input, identity]);
    }
  });

  it("varies every argument, and honest programs of few inputs pass", async () => {
    expect(await propose("def f(a, b): return b*3", ["5, 4"])).toMatchObject({ verdict: "VALID" });
    expect(await propose("def f(d): return d['a']['b']+1", ["{'a': {'b': 4}}"])).toMatchObject({ verdict: "VALID" });
    expect(await propose("def f(x): return not x", ["True"])).toMatchObject({ verdict: "VALID" });
    expect(await propose("def f(s): return int(s)+1", ["'12'"])).toMatchObject({ verdict: "VALID" });
  });

  it("counts the steps of each input, whatever ran before", async () => {
    const loop = (n: number): string => `def f(x):\n for i in range(${n}): x=x+i%2\n return x`;
    // One of five that needs 18 % of the limit is no less heavy among four that need nothing.
    const one = "def f(x):\n for i in range(70000 if x==5 else 1): x=x+1\n return x";
    expect(await propose(one, ["1", "2", "3", "4", "5"])).toMatchObject({ verdict: "TOO HEAVY" });
    const lengths = Array.from({ length: 24 }, (_, index) => 25_250 + 10 * index);
    const alone: string[] = [];
    for (const n of lengths) alone.push((await propose(loop(n), ["3"])).verdict);
    expect(new Set(alone)).toEqual(new Set(["VALID", "TOO HEAVY"]));
    const batch = lengths.flatMap((n) => [loop(n), "def f(x): return x*x+7", "def f(x):\n if x>3: x=x-1\n return x+4"]);
    const together = await verifier.propose(batch.map((program) => ({ program, inputs: ["3"] })));
    expect(together.filter((_, index) => index % 3 === 0).map(({ verdict }) => verdict)).toEqual(alone);
  });

  it("refuses an induction set as a whole", async () => {
    const inputs = ["1", "2", "3", "4", "5"];
    expect(await propose(SQUARE, inputs)).toMatchObject({ verdict: "VALID", outputs: ["8", "11", "16", "23", "32"] });
    expect(await propose("def f(x): return x%2", inputs)).toMatchObject({ verdict: "TRIVIAL constant", outputs: [] });
    expect(await propose(SQUARE, ["1", "2", "3", "4", " 1"])).toMatchObject({ verdict: "LEAK" });
    for (const hidden of ["True", "2.0", "4"]) {
      expect((await propose(SQUARE, ["1", "2", "3", "4", hidden])).verdict).toBe("LEAK");
    }
    expect(await propose("def f(x): return 6//(x-3)", inputs)).toMatchObject({
      verdict: "INVALID PROGRAM",
      reason: "raises ZeroDivisionError",
    });
  });
});

describe("deduce, abduce and induce", () => {
  it("compares values with their types", async () => {
    const gold = "[1, 2]";
    const answers = ["[1,2]", "[1, True]", "[1.0, 2]", "(1, 2)", "[2, 1]", "list((1, 2))"];
    const verdicts = await verifier.deduce(answers.map((answer) => ({ gold, answer })));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      "CORRECT",
      "WRONG",
      "WRONG",
      "WRONG",
      "WRONG",
      "INVALID ANSWER",
    ]);
    expect(verdicts[1]!.reason).toBe("output is [1, 2]");
  });

  it("asks Python about characters by name", async () => {
    const answers = ["'\\N{DIGIT ONE}'", "'\\N{DIGIT TWO}'", "'\\N{NO SUCH}'", "'\\N{DIGIT ONE}', 2"];
    const verdicts = await verifier.deduce(answers.map((answer) => ({ gold: "'1'", answer })));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["CORRECT", "WRONG", "INVALID ANSWER", "WRONG"]);
  });

  it("has gold for every output it admits", async () => {
    const deep = "def f(x):\n r = []\n for i in range(30): r = [r]\n return r";
    const long = "def f(x): return list(range(3000))";
    const [first, second, third] = await verifier.run(
      [deep, long, "def f(x): return {frozenset({x})}"].map((program) => ({ program, inputs: ["1"] })),
    );
    const verdicts = await verifier.deduce(
      [first, second].map((result) => ({ gold: result!.outputs[0]!, answer: "1" })),
    );
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["WRONG", "WRONG"]);
    expect(third!.verdict).toEqual({ verdict: "INVALID PROGRAM", reason: "output type frozenset" });
  });

  it("judges many answers to one program apart from each other", async () => {
    const program = "def f(n):\n while n: n -= 1\n return n";
    const answers = ["5", "1000000000", "'a'", "nope()", "0", "-1"];
    const verdicts = await verifier.abduce(answers.map((answer) => ({ program, gold: "0", answer })));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      "CORRECT",
      "WRONG",
      "WRONG",
      "INVALID ANSWER",
      "CORRECT",
      "WRONG",
    ]);
    expect(verdicts.map(({ reason }) => reason)).toEqual([
      "",
      "LIMIT steps",
      "raises TypeError",
      "not a literal: Call",
      "",
      "LIMIT steps",
    ]);
  });

  it("gives each input of a program a namespace of its own", async () => {
    const memory = "n = [0]\ndef f(x):\n    n[0] += 1\n    return n[0]";
    const pairs = [
      { input: "1", output: "1" },
      { input: "2", output: "2" },
    ];
    expect(await verifier.induce([{ program: memory, pairs }])).toEqual([
      { verdict: "WRONG", reason: "input 2: output is 1" },
    ]);
    expect((await verifier.run([{ program: memory, inputs: ["1", "1"] }]))[0]!.outputs).toEqual(["1", "1"]);
  });

  it("throws on a gold value that is no literal", async () => {
    const error = await verifier.deduce([{ gold: "f(1)", answer: "1" }]).catch((thrown: KelvinError) => thrown);
    expect(error).toMatchObject({ name: "KelvinError", reason: "input" });
  });
});

describe("canaries", () => {
  it("stop a pool that answers wrongly, by name", async () => {
    const lying: Pool = {
      run: async (jobs, limits) =>
        (await pool.run(jobs, limits)).map((result) => ({ ...result, polls: result.polls + 1 })),
      dispose: async () => {},
    };
    await expect(createVerifier(lying, LIMITS)).rejects.toThrow("canary failed: an endless loop stops by steps");
  });
});

describe("createNodeVerifier", () => {
  it("serves both hash seeds from one worker where memory is short, and says so", async () => {
    const free = vi.spyOn(process, "availableMemory").mockReturnValue(2 ** 29);
    const notice = vi.fn();
    const small = await createNodeVerifier({ notice });
    free.mockRestore();
    expect(notice.mock.calls).toEqual([[expect.stringMatching(/^Little memory: one Python /)]]);
    const order = "def f(x): return [ord(c) for c in set('abcdef')][:x]";
    const results = await small.propose([order, SQUARE].map((program) => ({ program, inputs: ["3"] })));
    expect(results.map(({ verdict }) => verdict)).toEqual(["NONDETERMINISTIC", "VALID"]);
    await small.dispose();
  });

  it("says what failed when Python does not start", async () => {
    const error = await createNodeVerifier({ guardSuffix: "\nraise ValueError", cache: null }).catch(
      (thrown: KelvinError) => thrown,
    );
    expect(error).toMatchObject({ name: "KelvinError", reason: "verifier" });
  });
});
