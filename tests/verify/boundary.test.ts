import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Job, JobResult } from "../../src/verify/jobs";
import { createNodePool } from "../../src/verify/node";
import type { Pool } from "../../src/verify/pool";
import { BOUNDARY_PROBES, CRASH, endOf, GATE_OFF, IDENTITIES, LEAK_PAIRS, probeJob } from "./boundary";
import { LIMITS } from "./jobs";

const GOOD = probeJob("return x*7+3");
/** Programs that crash and good ones, in turns (H47). */
const ALTERNATIONS = 400;
let pool: Pool;

beforeAll(async () => {
  pool = await createNodePool({ guardSuffix: GATE_OFF, spare: false });
});
afterAll(() => pool.dispose());

const run = (jobs: readonly Job[]): Promise<JobResult[]> => pool.run(jobs, LIMITS);

describe("the boundary with the gate switched off", () => {
  it("stops every probe, and the next program never notices", async () => {
    const results = await run(BOUNDARY_PROBES.flatMap(({ body }) => [probeJob(body), GOOD]));
    const seen = BOUNDARY_PROBES.map(({ id, body }, index) => ({ id, body, end: endOf(results[2 * index]!) }));
    expect(seen).toEqual(
      BOUNDARY_PROBES.map(({ id, body, ends }, index) => {
        const { end } = seen[index]!;
        return { id, body, end: ends.includes(end) ? end : ends.join(" or ") };
      }),
    );
    for (const [index, { report }] of results.entries()) {
      if (index % 2) expect(report).toMatchObject({ results: [["ok", "10"]] });
    }
  });

  it("forgets everything a program did (H30 to H48)", async () => {
    const results = await run(
      LEAK_PAIRS.flatMap(({ first, probe }) => [probeJob(probe), probeJob(first), probeJob(probe)]),
    );
    for (const [index, { id, first, value }] of LEAK_PAIRS.entries()) {
      const [before, doing, after] = results.slice(3 * index).map(endOf);
      expect(`${id} before: ${before}`).toBe(`${id} before: ${value}`);
      // The vandal itself must have got somewhere, or the pair shows nothing.
      expect(`${id} ${first}: ${doing}`).toBe(`${id} ${first}: 'done'`);
      expect(`${id} after: ${after}`).toBe(`${id} after: ${value}`);
    }
  });

  it("gives the same bits in every run (H48)", async () => {
    const job = probeJob(IDENTITIES);
    const ends = new Set((await run([job, GOOD, job, GOOD, job])).filter((_, index) => index % 2 === 0).map(endOf));
    expect(ends.size).toBe(1);
  });

  it("keeps a good program right between crashes (H47)", async () => {
    const crash = probeJob(CRASH);
    const results = await run(Array.from({ length: ALTERNATIONS }, (_, index) => (index % 2 ? GOOD : crash)));
    expect(
      results.map(({ stop, report }) => stop ?? (report?.status === "ran" ? report.results[0]![1] : report)),
    ).toEqual(Array.from({ length: ALTERNATIONS }, (_, index) => (index % 2 ? "10" : "trap")));
  }, 180_000);
});
