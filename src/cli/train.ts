import { describeLora, freshState, type Verifier } from "../contracts";
import type { DeviceAdapter } from "../device/adapter";
import { checkGolds } from "../evaluate/check-golds";
import { normalizeTasks, type Suite } from "../evaluate/suite";
import { type Engine, type LoadedModel, openEngine } from "../model/engine";
import { describeNeed } from "../model/memory-plan";
import { sameKernels } from "../ops/kernels";
import { createRng } from "../rollout/rng";
import { heldOutSet } from "../tasks/held-out";
import { demandPrograms } from "../tasks/prompts";
import type { RunTotals } from "../telemetry/totals";
import { train, type World } from "../train";
import { createNodeVerifier } from "../verify/node";
import { CHAT_NOTICE } from "./arguments";
import { onEnding } from "./ending";
import { openModel } from "./model-folder";
import { openNodeAdapter } from "./node-adapter";
import { type Plan, planRun } from "./plan";
import { Recorder, type Say } from "./recorder";
import { openEngineState } from "./run-folder";
import { exampleCandidates } from "./suites";
import { tuningFile } from "./tuning-file";

/** `train METHOD`: the browser's engine and loop without a page. */
export async function main(argv: string[]): Promise<number> {
  const plan = await planRun(argv);
  const adapter = await openAdapter(plan);
  const choice = plan.kernels ? { kernels: plan.kernels } : { tuning: tuningFile() };
  const engine = await openEngine(adapter, choice);
  const { lora, seed } = plan.run;
  const trained = lora && { lora, rng: createRng(seed) };
  const reference = plan.method.needs(plan.config).reference === true;
  const model = await engine.loadModel(await openModel(plan.model), { reference }, trained);
  model.useChat(plan.run.chat !== "off");
  const say: Say = plan.json ? console.error : console.log;
  for (const notice of plan.resumed?.notices ?? []) say(notice);
  if (plan.kernels && !sameKernels(plan.kernels, engine.kernels))
    say("this adapter lacks kernels of the recorded run: numbers will differ in their last digits");
  if (plan.resumed && !plan.kernels)
    say("the run's record names no kernels that are known here: chosen anew, its last digits may differ from here on");
  if (lora) say(`${describeLora(lora)}: ${model.trainedParameters} parameters are trained`);
  say(`${plan.method.title} on ${model.info.name} (${model.info.parameters} parameters), ${adapter.name}`);
  say(describeNeed(model.memory));
  if (model.chat) say(CHAT_NOTICE);
  const verifier = await createNodeVerifier({ notice: console.error });
  try {
    const world = await openWorld(plan, engine, model, verifier, adapter.name);
    const totals = await follow(plan, model, world, say);
    if (plan.json) console.log(JSON.stringify(totals.summary()));
  } finally {
    await verifier.dispose();
    model.destroy();
  }
  return 0;
}

/**
 * Opens the adapter. A run that is resumed or repeated computes where it did, unless another adapter is named. If its GPU is
 * missing here, it continues on the adapter that a new run would take.
 */
async function openAdapter({ adapter, simd, workers, kernels }: Plan): Promise<DeviceAdapter> {
  const isNamed = adapter !== "auto" || process.env["KELVIN_ADAPTER"];
  if (isNamed || !kernels) return openNodeAdapter(adapter, kernels?.simd ?? simd, workers);
  if (kernels.simd) return openNodeAdapter("cpu", kernels.simd, workers);
  return openNodeAdapter("gpu").catch(() => openNodeAdapter("auto", simd, workers));
}

/** Creates everything the loop works with. Copies the reference before a checkpoint's weights replace the base. */
async function openWorld(
  plan: Plan,
  engine: Engine,
  model: LoadedModel,
  verifier: Verifier,
  device: string,
): Promise<World> {
  demandPrograms(plan.method, model);
  model.resetOptimizer();
  const needs = plan.method.needs(plan.config);
  const reference = needs.reference === true ? await model.freezeReference() : undefined;
  const rollBack = needs.rollBack === true ? await model.keepState() : undefined;
  if (plan.resumed) await model.importState(openEngineState(plan.resumed.checkpoint));
  const suites = await normalizeSuites(verifier, plan.heldOut);
  return {
    policy: model,
    learner: model,
    ...(reference ? { reference } : {}),
    ...(rollBack && { rollBack }),
    verifier,
    suites: suites.slice(0, plan.suites.length),
    heldOut: heldOutSet(suites.flatMap(({ tasks }) => tasks)),
    seedTasks: await normalizeTasks(verifier, exampleCandidates()),
    ...(plan.pairs.length > 0 && { pairs: plan.pairs }),
    model: model.info,
    device,
    kernels: engine.kernels,
    now: () => performance.now(),
    signal: stopSignal(),
  };
}

async function normalizeSuites(verifier: Verifier, suites: readonly Suite[]): Promise<Suite[]> {
  const normalized: Suite[] = [];
  for (const suite of suites) {
    await checkGolds(verifier, suite);
    normalized.push({ ...suite, tasks: await normalizeTasks(verifier, suite.tasks) });
  }
  return normalized;
}

/** The first interrupt ends the run after the current step or in an evaluation, with a checkpoint; the second ends it at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  onEnding(() => stop.abort());
  return stop.signal;
}

/** Runs the plan to its end and records it. Nothing is written before the preparation has succeeded. */
async function follow(plan: Plan, model: LoadedModel, world: World, say: Say): Promise<RunTotals> {
  const state = plan.resumed?.state ?? freshState();
  const record = new Recorder(plan, model, state, say);
  try {
    for await (const event of train(plan.method, plan.config, plan.run, world, state)) await record.see(event);
  } catch (error) {
    record.fail(error);
    throw error;
  }
  return record.totals;
}
