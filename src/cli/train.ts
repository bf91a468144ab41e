import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { KelvinError, type Method, type MethodConfig, type RunConfig, type TrainEvent } from "../contracts";
import { normalizeTasks, type Suite } from "../evaluate/suite";
import { type AdapterChoice, openNodeGpu } from "../gpu/node-adapter";
import { configure, findMethod, METHODS, parseSetting } from "../methods";
import { type LoadedModel, openEngine } from "../model/engine";
import { heldOutSet } from "../tasks/held-out";
import { parseLog } from "../telemetry/log";
import { RunTotals } from "../telemetry/totals";
import { freshState, needsReference, type TrainState, train, type World } from "../train";
import { createNodeVerifier } from "../verify/node";
import { type Arguments, readArguments } from "./arguments";
import { readAdapter } from "./evaluate";
import { DEFAULT_MODEL, findModelFolder, readModelFolder } from "./model-folder";
import { progressLine } from "./progress";
import { RunFolder, readCheckpoint, readEngineState, readLogLines } from "./run-folder";
import { defaultSuites, exampleCandidates, findSuite, SUITE_NAMES, suiteFile } from "./suites";

const USAGE = `train ${METHODS.map(({ name }) => name).join("|")} [--model DIR] [--steps N] [--seed S] [--set key=value]… [--preset NAME] [--out DIR] [--resume DIR] [--suite NAME|FILE.jsonl]… [--evaluate-tasks N] [--evaluate-every N] [--checkpoint-every N] [--adapter NAME] [--json]`;

const KINDS = {
  model: "value",
  steps: "value",
  seed: "value",
  set: "values",
  preset: "value",
  out: "value",
  resume: "value",
  suite: "values",
  "evaluate-tasks": "value",
  "evaluate-every": "value",
  "checkpoint-every": "value",
  adapter: "value",
  json: "flag",
} as const;

/** Adam as the recipe has it: no weight decay, global norm clipped to 1. */
const OPTIMIZER = { betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, maxGradNorm: 1 } as const;

/** A run, checked as far as possible before anything is opened or written. */
interface Plan {
  readonly method: Method;
  readonly config: MethodConfig;
  readonly run: RunConfig;
  readonly suiteNames: readonly string[];
  readonly suites: readonly Suite[];
  readonly modelFolder: string;
  readonly adapter: AdapterChoice;
  readonly out: string;
  readonly checkpointEvery: number;
  /** The run that is continued. */
  readonly resumed: { readonly folder: string; readonly state: TrainState; readonly log: readonly string[] } | null;
}

/** `train METHOD`: the browser's engine and loop, headless. */
export async function main(argv: string[]): Promise<number> {
  const options = readArguments(argv, KINDS, USAGE);
  const plan =
    options.value("resume") === undefined
      ? planFresh(options)
      : planResumed(options, resolve(options.value("resume") ?? ""));
  const gpu = await openNodeGpu(plan.adapter);
  const engine = await openEngine(gpu.adapter);
  const model = await engine.loadModel(readModelFolder(plan.modelFolder));
  const json = options.flag("json");
  const say = json ? console.error : console.log;
  say(`${plan.method.title} on ${model.info.name} (${model.info.parameters} parameters), ${gpu.name}`);
  await runPlan(plan, model, gpu.name, say, json);
  return 0;
}

function planFresh(options: Arguments): Plan {
  const method = methodOf(options);
  const overrides = Object.assign(
    {},
    preset(method, options.value("preset")),
    ...options.values("set").map((text) => parseSetting(method, text)),
  );
  const seed = options.count("seed", 0, 0);
  const run: RunConfig = {
    ...{ method: method.name, model: options.value("model") ?? DEFAULT_MODEL, seed, overrides },
    steps: options.count("steps", 60, 1),
    evaluateTasks: options.count("evaluate-tasks", 300, 0),
    evaluateEvery: options.count("evaluate-every", 0, 0),
  };
  const out = resolve(options.value("out") ?? join("runs", `${method.name}-seed-${seed}`));
  RunFolder.requireEmpty(out);
  return { ...planOf(options, method, run, options.values("suite")), out, resumed: null };
}

const FIXED_BY_RUN = ["model", "seed", "preset", "evaluate-tasks", "evaluate-every"];

function planResumed(options: Arguments, folder: string): Plan {
  const method = methodOf(options);
  const fixed = FIXED_BY_RUN.filter((name) => options.value(name) !== undefined);
  if (options.values("set").length + options.values("suite").length > 0) fixed.push("set and suite");
  if (fixed.length > 0)
    throw new KelvinError(
      "input",
      `--${fixed[0]} is fixed by the run that is resumed`,
      "only --steps, --out and --adapter may change",
    );
  const saved = readCheckpoint(folder);
  if (saved.run.method !== method.name)
    throw new KelvinError(
      "input",
      `${folder} is a run of ${saved.run.method}`,
      `train ${saved.run.method} --resume ${folder}`,
    );
  const run = { ...saved.run, steps: options.count("steps", saved.run.steps, 1) };
  if (saved.state.step >= run.steps)
    throw new KelvinError("input", `${folder} has taken all ${run.steps} steps`, "go further with a larger --steps");
  const out = resolve(options.value("out") ?? folder);
  if (out !== folder) RunFolder.requireEmpty(out);
  const log = readLogLines(folder, saved.events);
  return { ...planOf(options, method, run, saved.suites), out, resumed: { folder, state: saved.state, log } };
}

function planOf(
  options: Arguments,
  method: Method,
  run: RunConfig,
  suiteNames: readonly string[],
): Omit<Plan, "out" | "resumed"> {
  const modelFolder = findModelFolder(run.model);
  const config = configure(method, run.overrides);
  const suites =
    suiteNames.length > 0 ? suiteNames.map((name) => findSuite(name, modelFolder)) : defaultSuites(modelFolder);
  const checkpointEvery = options.count("checkpoint-every", 20, 1);
  return {
    method,
    config,
    run,
    suiteNames,
    suites,
    modelFolder,
    adapter: readAdapter(options.value("adapter")),
    checkpointEvery,
  };
}

function methodOf({ positionals }: Arguments): Method {
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0)
    throw new KelvinError("input", name === undefined ? "no method named" : `unexpected ${rest[0]}`, USAGE);
  return findMethod(name);
}

function preset(method: Method, name: string | undefined): MethodConfig {
  if (name === undefined) return {};
  const values = Object.hasOwn(method.presets, name) ? method.presets[name] : undefined;
  if (!values)
    throw new KelvinError(
      "input",
      `${method.name} has no preset "${name}"`,
      `presets: ${Object.keys(method.presets).join(", ")}`,
    );
  return values as MethodConfig;
}

async function runPlan(
  plan: Plan,
  model: LoadedModel,
  device: string,
  say: (line: string) => void,
  json: boolean,
): Promise<void> {
  const verifier = await createNodeVerifier();
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  try {
    model.resetOptimizer(OPTIMIZER);
    const reference = needsReference(plan.method.loss(plan.config)) ? await model.freezeReference() : undefined;
    if (plan.resumed) await model.importState(readEngineState(plan.resumed.folder));
    const suites = await normalizeSuites(plan.suites, verifier);
    const heldOut = heldOutSet(suites.flatMap(({ tasks }) => tasks));
    const world: World = {
      ...{
        policy: model,
        learner: model,
        verifier,
        suites,
        heldOut,
        seedTasks: await normalizeTasks(verifier, exampleCandidates()),
        model: model.info,
        device,
        kernels: {},
      },
      ...{ now: () => performance.now(), signal: stop.signal },
      ...(reference ? { reference } : {}),
    };
    const totals = await follow(plan, model, world, say);
    if (json) console.log(JSON.stringify(totals.summary()));
  } finally {
    await verifier.dispose();
    model.destroy();
  }
}

async function normalizeSuites(suites: readonly Suite[], verifier: World["verifier"]): Promise<Suite[]> {
  const normalized: Suite[] = [];
  for (const { name, tasks } of suites) normalized.push({ name, tasks: await normalizeTasks(verifier, tasks) });
  return normalized;
}

/** Writes the run down as it goes; only now does the folder come into being. */
async function follow(plan: Plan, model: LoadedModel, world: World, say: (line: string) => void): Promise<RunTotals> {
  const state = plan.resumed?.state ?? freshState();
  const folder = RunFolder.begin(plan.out, plan.resumed?.log);
  const totals = new RunTotals();
  for (const event of plan.resumed ? parseLog(`${plan.resumed.log.join("\n")}\n`) : []) totals.see(event);
  const record = (event: TrainEvent): void => {
    folder.append(event);
    totals.see(event);
    const line = progressLine(event, plan.run.steps);
    if (line !== null) say(line);
  };
  try {
    for await (const event of train(plan.method, plan.config, plan.run, world, state)) {
      const stepped = event.type === "step.end" || event.type === "step.skip";
      // The end of a run is not part of its checkpoint: a resumed run goes on where the steps ended.
      if (event.type === "run.end") await saveCheckpoint(plan, folder, model, state);
      record(event);
      if (stepped && state.step % plan.checkpointEvery === 0) await saveCheckpoint(plan, folder, model, state);
    }
  } catch (error) {
    record({
      type: "run.end",
      reason: "failed",
      message: error instanceof Error ? error.message : String(error),
      step: state.step,
      ms: state.elapsed,
    });
    folder.saveSummary(totals.summary());
    throw error;
  }
  folder.saveSummary(totals.summary());
  return totals;
}

async function saveCheckpoint(plan: Plan, folder: RunFolder, model: LoadedModel, state: TrainState): Promise<void> {
  const names = ["config.json", "tokenizer.json", ...SUITE_NAMES.map(suiteFile)];
  const companions = names.map((name) => join(plan.modelFolder, name)).filter((path) => existsSync(path));
  const weights = { safetensors: await model.exportWeights(), engine: await model.exportState(), companions };
  folder.saveCheckpoint({ run: plan.run, suites: plan.suiteNames, state }, weights);
}
