import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Verifier } from "../../src/contracts";
import type { Job } from "../../src/verify/jobs";
import { createNodePool } from "../../src/verify/node";
import type { Pool } from "../../src/verify/pool";
import { createVerifier, TASK_LIMITS } from "../../src/verify/verifier";
import { HANG, LIMITS, plainJob, SPIN, SQUARE } from "./jobs";

/** Run a second time under the same conditions, as a proposal is. */
const twice = (program: string): Job => ({ ...plainJob(program), inputs: ["7"], twice: true });

let pool: Pool;
let verifier: Verifier;
beforeAll(async () => {
  pool = await createNodePool();
  verifier = await createVerifier(pool, TASK_LIMITS);
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
    const results = await verifier.run([SQUARE, HANG, SQUARE].map((program) => ({ program, inputs: ["7"] })));
    expect(results.map(({ verdict }) => verdict.verdict)).toEqual(["VALID", "HANG", "VALID"]);
    expect(results[2]!.outputs).toEqual(["56"]);
  });

  it("judges each answer as if it were alone", async () => {
    // Impure, so each answer has an image of its own; then pure, so all of them share one until an answer hangs.
    for (const program of [
      "def f(x): return sum(map(sum, [range(10**6)]*x))",
      "def f(x): return sum([sum(y) for y in [range(10**6)]*x]) if x < 9 else sum([1 for y in [x] if -1 in [0]*10**7*x])",
    ]) {
      const answers = ["0", "1000", "[]", "2000", "3000", "1", "0"];
      const golds = ["0", "499999500000"];
      const verdicts = await verifier.abduce(
        answers.map((answer) => ({ program, gold: golds[answer === "1" ? 1 : 0]!, answer })),
      );
      const right = answers.map((answer) => (answer === "0" || answer === "1" ? "CORRECT" : "WRONG"));
      expect(verdicts.map(({ verdict }) => verdict)).toEqual(right);
    }
    // Answers that end by their steps, or by their time, take nothing from the last one either.
    const slow = "def f(x):\n while x>99: x=x\n return x+1";
    const answers = Array.from({ length: 40 }, (_, index) => String(index < 39 ? 100 + index : 7));
    const verdicts = await verifier.abduce(answers.map((answer) => ({ program: slow, gold: "8", answer })));
    expect(verdicts.map(({ verdict, reason }) => `${verdict} ${reason}`)).toEqual([
      ...Array.from({ length: 39 }, () => "WRONG LIMIT steps"),
      "CORRECT ",
    ]);
  }, 300_000);

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
