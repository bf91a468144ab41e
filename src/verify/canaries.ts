/** Jobs with known results. If a pool gives another result, its verdicts must not be rewarded. */
import { KelvinError } from "../contracts";
import { type Job, type JobResult, type Limits, ONE_CALL } from "./jobs";
import type { Pool } from "./pool";

const LIMITS: Limits = { polls: 2000, milliseconds: 2000 };
/** Polls of the loop canary, both calls and their encoding included; changes with the guard and with Pyodide. */
const LOOP_POLLS = 790;
const PLAIN = { ...ONE_CALL, inputs: ["3162"], twice: true, isolate: true };

interface Canary {
  readonly name: string;
  readonly job: Job;
  expected(result: JobResult): boolean;
}

function ends(result: JobResult, kind: string, text: string): boolean {
  return (
    result.report?.status === "ran" && result.report.results[0]?.[0] === kind && result.report.results[0][1] === text
  );
}

function canary(name: string, program: string, expected: (result: JobResult) => boolean, seed = 0): Canary {
  return { name, job: { ...PLAIN, program, seed }, expected };
}

const ORDER = "def f(x): return ''.join({'apple', 'banana', 'cherry', 'dates'})";

const CANARIES: readonly Canary[] = [
  canary("a known value", "def f(x): return x*x+7", (result) => ends(result, "ok", "9998251")),
  canary(
    "an endless loop stops by steps",
    "def f(x):\n while True: pass",
    ({ stop, polls }) => stop === "steps" && polls === LIMITS.polls + 1,
  ),
  canary(
    "a loop takes its exact number of steps",
    "def f(x):\n for i in range(20000): x += i\n return x",
    ({ stop, polls }) => !stop && polls === LOOP_POLLS,
  ),
  canary("an impossible list", "def f(x): return [0]*10**9", (result) => ends(result, "raised", "MemoryError")),
  canary("memory is capped", "def f(x): return len([0]*40000000)", ({ stop, grown }) => stop === "memory" && !grown),
  canary(
    "a syntax error is no attack",
    "def f(x) return x",
    ({ report }) => report?.status === "refused" && report.reason === "syntax",
  ),
  canary("set order under the first hash seed", ORDER, (result) => ends(result, "ok", "'datesapplecherrybanana'")),
  canary("set order under the second hash seed", ORDER, (result) => ends(result, "ok", "'cherrybananadatesapple'"), 1),
  canary("a known value after all", "def f(x): return [x, str(x)]", (result) => ends(result, "ok", "[3162, '3162']")),
];

/** Runs all canaries. @throws KelvinError that names the first difference */
export async function checkCanaries(pool: Pool): Promise<void> {
  const results = await pool.run(
    CANARIES.map(({ job }) => job),
    LIMITS,
  );
  CANARIES.forEach(({ name, expected }, index) => {
    const result = results[index];
    if (result && expected(result)) return;
    const hint = "Stop: verdicts cannot be trusted. Reload; if it happens again, this engine runs Python differently.";
    throw new KelvinError("verifier", `canary failed: ${name}`, hint, JSON.stringify(result));
  });
}
