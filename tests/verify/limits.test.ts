import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Verifier } from "../../src/contracts";
import type { Job } from "../../src/verify/jobs";
import { createNodePool } from "../../src/verify/node";
import type { Pool } from "../../src/verify/pool";
import { createVerifier } from "../../src/verify/verifier";
import { LIMITS, plainJob, SPIN, SQUARE } from "./jobs";

/** Never polls: only ending the worker helps. */
const HANG = "def f(x): return sum(map(sum, [range(10**6)]*10000))";
/** Run a second time under the same conditions, as a proposal is. */
const twice = (program: string): Job => ({ ...plainJob(program), inputs: ["7"], twice: true });

let pool: Pool;
let verifier: Verifier;
beforeAll(async () => {
  pool = await createNodePool();
  verifier = await createVerifier(pool, LIMITS);
});
afterAll(() => verifier.dispose());

describe("limits", () => {
  const stops = async (...programs: string[]) =>
    (await pool.run(programs.map(twice), LIMITS)).map(({ stop, polls }) => ({ stop, polls }));

  it("counts the same steps every time, whatever ran before", async () => {
    const loop = "def f(x):\n for i in range(30000): x = x+i\n return x";
    const [alone] = await pool.run([{ ...twice(loop), isolate: true }], LIMITS);
    for (const before of [SQUARE, SPIN, "import math\ndef f(x): return {x}"]) {
      const results = await pool.run([twice(before), { ...twice(loop), isolate: true }], LIMITS);
      expect(results[1]!.polls).toBe(alone!.polls);
    }
    expect(await stops(SPIN)).toEqual([{ stop: "steps", polls: 20_001 }]);
  });

  it("survives a C loop that never polls, and goes on with the batch", async () => {
    const start = performance.now();
    const results = await verifier.run([SQUARE, HANG, SQUARE].map((program) => ({ program, inputs: ["7"] })));
    expect(results.map(({ verdict }) => verdict.verdict)).toEqual(["VALID", "HANG", "VALID"]);
    expect(results[2]!.outputs).toEqual(["56"]);
    // Twice the time limit, and the spare's turn; generous for a busy machine.
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it("spends at most three seconds on the worst program", async () => {
    const slow = "{i*((1 << 31)-1) for i in range(1, 60000)}";
    const start = performance.now();
    const verdicts = await verifier.propose([
      { program: `def f(x): return len(${slow})+x`, inputs: ["1", "2", "3", "4", "5"] },
      { program: `def f(x):\n if x!=1: y=${slow}\n return x`, inputs: ["1"] },
      { program: HANG, inputs: ["1", "2", "3", "4", "5"] },
      { program: `def f(x):\n if x!=1: return sum(map(sum, [range(10**6)]*10000))\n return x+1`, inputs: ["1"] },
      { program: SQUARE, inputs: ["1"] },
    ]);
    const found = verdicts.map(({ verdict }) => verdict);
    expect(found).toEqual(["LIMIT time", "TRIVIAL constant", "HANG", "TRIVIAL constant", "VALID"]);
    // On a quiet machine; other work only takes the clock along.
    console.log(`four of the worst programs: ${Math.round(performance.now() - start)} ms`);
    // An answer that hangs takes no other with it.
    const program = "def f(x): return sum(map(sum, [range(10**6)]*x))";
    const answers = ["0", "10000", "0", "[]", "20000", "0"];
    const judged = await verifier.abduce(answers.map((answer) => ({ program, gold: "0", answer })));
    expect(judged.map(({ verdict }) => verdict)).toEqual(["CORRECT", "WRONG", "CORRECT", "WRONG", "WRONG", "CORRECT"]);
    expect(judged[1]!.reason).toBe("HANG");
  }, 120_000);

  it("caps memory, and the next program has all of it again", async () => {
    const bomb = "def f(x):\n s = 'ab'\n while True: s += s";
    const caught = "def f(x):\n try:\n  a = []\n  while True: a.append([0]*100000)\n except Exception: return 1";
    const big = "def f(x): return len([0]*10**7)";
    const results = await pool.run(
      [big, bomb, big, caught, big].map((program): Job => ({ ...twice(program), twice: false })),
      { polls: 20_000, milliseconds: 5000 },
    );
    expect(results.map(({ stop }) => stop)).toEqual([null, "memory", null, "memory", null]);
  });

  it("stops a syntax error at the gate, not at the boundary", async () => {
    for (const program of [
      "def f(x) return x",
      "def f(x):\n  return (",
      "return 1",
      "def f(x): break",
      "def f(x):\n\treturn 1\n        return 2",
      "\udcff",
      "def f(x): return '",
    ]) {
      expect(await verifier.run([{ program, inputs: ["1"] }])).toMatchObject([
        { verdict: { verdict: "INVALID PROGRAM" } },
      ]);
    }
  });
});

describe("sharing a heap image", () => {
  it("gives pure programs the same results as an image each", async () => {
    const programs = [
      SQUARE,
      "def f(x):\n x = [a+1 for a in range(x)]\n return sorted(x)[::-1]",
      "def f(x): return x//0",
      "def f(x): return [x]*3",
      "def f(x): return round(x/3, 2)",
      "def f(x):\n for i in range(3):\n  if i == 2: break\n  x += i\n return x",
      "def f(x): return undefined",
      "def f(x) x",
      "def f(x): return -x % 5 ** 2",
      "def f(x): return 'a'*x",
    ];
    const jobs = programs.map((program): Job => ({ ...twice(program), describe: true }));
    const shared = await pool.run([...jobs, ...jobs], LIMITS);
    const isolated = await pool.run(
      jobs.map((job) => ({ ...job, isolate: true })),
      LIMITS,
    );
    expect(shared.slice(0, jobs.length).map(({ report }) => report)).toEqual(isolated.map(({ report }) => report));
    expect(shared.slice(jobs.length).map(({ report }) => report)).toEqual(isolated.map(({ report }) => report));
  });

  it.each([
    "import math\ndef f(x): return x",
    "def f(x): return f",
    "def f(x): return {x}",
    "def f(x): return {x: 1}",
    "def f(x): return x.real",
    "def f(x=1): return x",
    "def f(x): return (lambda: x)()",
    "def f(x):\n while x: x -= 1\n return x",
    "L = 1\ndef f(x): return x",
    "def f(x): return x is 1",
    "def f(x: int): return x",
    "def f(x): return set([x])",
    "def f(x): return map(abs, [x])",
    "def f(*x): return 1",
    "def f(x): return f'{x}'",
    "def f(x):\n x[0] = 1\n return x",
    "def f(x):\n return (y := x)",
    "def f(x):\n def g(): return 1\n return g()",
  ])("never lets %j share", async (program) => {
    const [result] = await pool.run([twice(program)], LIMITS);
    expect(result!.report).not.toMatchObject({ pure: true });
  });
});
