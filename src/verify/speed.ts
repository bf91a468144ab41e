/** Measures the speed of a pool, for `npm run bench`. */
import { type Job, ONE_CALL } from "./jobs";
import { canonicalLiteral } from "./literal";
import type { Pool } from "./pool";
import { TASK_LIMITS } from "./verifier";

/** All per second. */
export interface VerifierSpeed {
  /** Jobs with a heap image each. */
  readonly isolatedJobs: number;
  /** Jobs of pure programs, which share images. */
  readonly pureJobs: number;
  /** Verdicts of jobs with 16 inputs. */
  readonly verdicts: number;
  readonly literals: number;
}

const PLAIN = { ...ONE_CALL, twice: true };
const program = (index: number): string => `def f(x):\n x=x+${index % 10}\n if x>3:x=x//2\n x=x%5\n return 14-x`;
const INPUTS = Array.from({ length: 16 }, (_, index) => String(index));

/** Measures for some seconds. The first round warms up the engine. */
export async function measureSpeed(pool: Pool, rounds = 200): Promise<VerifierSpeed> {
  const jobs = Array.from(
    { length: rounds },
    (_, index): Job => ({ ...PLAIN, program: program(index), inputs: ["7"] }),
  );
  const run = (batch: readonly Job[]) => pool.run(batch, TASK_LIMITS);
  await run(jobs);
  return {
    isolatedJobs: await perSecond(rounds, () => run(jobs.map((job) => ({ ...job, isolate: true })))),
    pureJobs: await perSecond(rounds, () => run(jobs)),
    verdicts: await perSecond(16 * rounds, () => run(jobs.map((job) => ({ ...job, twice: false, inputs: INPUTS })))),
    literals: await perSecond(100 * rounds, async () => {
      for (let index = 0; index < 100 * rounds; index++) canonicalLiteral(`[${index}, 'a', (1.5, {2: None})]`);
    }),
  };
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (1000 * count) / (performance.now() - start);
}
