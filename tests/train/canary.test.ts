import { expect, it } from "vitest";
import type { KelvinError, RunConfig, TrainEvent } from "../../src/contracts";
import { configure, findMethod } from "../../src/methods";
import { train } from "../../src/train";
import { createNodePool } from "../../src/verify/node";
import type { Pool } from "../../src/verify/pool";
import { createVerifier, TASK_LIMITS } from "../../src/verify/verifier";
import { ScriptedModel, selfPlay } from "./scripted";

const run: RunConfig = {
  method: "azr",
  model: "scripted",
  seed: 3,
  steps: 200,
  overrides: {},
  evaluateTasks: 0,
  evaluateEvery: 0,
};
const small = { proposals: 8, learnabilitySamples: 2, solverTasks: 4, freshTasks: 2, seedTasks: 6 };

/** An interpreter that miscounts by one step after its first answers: nothing a verdict would show. */
function drifting(pool: Pool): Pool {
  let batches = 0;
  return {
    run: async (jobs, limits) => {
      const results = await pool.run(jobs, limits);
      return batches++ === 0 ? results : results.map((result) => ({ ...result, polls: result.polls + 1 }));
    },
    dispose: () => pool.dispose(),
  };
}

it("ends a run whose interpreter has changed, by the next canary, and says which", async () => {
  const verifier = await createVerifier(drifting(await createNodePool({ spare: false })), TASK_LIMITS);
  const model = new ScriptedModel(selfPlay);
  const azr = findMethod("azr");
  const world = {
    policy: model,
    learner: model,
    verifier,
    suites: [],
    heldOut: new Set<string>(),
    seedTasks: [],
    model: { name: "scripted", family: "llama", parameters: 1, layers: 1, hidden: 1, vocabulary: 1 } as const,
    device: "none",
    kernels: {},
    now: () => 0,
  };
  const events: TrainEvent[] = [];
  const failure = await (async () => {
    for await (const event of train(azr, configure(azr, small), run, world)) events.push(event);
  })().catch((error: KelvinError) => error);
  await verifier.dispose();
  expect(failure).toMatchObject({
    name: "KelvinError",
    reason: "verifier",
    message: "canary failed: an endless loop stops by steps",
    hint: expect.stringContaining("verdicts cannot be trusted"),
  });
  // It had begun well; it ended within a step, which taught nothing.
  const ended = events.filter(({ type }) => type === "step.end").length;
  expect(ended).toBeGreaterThan(0);
  expect(ended).toBeLessThan(run.steps - 1);
  expect(events.at(-1)?.type).not.toBe("step.end");
  expect(model.updates).toHaveLength(ended);
});
