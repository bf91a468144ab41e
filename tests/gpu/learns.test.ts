import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readModelFolder } from "../../src/cli/model-folder";
import type { Measure, MethodConfig, Metrics, RunConfig } from "../../src/contracts";
import { shareIn } from "../../src/contracts";
import { firstTasks, normalizeTasks, parseSuite, tasksOf } from "../../src/evaluate/suite";
import { configure, findMethod } from "../../src/methods";
import { heldOutSet } from "../../src/tasks/held-out";
import { train } from "../../src/train";
import { createNodeVerifier } from "../../src/verify/node";
import { openTestEngine } from "./models";

/** The shipped model; it prefers to answer at once, and works a fifth of its answers out. */
const folder = resolve("public/models/kelvin-nano");
const present = existsSync(join(folder, "model.safetensors"));
if (!present) console.log(`skipped: learning needs the shipped model, and ${folder} has no model.safetensors`);

const { engine, name } = await openTestEngine();
const STEPS = 30;
const TASKS = 100;
/** Milliseconds that it may take on a machine that does much else; a minute is usual on two cores. */
const BUSY = 600_000;
/** Steps at either end that are compared. */
const ENDS = 5;

describe.runIf(present)(`learning on ${name}`, () => {
  const verifier = present ? createNodeVerifier() : null;
  afterAll(async () => (await verifier)?.dispose());

  it(
    "takes 30 updates of self-play to work answers out, and to be right on held-out deductions",
    async () => {
      const checks = await verifier;
      if (!checks) throw new Error("the verifier is there if the model is");
      const method = findMethod("azr");
      const overrides: MethodConfig = { ...method.presets["small"], solverTasks: 16, learningRate: 4e-4 };
      const model = await engine.loadModel(await readModelFolder(folder));
      // The model was made with answers of at most 112 tokens, and its runs were recorded so.
      expect(model.longestCompletion).toBe(112);
      model.resetOptimizer();
      const whole = parseSuite("in-distribution", readFileSync("public/suites/in-distribution.jsonl", "utf8"));
      const tasks = tasksOf(firstTasks(whole, TASKS), "deduction");
      const suite = { name: "in-distribution", tasks: await normalizeTasks(checks, tasks) };
      const run: RunConfig = {
        ...{ method: "azr", model: "kelvin-nano", seed: 1, steps: STEPS, overrides },
        ...{ evaluateTasks: TASKS, evaluateEvery: 0 },
      };
      const world = {
        ...{ policy: model, learner: model, verifier: checks, suites: [suite], heldOut: heldOutSet(suite.tasks) },
        ...{ seedTasks: [], model: model.info, device: name, kernels: {}, now: () => performance.now() },
      };
      const steps: Metrics[] = [];
      const measured: (readonly Measure[])[] = [];
      for await (const event of train(method, configure(method, overrides), run, world)) {
        if (event.type === "step.end") steps.push(event.metrics);
        if (event.type === "evaluate.result") measured.push(event.measures);
      }
      model.destroy();
      expect(steps.length).toBe(STEPS);
      expect(measured.length).toBe(2);
      const mean = (of: readonly Metrics[], metric: string) =>
        of.reduce((sum, metrics) => sum + (metrics[metric] ?? Number.NaN), 0) / of.length;
      for (const metric of ["trace/share/deduction", "trace/share/abduction"]) {
        const [first, last] = [mean(steps.slice(0, ENDS), metric), mean(steps.slice(-ENDS), metric)];
        expect(last, metric).toBeGreaterThan(first + 0.3);
      }
      // One standard error of the difference of two shares of 100 is at most .071; random rewards moved it by .032 at most (README).
      const gain = (what: string) =>
        (shareIn(measured[1], `deduction/${what}`) ?? Number.NaN) -
        (shareIn(measured[0], `deduction/${what}`) ?? Number.NaN);
      expect(gain("greedy")).toBeGreaterThan(0.25);
      expect(gain("sampled")).toBeGreaterThan(0.2);
      expect(gain("complete")).toBeGreaterThan(0.25);
      expect(gain("traceShare")).toBeGreaterThan(0.3);
    },
    BUSY,
  );
});
