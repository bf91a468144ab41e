import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeLora, type TrainEvent, type Verifier } from "../contracts";
import { normalizeTasks, type Suite } from "../evaluate/suite";
import { openNodeGpu } from "../gpu/node-adapter";
import { type Engine, type LoadedModel, openEngine } from "../model/engine";
import { describeNeed } from "../model/memory-plan";
import { writePeft } from "../model/peft";
import { sameKernels } from "../ops/kernels";
import { createRng } from "../rollout/rng";
import { heldOutSet } from "../tasks/held-out";
import { parseLog } from "../telemetry/log";
import { RunTotals } from "../telemetry/totals";
import { freshState, needsReference, type TrainState, train, type World } from "../train";
import { createNodeVerifier } from "../verify/node";
import { COMPANIONS, openModel } from "./model-folder";
import { type Plan, planRun } from "./plan";
import { progressLine } from "./progress";
import { RunFolder, readEngineState } from "./run-folder";
import { exampleCandidates, SUITE_NAMES, suiteFile } from "./suites";
import { tuningFile } from "./tuning-file";

type Say = (line: string) => void;

/** `train METHOD`: the browser's engine and loop, headless. */
export async function main(argv: string[]): Promise<number> {
  const plan = planRun(argv);
  const gpu = await openNodeGpu(plan.adapter);
  const { availableBytes } = gpu;
  const choice = plan.kernels ? { kernels: plan.kernels } : { tuning: tuningFile() };
  const engine = await openEngine(gpu.adapter, { availableBytes, ...choice });
  const { lora, seed } = plan.run;
  const adapter = lora && { lora, rng: createRng(seed) };
  const model = await engine.loadModel(await openModel(plan.model), {}, adapter);
  const say: Say = plan.json ? console.error : console.log;
  if (plan.kernels && !sameKernels(plan.kernels, engine.kernels))
    say("this adapter lacks kernels of the recorded run: numbers will differ in their last digits");
  if (plan.resumed && !plan.kernels)
    say("the run's record names no kernels that are known here: chosen anew, its last digits may differ from here on");
  if (lora) say(`${describeLora(lora)}: ${model.trainedParameters} parameters are trained`);
  say(`${plan.method.title} on ${model.info.name} (${model.info.parameters} parameters), ${gpu.name}`);
  say(describeNeed(model.memory));
  const verifier = await createNodeVerifier({ notice: console.error });
  try {
    const world = await openWorld(plan, engine, model, verifier, gpu.name);
    const totals = await follow(plan, model, world, say);
    if (plan.json) console.log(JSON.stringify(totals.summary()));
  } finally {
    await verifier.dispose();
    model.destroy();
  }
  return 0;
}

/** Everything the loop works with. The reference is frozen before a checkpoint's weights replace the base. */
async function openWorld(
  plan: Plan,
  engine: Engine,
  model: LoadedModel,
  verifier: Verifier,
  device: string,
): Promise<World> {
  model.resetOptimizer();
  const reference = needsReference(plan.method.loss(plan.config)) ? await model.freezeReference() : undefined;
  if (plan.resumed) model.importState(readEngineState(plan.resumed.folder));
  const suites = await normalizeSuites(verifier, plan.heldOut);
  return {
    policy: model,
    learner: model,
    ...(reference ? { reference } : {}),
    verifier,
    suites: suites.slice(0, plan.suites.length),
    heldOut: heldOutSet(suites.flatMap(({ tasks }) => tasks)),
    seedTasks: await normalizeTasks(verifier, exampleCandidates()),
    model: model.info,
    device,
    kernels: engine.kernels,
    now: () => performance.now(),
    signal: stopSignal(),
  };
}

async function normalizeSuites(verifier: Verifier, suites: readonly Suite[]): Promise<Suite[]> {
  const normalized: Suite[] = [];
  for (const { name, tasks } of suites) normalized.push({ name, tasks: await normalizeTasks(verifier, tasks) });
  return normalized;
}

/** The first interrupt ends the run after its step, with a checkpoint; the second ends it at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  return stop.signal;
}

/** Follows a run to its end and writes it down. Nothing is written before its preparation has succeeded. */
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

/** Log, checkpoints, summary and progress lines of one run. */
class Recorder {
  readonly totals = new RunTotals();
  /** Null until the run is prepared; its events wait here until then. */
  private folder: RunFolder | null = null;
  private readonly waiting: TrainEvent[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly model: LoadedModel,
    private readonly state: TrainState,
    private readonly say: Say,
  ) {
    const lines = plan.resumed?.log ?? [];
    if (!plan.resumed) return;
    this.folder = RunFolder.begin(plan.out, lines);
    for (const event of parseLog(lines.map((line) => `${line}\n`).join(""))) this.totals.see(event);
  }

  async see(event: TrainEvent): Promise<void> {
    // The end of a run is not part of its checkpoint: a resumed run goes on where the steps ended.
    if (event.type === "run.end") await this.checkpoint();
    this.write(event);
    const stepped = event.type === "step.end" || event.type === "step.skip";
    if (stepped && this.state.step % this.plan.checkpointEvery === 0) await this.checkpoint();
    if (event.type === "run.end") this.folder?.saveSummary(this.totals.summary());
  }

  /** The run broke: what was learned up to the last checkpoint stays. */
  fail(error: unknown): void {
    if (!this.folder) return;
    const message = error instanceof Error ? error.message : String(error);
    this.write({ type: "run.end", reason: "failed", message, step: this.state.step, ms: this.state.elapsed });
    this.folder.saveSummary(this.totals.summary());
  }

  private write(event: TrainEvent): void {
    this.totals.see(event);
    const line = progressLine(event, this.plan.run.steps);
    if (line !== null) this.say(line);
    if (!this.folder && this.state.prepared) {
      this.folder = RunFolder.begin(this.plan.out);
      for (const earlier of this.waiting) this.folder.append(earlier);
    }
    if (this.folder) this.folder.append(event);
    else this.waiting.push(event);
  }

  private async checkpoint(): Promise<void> {
    const { plan, model, state } = this;
    const names = [...COMPANIONS, ...SUITE_NAMES.map(suiteFile)];
    const companions = names.map((name) => join(plan.model.folder, name)).filter((path) => existsSync(path));
    const adapter = await model.adapterTensors();
    const weights = {
      safetensors: await model.exportWeights(),
      engine: await model.exportState(),
      ...(adapter ? { adapter: writePeft(adapter) } : {}),
      companions,
    };
    this.folder?.saveCheckpoint({ run: plan.run, suites: plan.suiteNames, state }, weights);
  }
}
