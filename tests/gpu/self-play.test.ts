import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readModelFolder } from "../../src/cli/model-folder";
import { openNodeAdapter } from "../../src/cli/node-adapter";
import {
  freshState,
  type LoraConfig,
  type MethodConfig,
  type RunConfig,
  type TrainEvent,
  type TrainState,
  type Verifier,
} from "../../src/contracts";
import { parseSuite } from "../../src/evaluate/suite";
import { configure, findMethod } from "../../src/methods";
import { DEFAULT_PLAN, type Engine, openEngine, type Plan } from "../../src/model/engine";
import { leanerPlans } from "../../src/model/plan";
import { createRng } from "../../src/rollout/rng";
import { train } from "../../src/train";
import { createNodeVerifier } from "../../src/verify/node";
import { fileOf, joined } from "./models";

/** The shipped model, or any other that speaks the task language. */
const folder = resolve(process.env["KELVIN_MODEL"] ?? "public/models/kelvin-nano");
const present = existsSync(join(folder, "model.safetensors"));
if (!present) console.log(`skipped: self-play needs a trained model, and ${folder} has no model.safetensors`);

const line = (input: number) =>
  JSON.stringify({
    type: "deduction",
    program: "def f(x):\n return x+3",
    input: `${input}`,
    output: `${input + 3}`,
    statements: 1,
  });
const suite = parseSuite("in-distribution", Array.from({ length: 6 }, (_, input) => line(input)).join("\n"));

const byHand = {
  exampleRule: "by-hand",
  exampleProgram: "def f(x):\n x=x+[2]\n x=[a+1 for a in x]\n return x+[9]",
  exampleInput: "[6,5,4]",
};

let engine: Engine;
let verifier: Verifier;

/** Facts without their times. */
const facts = (events: readonly TrainEvent[]) =>
  events
    .filter(({ type }) => !type.startsWith("live."))
    .map((event) => JSON.stringify({ ...event, ms: 0, timings: {} }));

interface Outcome {
  readonly events: TrainEvent[];
  readonly state: TrainState;
  readonly engineState: Uint8Array<ArrayBuffer>;
  readonly weights: Uint8Array<ArrayBuffer>;
}

/** Runs a method on the real parts until `state.step` is `until`; begins where `from` ended. */
async function play(
  name: string,
  overrides: MethodConfig,
  until: number,
  from?: Outcome,
  lora?: LoraConfig,
  plan: Partial<Plan> = {},
): Promise<Outcome> {
  const method = findMethod(name);
  const config = configure(method, overrides);
  const run: RunConfig = {
    method: name,
    model: "m",
    seed: 11,
    steps: 3,
    overrides,
    evaluateTasks: 6,
    evaluateEvery: 2,
    ...(lora ? { lora } : {}),
  };
  const adapter = lora && { lora, rng: createRng(run.seed) };
  const model = await engine.loadModel(await readModelFolder(folder), plan, adapter);
  model.resetOptimizer();
  const reference = method.needs(config).reference ? await model.freezeReference() : undefined;
  if (from) await model.importState(fileOf([from.engineState]));
  const state = from ? { ...from.state, memory: new Map(from.state.memory) } : freshState();
  const world = {
    ...{ policy: model, learner: model, verifier, suites: [suite], heldOut: new Set<string>(), seedTasks: [] },
    ...{
      model: model.info,
      device: "test",
      kernels: {},
      now: () => performance.now(),
      ...(reference ? { reference } : {}),
    },
  };
  const events: TrainEvent[] = [];
  for await (const event of train(method, config, run, world, state)) {
    events.push(event);
    if (until < run.steps && state.step === until) break;
  }
  const [engineState, weights] = [joined(await model.exportState()), joined(await model.exportWeights())];
  const outcome = { events, state, engineState, weights };
  model.destroy();
  return outcome;
}

describe.runIf(present)("self-play on the real engine and verifier", () => {
  beforeAll(async () => {
    engine = await openEngine(await openNodeAdapter());
    verifier = await createNodeVerifier();
  });
  afterAll(() => verifier.dispose());

  const small = findMethod("azr").presets["small"] as MethodConfig;
  let whole: Outcome;

  it("proposes, verifies, solves and learns", async () => {
    whole = await play("azr", small, 3);
    const ends = whole.events.flatMap((event) => (event.type === "step.end" ? [event.metrics] : []));
    expect(ends.length).toBe(3);
    for (const metrics of ends) {
      expect(metrics["valid/rate"]).toBeGreaterThan(0.4);
      expect(metrics["accuracy/solver"]).toBeGreaterThan(0.05);
      expect(metrics["policy/gradNorm"]).toBeGreaterThan(0);
      // Sampler and trainer are two forward passes with the same bits.
      expect(metrics["policy/logprobGap"]).toBe(0);
    }
  });

  it("gives the same events and weights for the same seed, stopped and continued with less memory or not", async () => {
    const first = await play("azr", small, 1);
    // The leanest writes 16 at a time, which takes longer and shows no more.
    const lean = leanerPlans(DEFAULT_PLAN).at(-2);
    expect(lean).toMatchObject({ activations: "recomputed", slots: 32, promptRows: 2048 });
    const second = await play("azr", small, 3, first, undefined, lean);
    expect(facts([...first.events, ...second.events])).toEqual(facts(whole.events));
    expect(second.weights).toEqual(whole.weights);
  });

  it("trains adapters alone, here over halves, and says so; stopped and continued or not", async () => {
    const lora: LoraConfig = { rank: 4, alpha: 8, targets: ["q", "v", "gate", "down"], base: "float16" };
    const adapted = await play("azr", small, 2, undefined, lora);
    const { events, engineState } = adapted;
    expect(events.find(({ type }) => type === "run.start")).toMatchObject({ lora });
    const ends = events.flatMap((event) => (event.type === "step.end" ? [event.metrics] : []));
    expect(ends.length).toBe(2);
    for (const metrics of ends) {
      expect(metrics["policy/gradNorm"]).toBeGreaterThan(0);
      expect(metrics["policy/logprobGap"]).toBe(0);
    }
    // The adapters and their moments: the base is in no checkpoint of theirs.
    expect(engineState.byteLength).toBeLessThan(whole.engineState.byteLength / 10);
    const first = await play("azr", small, 1, undefined, lora);
    const second = await play("azr", small, 2, first, lora);
    expect(facts([...first.events, ...second.events])).toEqual(facts(events));
    expect([second.weights, second.engineState]).toEqual([adapted.weights, engineState]);
  });

  it("trains on one example, held near the frozen base", async () => {
    const { events } = await play("one-shot", { ...byHand, groups: 1 }, 3);
    const ends = events.flatMap((event) => (event.type === "step.end" ? [event.metrics] : []));
    const skips = events.filter(({ type }) => type === "step.skip").length;
    expect(ends.length + skips).toBe(3);
    expect(ends.length).toBeGreaterThan(1);
    expect(ends[0]?.["policy/kl"]).toBeLessThan(1e-6);
    expect(ends.at(-1)?.["policy/kl"]).toBeGreaterThan(0);
  });
});
