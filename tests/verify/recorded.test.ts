import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Verifier } from "../../src/contracts";
import { createNodeVerifier } from "../../src/verify/node";
import { findCoins, judgeAgain, type Recorded, readProposals } from "./recorded";

let verifier: Verifier;
beforeAll(async () => {
  verifier = await createNodeVerifier({ spare: false });
});
afterAll(() => verifier.dispose());

/** The fast suite takes the first proposals, from before the first step and from the steps that follow. */
const SOME = 800;
const COMMAND = "KELVIN_RUNS=runs/a,runs/b npx vitest run --project unit tests/verify/recorded.test.ts";

describe("proposals of recorded runs", () => {
  it("of the run that ships get the verdicts they had", async () => {
    const recorded = readProposals("public/runs/azr-kelvin-nano.jsonl.gz");
    expect(recorded.length).toBeGreaterThan(500);
    expect(await judgeAgain(verifier, recorded.slice(0, SOME))).toEqual([]);
  }, 120_000);

  it("of other runs are counted", async ({ skip }) => {
    const runs = process.env["KELVIN_RUNS"]?.split(",") ?? [];
    if (runs.length === 0) {
      const reason = `judges whole logs; run it with ${COMMAND}`;
      console.log(`Recorded runs: ${reason}`);
      skip(reason);
    }
    for (const run of runs) console.log(await report(run));
  }, 3_600_000);
});

async function report(run: string): Promise<string> {
  const recorded = readProposals(`${run}/events.jsonl`);
  const changes = await judgeAgain(verifier, recorded);
  const coins = await findCoins(verifier, recorded);
  const paid = (some: readonly Recorded[]): string => {
    const rewards = some.flatMap(({ reward }) => (reward === null ? [] : [reward]));
    return (rewards.reduce((sum, reward) => sum + reward, 0) / Math.max(rewards.length, 1)).toFixed(4);
  };
  const lines = changes.map(({ id, then, now, job }) => `  ${id}: ${then} -> ${now}  ${JSON.stringify(job)}`);
  return [
    `${run}: ${recorded.length} proposals ran, ${changes.length} other verdicts, ${coins.length} coins`,
    `  reward: ${paid(recorded)}, of coins ${paid(coins)}`,
    ...coins.map(
      ({ id, verdict, reward, job }) => `  coin ${id} ${verdict.verdict} ${reward} ${JSON.stringify(job.program)}`,
    ),
    ...lines,
  ].join("\n");
}
