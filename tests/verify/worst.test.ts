import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProposalJob, VerdictName, Verifier } from "../../src/contracts";
import { createNodeVerifier } from "../../src/verify/node";
import { HANG, SQUARE } from "./jobs";

/** Polls rarely: elements whose hashes collide. */
const SLOW = "{i*((1 << 31)-1) for i in range(1, 60000)}";
const FIVE = ["1", "2", "3", "4", "5"];
/** Programs that cost the verifier as much as they can, each in another place. */
const WORST: readonly (readonly [ProposalJob, VerdictName])[] = [
  [{ program: HANG, inputs: FIVE }, "HANG"],
  [{ program: `def f(x): return len(${SLOW})+x`, inputs: FIVE }, "LIMIT time"],
  [{ program: `def f(x):\n if x!=1: y=${SLOW}\n return x`, inputs: ["1"] }, "TRIVIAL constant"],
  [
    { program: `def f(x):\n if x!=1: return sum(map(sum, [range(10**6)]*10000))\n return x+1`, inputs: ["1"] },
    "TRIVIAL constant",
  ],
];
const SOAK_COMMAND = "KELVIN_SOAK=1 npx vitest run --project unit-timed tests/verify/worst.test.ts";

/** Prints why a test is skipped. */
function said(reason: string): string {
  console.log(`The worst programs: ${reason}`);
  return reason;
}

/** The verdict on one proposal, and the time it took: of the clock, or of the processor if other work had it meanwhile. */
async function timed(verifier: Verifier, job: ProposalJob) {
  const start = performance.now();
  const before = process.cpuUsage();
  const [result] = await verifier.propose([job]);
  const { user, system } = process.cpuUsage(before);
  const wall = performance.now() - start;
  console.log(
    `${Math.round(wall)} ms, ${Math.round((user + system) / 1000)} of the processor: ${job.program.slice(0, 60)}`,
  );
  return { verdict: result!.verdict, milliseconds: Math.min(wall, (user + system) / 1000) };
}

let verifier: Verifier;
beforeAll(async () => {
  verifier = await createNodeVerifier();
  // From the first hang on, a spare worker waits; that first one costs a boot more.
  await verifier.run([{ program: HANG, inputs: ["7"] }]);
  await new Promise((resolve) => setTimeout(resolve, 3000));
});
afterAll(() => verifier.dispose());

describe("the verifier", () => {
  it("spends at most three seconds on the worst program", async () => {
    for (const [job, expected] of WORST) {
      const { verdict, milliseconds } = await timed(verifier, job);
      expect([job.program, verdict]).toEqual([job.program, expected]);
      expect(milliseconds, job.program).toBeLessThan(3000);
    }
    expect(await timed(verifier, { program: SQUARE, inputs: ["1"] })).toMatchObject({ verdict: "VALID" });
  }, 300_000);

  it("goes on after a step of 96 such programs", async ({ skip }) => {
    if (!process.env["KELVIN_SOAK"]) skip(said(`takes minutes; run it with ${SOAK_COMMAND}`));
    const worst = Array.from({ length: 96 }, (_, index) => WORST[index % WORST.length]!);
    const jobs = [...worst.map(([job]) => job), { program: SQUARE, inputs: ["1"] }];
    const start = performance.now();
    const verdicts = await verifier.propose(jobs);
    const seconds = (performance.now() - start) / 1000;
    console.log(`96 of the worst programs in one step: ${seconds.toFixed(0)} s, ${(seconds / 96).toFixed(2)} s each`);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([...worst.map(([, verdict]) => verdict), "VALID"]);
  }, 1_800_000);
});
