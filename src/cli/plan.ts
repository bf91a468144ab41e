import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  adapterSettings,
  KelvinError,
  LORA_FORM,
  type LoraConfig,
  loraProblem,
  type Method,
  type MethodConfig,
  MOST_STEPS,
  type RunConfig,
  readLora,
  type TrainState,
  type WorkedPair,
} from "../contracts";
import type { Simd } from "../device/device";
import { parsePairs } from "../evaluate/pairs";
import type { Suite } from "../evaluate/suite";
import { configure, findMethod, METHODS, parseSetting } from "../methods";
import { type Kernels, parseKernels } from "../ops/kernels";
import { parseLog } from "../telemetry/log";
import { type Arguments, overChosenBase, readArguments, withoutChat, workersOf } from "./arguments";
import type { DiskFolder } from "./checkpoint-folder";
import { readTextFile } from "./disk";
import { usualWorkers } from "./helper-threads";
import { DEFAULT_MODEL, findModel, type ModelPlace } from "./model-folder";
import { ADAPTER_CHOICES, type AdapterChoice, SIMD_CHOICES } from "./node-adapter";
import { isComplete, RunFolder, readCheckpoint, readLogLines } from "./run-folder";
import { defaultSuites, findSuite } from "./suites";

const USAGE = `npm run train -- ${METHODS.map(({ name }) => name).join("|")} [--model DIR|URL] [--steps N] [--seed S] [--set key=value]… [--lora RANK[:ALPHA[:TARGETS]] [--base f32|f16]] [--preset NAME] [--out DIR] [--resume DIR] [--pairs FILE.jsonl] [--suite NAME|FILE.jsonl]… [--evaluate-tasks N] [--evaluate-every N] [--checkpoint-every N] [--adapter NAME] [--simd plain|relaxed] [--workers N] [--kernels RUN] [--chat on|off] [--json]`;

const KINDS = {
  model: "value",
  steps: "value",
  seed: "value",
  set: "values",
  lora: "value",
  base: "value",
  preset: "value",
  out: "value",
  resume: "value",
  pairs: "value",
  suite: "values",
  "evaluate-tasks": "value",
  "evaluate-every": "value",
  "checkpoint-every": "value",
  adapter: "value",
  simd: "value",
  workers: "value",
  kernels: "value",
  chat: "value",
  json: "flag",
} as const;

/** A run, checked as far as possible before anything is opened or written. */
export interface Plan {
  readonly method: Method;
  readonly config: MethodConfig;
  readonly run: RunConfig;
  readonly suiteNames: readonly string[];
  readonly suites: readonly Suite[];
  /** Suites that must never be trained on: these and the model's own. */
  readonly heldOut: readonly Suite[];
  /** Examples of a file; they are in the memory of a run that goes on. */
  readonly pairs: readonly WorkedPair[];
  readonly model: ModelPlace;
  readonly adapter: AdapterChoice;
  /** Arithmetic of the CPU engine. */
  readonly simd: Simd;
  /** Workers of the CPU engine; they change no bit. */
  readonly workers: number;
  /** Kernels of the resumed or repeated run; null to choose the fastest here. */
  readonly kernels: Kernels | null;
  readonly out: string;
  readonly checkpointEvery: number;
  readonly json: boolean;
  /** The resumed run; null for a new one. */
  readonly resumed: Resumed | null;
}

/** A run that goes on. */
export interface Resumed {
  readonly folder: string;
  readonly checkpoint: DiskFolder;
  /** What the reader should know of its checkpoint. */
  readonly notices: readonly string[];
  readonly state: TrainState;
  /** Lines of its log up to the checkpoint. */
  readonly log: readonly string[];
}

/** Parses and checks a command line. @throws KelvinError "input" or "config" before anything is written */
export async function planRun(argv: readonly string[]): Promise<Plan> {
  const options = readArguments(argv, KINDS, USAGE);
  const resumed = options.value("resume");
  return resumed === undefined ? planFresh(options) : planResumed(options, resolve(resumed));
}

function planFresh(options: Arguments): Plan {
  const method = methodOf(options);
  const lora = loraOf(options);
  const chosen = preset(method, options.value("preset"));
  const overrides = {
    ...chosen,
    ...(lora && adapterSettings({ ...method.defaults, ...chosen })),
    ...Object.fromEntries(options.values("set").flatMap((text) => Object.entries(parseSetting(method, text)))),
  };
  const seed = options.count("seed", 0, 0);
  const run: RunConfig = {
    ...{ method: method.name, model: options.value("model") ?? method.model ?? DEFAULT_MODEL, seed, overrides },
    steps: options.count("steps", 60, 1, MOST_STEPS),
    evaluateTasks: options.count("evaluate-tasks", 300, 0),
    evaluateEvery: options.count("evaluate-every", 0, 0),
    ...(lora && { lora }),
    ...(withoutChat(options) && { chat: "off" }),
  };
  const out = resolve(options.value("out") ?? join("runs", `${method.name}-seed-${seed}`));
  RunFolder.requireEmpty(out);
  const repeated = options.value("kernels");
  const kernels = repeated === undefined ? null : demandKernels(repeated);
  const pairs = readPairs(method, options.value("pairs"));
  return { ...planOf(options, method, run, options.values("suite")), kernels, pairs, out, resumed: null };
}

/** @throws KelvinError "input" for a method that learns from no examples, or a file without pairs */
function readPairs({ name, teacher }: Method, file: string | undefined): readonly WorkedPair[] {
  if (file === undefined) return [];
  if (teacher !== "examples")
    throw new KelvinError("input", `${name} learns from no examples`, "--pairs is for sft; or leave it out");
  return parsePairs(file, readTextFile(file));
}

/** @throws KelvinError "input" if the run's log does not name its kernels, so that it cannot be repeated bit by bit */
function demandKernels(run: string): Kernels {
  const kernels = recordedKernels(readLogLines(resolve(run), 1));
  if (kernels) return kernels;
  const hint = "it may be of another version; leave --kernels out, and kernels are chosen anew";
  throw new KelvinError("input", `the log of ${run} does not begin with kernels that are known here`, hint);
}

/** The kernels named at the start of a run's log; null if unknown. Equal kernels give equal bits. */
function recordedKernels(log: readonly string[]): Kernels | null {
  for (const event of parseLog(log.map((line) => `${line}\n`).join("")))
    if (event.type === "run.start") return parseKernels(event.kernels);
  return null;
}

const FIXED_BY_RUN = [
  "simd",
  "model",
  "seed",
  "preset",
  "pairs",
  "lora",
  "base",
  "kernels",
  "chat",
  "evaluate-tasks",
  "evaluate-every",
];

async function planResumed(options: Arguments, folder: string): Promise<Plan> {
  const method = methodOf(options);
  const fixed = FIXED_BY_RUN.filter((name) => options.value(name) !== undefined);
  if (options.values("set").length + options.values("suite").length > 0) fixed.push("set and suite");
  if (fixed.length > 0)
    throw new KelvinError(
      "input",
      `--${fixed[0]} is fixed by the run that is resumed`,
      "only --steps, --out, --adapter and --workers may change",
    );
  const { saved, folder: checkpoint, notices } = await readCheckpoint(folder);
  if (saved.run.method !== method.name)
    throw new KelvinError(
      "input",
      `${folder} is a run of ${saved.run.method}`,
      `npm run train -- ${saved.run.method} --resume ${folder}`,
    );
  const run = { ...saved.run, steps: options.count("steps", saved.run.steps, 1, MOST_STEPS) };
  if (saved.state.step >= run.steps && isComplete(folder, saved.events))
    throw new KelvinError("input", `${folder} has taken all ${run.steps} steps`, "go further with a larger --steps");
  const out = resolve(options.value("out") ?? folder);
  if (out !== folder) RunFolder.requireEmpty(out);
  const log = readLogLines(folder, saved.events);
  const resumed = { folder, checkpoint, notices, state: saved.state, log };
  return { ...planOf(options, method, run, saved.suites), kernels: recordedKernels(log), pairs: [], out, resumed };
}

function planOf(
  options: Arguments,
  method: Method,
  run: RunConfig,
  suiteNames: readonly string[],
): Omit<Plan, "out" | "resumed" | "kernels" | "pairs"> {
  const model = findModel(run.model);
  const own = defaultSuites(model.folder);
  const named = suiteNames.map((name) => findSuite(name, model.folder));
  return {
    method,
    config: configure(method, run.overrides),
    run: { ...run, model: model.address ? run.model : model.folder },
    suiteNames: suiteNames.map((name) => (existsSync(name) ? resolve(name) : name)),
    suites: named.length > 0 ? named : own,
    heldOut: [...named, ...own],
    model,
    adapter: options.choice("adapter", ADAPTER_CHOICES, "auto"),
    simd: options.choice("simd", SIMD_CHOICES, "plain"),
    workers: workersOf(options, usualWorkers()),
    checkpointEvery: options.count("checkpoint-every", 20, 1),
    json: options.flag("json"),
  };
}

function methodOf({ positionals }: Arguments): Method {
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0)
    throw new KelvinError("input", name === undefined ? "no method named" : `unexpected ${rest[0]}`, USAGE);
  return findMethod(name);
}

function loraOf(options: Arguments): LoraConfig | null {
  const text = options.value("lora");
  const lora = text === undefined ? null : readLora(text);
  if (lora && loraProblem(lora)) throw new KelvinError("input", `--lora ${text}`, LORA_FORM);
  return overChosenBase(options, lora);
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
