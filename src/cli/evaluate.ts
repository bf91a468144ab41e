import {
  describeSampling,
  grouped,
  KelvinError,
  largest,
  type Measure,
  partsOf,
  type SamplingOptions,
  samplingProblem,
  WHATS,
} from "../contracts";
import { checkGolds } from "../evaluate/check-golds";
import { evaluate } from "../evaluate/evaluate";
import { firstTasks, type Suite } from "../evaluate/suite";
import { parseConfig } from "../model/config";
import { openEngine } from "../model/engine";
import { describeNeed } from "../model/memory-plan";
import { finish } from "../rollout/phase";
import { createRng } from "../rollout/rng";
import { createNodeVerifier } from "../verify/node";
import { readAdapterFolder, refuseMerged } from "./adapter-folder";
import { type Arguments, CHAT_NOTICE, readArguments, refusePositionals, withoutChat, workersOf } from "./arguments";
import { usualWorkers } from "./helper-threads";
import { DEFAULT_MODEL, findModel, type ModelPlace, openModel } from "./model-folder";
import { ADAPTER_CHOICES, type AdapterChoice, openNodeAdapter, SIMD_CHOICES } from "./node-adapter";
import { findSuite } from "./suites";

const USAGE =
  "npm run evaluate -- --model DIR|URL [--lora ADAPTER_DIR [--base f32|f16]] [--suite NAME|FILE.jsonl] [--samples N] [--temperature T] [--top-k K] [--top-p P] [--min-p P] [--tasks N] [--seed S] [--chat on|off] [--adapter NAME] [--simd plain|relaxed] [--workers N] [--json]";

/** `evaluate`: what a model's answers to a suite come to. */
export async function main(argv: string[]): Promise<number> {
  const kinds = {
    model: "value",
    lora: "value",
    base: "value",
    suite: "value",
    samples: "value",
    temperature: "value",
    "top-k": "value",
    "top-p": "value",
    "min-p": "value",
    tasks: "value",
    seed: "value",
    chat: "value",
    adapter: "value",
    simd: "value",
    workers: "value",
    json: "flag",
  } as const;
  const options = readArguments(argv, kinds, USAGE);
  refusePositionals(options, USAGE);
  const samples = options.count("samples", 1, 1);
  const chat = !withoutChat(options);
  const sampling = readSampling(options);
  const seed = options.count("seed", 0, 0);
  const adapter = options.choice("adapter", ADAPTER_CHOICES, "auto");
  const model = findModel(options.value("model") ?? DEFAULT_MODEL);
  const suite = firstTasks(
    findSuite(options.value("suite") ?? "in-distribution", model.folder),
    options.count("tasks", Number.MAX_SAFE_INTEGER, 1),
  );
  const result = await measure(model, options, suite, adapter, { samples, sampling, seed, chat });
  console.log(options.flag("json") ? JSON.stringify(toJson(result)) : table(suite, sampling, result));
  return 0;
}

/** Option names on the command line. */
const SAMPLING = { temperature: "temperature", topK: "top-k", topP: "top-p", minP: "min-p" } as const;

/** @throws KelvinError "input" that names the option and its allowed values */
function readSampling(options: Arguments): SamplingOptions {
  const given = Object.entries(SAMPLING).flatMap(([name, option]) => {
    const value = options.number(option);
    return value === undefined ? [] : [[name, value]];
  });
  const sampling: SamplingOptions = { temperature: 1, ...Object.fromEntries(given) };
  const problem = samplingProblem(sampling);
  if (!problem) return sampling;
  const option = SAMPLING[problem.option];
  throw new KelvinError("input", `--${option} ${options.value(option)}`, `expected ${problem.rule}`);
}

async function measure(
  model: ModelPlace,
  options: Arguments,
  suite: Suite,
  adapter: AdapterChoice,
  { samples, sampling, seed, chat }: { samples: number; sampling: SamplingOptions; seed: number; chat: boolean },
): Promise<readonly Measure[]> {
  refuseMerged(model.folder, options.value("lora"), "lora");
  const files = await openModel(model);
  const trained = await readAdapterFolder(options.value("lora"), parseConfig(files.config), options);
  const simd = options.choice("simd", SIMD_CHOICES, "plain");
  const engine = await openEngine(await openNodeAdapter(adapter, simd, workersOf(options, usualWorkers())));
  const policy = await engine.loadModel(files, { activations: "inference" }, trained ?? undefined);
  policy.useChat(chat);
  console.error(describeNeed(policy.memory)); // only results go to standard output
  if (policy.chat) console.error(CHAT_NOTICE);
  const verifier = await createNodeVerifier({ notice: console.error });
  try {
    await checkGolds(verifier, suite);
    const rng = createRng(seed).child("evaluate", suite.name);
    return await finish(evaluate(suite, { policy, verifier, rng, samples, sampling, forcedTrace: true }));
  } finally {
    await verifier.dispose();
    policy.destroy();
  }
}

/** Shares by subject, rounded to four digits. */
function toJson(measures: readonly Measure[]): Record<string, Record<string, number>> {
  const rounded = Object.entries(grouped(measures)).map(([subject, { tasks: _, ...rates }]) => {
    const entries = Object.entries(rates).map(([name, value]) => [name, Math.round(value * 1e4) / 1e4]);
    return [subject, Object.fromEntries(entries)];
  });
  return Object.fromEntries(rounded);
}

/** A line per subject and a column per measure. */
function table(suite: Suite, sampling: SamplingOptions, measures: readonly Measure[]): string {
  const subjects = grouped(measures);
  const whats = [...new Set(measures.map(({ name }) => partsOf(name).what || "share"))];
  const titles = whats.map((what) => (WHATS as Readonly<Record<string, string>>)[what] ?? what);
  const first = largest([suite.name, ...Object.keys(subjects)].map(({ length }) => length));
  const line = (name: string, tasks: string, cells: readonly string[]): string =>
    `${name.padEnd(first)}${tasks.padStart(7)}${cells.map((cell, at) => `  ${cell.padStart(Math.max(7, titles[at]?.length ?? 0))}`).join("")}`;
  const rows = Object.entries(subjects).map(([subject, rates]) =>
    line(
      subject,
      String(rates["tasks"]),
      whats.map((what) => rates[what]?.toFixed(3) ?? "-"),
    ),
  );
  return [line(suite.name, "tasks", titles), ...rows, `sampled at ${describeSampling(sampling)}`].join("\n");
}
