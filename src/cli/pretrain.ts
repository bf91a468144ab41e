import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ALL_TASK_TYPES, grouped, KelvinError, type Measure, shareIn, type Verifier } from "../contracts";
import type { Simd } from "../device/device";
import { evaluate } from "../evaluate/evaluate";
import { firstTasks, parseSuite, type Suite, withNormalForms } from "../evaluate/suite";
import { parseConfig } from "../model/config";
import { type LoadedModel, openEngine } from "../model/engine";
import type { FileParts } from "../model/safetensors";
import { blobFile } from "../model/source";
import { loadTokenizer } from "../model/tokenizer";
import { configJson, numberTokens, tokenizerJson } from "../pretrain/architecture";
import { batchSource } from "../pretrain/batches";
import { type Progress, readCheckpoint, writeCheckpoint } from "../pretrain/checkpoint";
import { initialWeights } from "../pretrain/initial-weights";
import { type BaseHabits, type FormatFigures, measureFormats, measureHabits } from "../pretrain/measure";
import { modelCard } from "../pretrain/model-card";
import { type CorpusPython, openCorpusPython } from "../pretrain/python";
import { ADAM_BETAS, DOMAINS, type Recipe, SIZES, workedStarts } from "../pretrain/schedule";
import { cachedShards, UPDATES_PER_SHARD } from "../pretrain/shards";
import { trainFrom, type UpdateReport } from "../pretrain/train";
import { finish } from "../rollout/phase";
import { createRng } from "../rollout/rng";
import { createNodeVerifier } from "../verify/node";
import { readArguments, refusePositionals, workersOf } from "./arguments";
import { requireFolder } from "./disk";
import { onEnding } from "./ending";
import { usualWorkers } from "./helper-threads";
import { ADAPTER_CHOICES, type AdapterChoice, openNodeAdapter, SIMD_CHOICES } from "./node-adapter";
import { suiteLine } from "./progress";
import { suiteFile } from "./suites";

const USAGE =
  "npm run pretrain -- [--out DIR | --resume DIR] [--updates N] [--seed S] [--tokens-per-update N] [--size nano|small] [--domain programs|integrals] [--long SHARE] [--easy SHARE] [--judge SHARE] [--gaps SHARE] [--adapter NAME] [--simd plain|relaxed] [--workers N] [--prepare] [--suites DIR]";

const UPDATES = 2600;
/** Default of --updates when resuming: the number that the run was planned for. */
const KEEP = 0;
const TOKENS_PER_UPDATE = 3072;
/** Must exceed the longest example, about 200 tokens. */
const LEAST_TOKENS_PER_UPDATE = 256;
/** Updates between printed lines, between checkpoints, and between short evaluations. */
const REPORT_EVERY = 10;
const CHECKPOINT_EVERY = 100;
const EVALUATE_EVERY = 400;
/** Tasks per type of a short evaluation. */
const GLANCE_TASKS = 64;
/** Programs whose proposed variations measure the model's habits as a proposer. */
const PROPOSALS = 128;
/** Questions per later format. */
const EXAMINED = 200;
const CACHE = ".cache/pretrain";
const SUITES = ["in-distribution", "out-of-distribution", "fresh-in-distribution", "fresh-out-of-distribution"];
/** Measured too of a model that has learned long programs. */
const LONG_SUITES = [5, 6, 7, 8].map((statements) => `fresh-long-${statements}`);
const CANDIDATES = "one-shot-candidates";
/** Exit status after Ctrl-C, as shells report it: 128 plus the signal's number. */
const INTERRUPTED = 130;

/** `pretrain`: makes the base model from nothing, or resumes an earlier run. */
export async function main(argv: string[]): Promise<number> {
  const settings = readSettings(argv);
  let python: Promise<CorpusPython> | undefined;
  if (settings.suites !== undefined)
    return writeSuites(settings.suites, await openCorpusPython(settings.recipe.domain));
  const { progress, state } = settings.resume ? await pickUp(settings) : freshStart(settings);
  const openPython = () => (python ??= openCorpusPython(progress.domain));
  const tokenizer = loadTokenizer(tokenizerJson(progress));
  const shards = cachedShards(CACHE, progress, tokenizer, openPython);
  if (settings.prepare) return prepare(progress, shards);

  const adapter = await openNodeAdapter(settings.adapter, settings.simd, settings.workers);
  const { name } = adapter;
  const engine = await openEngine(adapter);
  const weights = initialWeights(
    parseConfig(configJson(progress)),
    numberTokens(progress),
    createRng(progress.seed).child("weights"),
  );
  const model = await engine.createModel(configJson(progress), weights, tokenizer, { optimizer: "muon" });
  model.resetOptimizer({ betas: ADAM_BETAS });
  if (state) await model.importState(blobFile("checkpoint", new Blob([state])));
  const started = { ...progress, adapters: [...new Set([...progress.adapters, name])] };
  const run = new Run(settings.folder, model, await openPython());
  console.log(`${model.info.parameters} parameters on ${name}; update ${started.update} of ${started.updates}`);
  await mkdir(settings.folder, { recursive: true });
  const gaps = {
    share: progress.gaps,
    context: configJson(progress).max_position_embeddings,
    rng: createRng(progress.seed).child("gaps"),
  };
  const batches = batchSource(shards, tokenizer, progress.tokensPerUpdate, workedStarts(progress), gaps);
  const done = await trainFrom(started, model, batches, { now: () => performance.now(), after: run.after });
  await run.checkpoint(done);
  if (done.update < done.updates) {
    console.log(`stopped after update ${done.update}; go on with npm run pretrain -- --resume ${settings.folder}`);
    return INTERRUPTED;
  }
  await run.publish(done);
  return 0;
}

interface Settings {
  readonly folder: string;
  readonly resume: boolean;
  readonly adapter: AdapterChoice;
  readonly simd: Simd;
  readonly workers: number;
  readonly prepare: boolean;
  readonly suites: string | undefined;
  readonly seed: number;
  readonly updates: number;
  readonly tokensPerUpdate: number;
  /** What the corpus has besides short programs in six formats. */
  readonly recipe: Recipe;
}

function readSettings(argv: readonly string[]): Settings {
  const kinds = {
    out: "value",
    resume: "value",
    updates: "value",
    seed: "value",
    "tokens-per-update": "value",
    size: "value",
    domain: "value",
    long: "value",
    easy: "value",
    judge: "value",
    gaps: "value",
    adapter: "value",
    simd: "value",
    workers: "value",
    prepare: "flag",
    suites: "value",
  } as const;
  const given = readArguments(argv, kinds, USAGE);
  refusePositionals(given, USAGE);
  const adapter = given.choice("adapter", ADAPTER_CHOICES, "auto");
  const simd = given.choice("simd", SIMD_CHOICES, "plain");
  const resume = given.value("resume");
  const fixed = ["out", "seed", "tokens-per-update", "size", "domain", "long", "easy", "judge", "gaps"].filter(
    (name) => given.value(name) !== undefined,
  );
  if (resume !== undefined && fixed.length > 0) {
    throw new KelvinError("input", `--resume with --${fixed[0]}`, "a resumed run keeps its folder, seed and batches");
  }
  const folder = resume ?? given.value("out") ?? "runs/pretrain";
  const suites = given.value("suites");
  requireFolder(suites ?? folder);
  return {
    folder,
    resume: resume !== undefined,
    adapter,
    simd,
    workers: workersOf(given, usualWorkers()),
    prepare: given.flag("prepare"),
    suites,
    seed: given.count("seed", 1, 0),
    updates: given.count("updates", resume === undefined ? UPDATES : KEEP, resume === undefined ? 1 : KEEP),
    tokensPerUpdate: given.count("tokens-per-update", TOKENS_PER_UPDATE, LEAST_TOKENS_PER_UPDATE),
    recipe: {
      size: given.choice("size", SIZES, "nano"),
      domain: given.choice("domain", DOMAINS, "programs"),
      long: shareOf("long", given.value("long")),
      easy: shareOf("easy", given.value("easy")),
      judge: shareOf("judge", given.value("judge")),
      gaps: shareOf("gaps", given.value("gaps")),
    },
  };
}

/** @throws KelvinError "input" for what is no share */
function shareOf(name: string, text = "0"): number {
  if (/^(?:0|1|0?\.\d{1,6})$/u.test(text)) return Number(text);
  throw new KelvinError("input", `--${name} ${text}: not a share`, `for example --${name} 0.04`);
}

function freshStart({ seed, updates, tokensPerUpdate, recipe }: Settings): { progress: Progress; state: null } {
  return {
    progress: {
      seed,
      updates,
      tokensPerUpdate,
      ...recipe,
      update: 0,
      tokens: 0,
      seconds: 0,
      loss: 0,
      adapters: [],
      earlierPlans: [],
    },
    state: null,
  };
}

/**
 * Loads the checkpoint of an earlier run. If more updates are asked for than planned, the run is lengthened: learning rate and
 * mixture then follow the longer schedule.
 */
async function pickUp({ folder, updates }: Settings): Promise<{ progress: Progress; state: Uint8Array<ArrayBuffer> }> {
  const { progress, state } = await readCheckpoint(folder);
  if (updates === KEEP || updates === progress.updates) return { progress, state };
  if (updates <= progress.update) {
    throw new KelvinError("input", `--updates ${updates}: ${progress.update} are done`, "a run can only be lengthened");
  }
  const earlierPlans = [...progress.earlierPlans, progress.updates];
  return { progress: { ...progress, updates, earlierPlans }, state };
}

async function writeSuites(folder: string, python: CorpusPython): Promise<number> {
  await mkdir(folder, { recursive: true });
  const verifier = await createNodeVerifier();
  for (const [name, text] of python.suites())
    await writeFile(join(folder, `${name}.jsonl`), await withNormalForms(verifier, name, text));
  await verifier.dispose();
  console.log(`${python.suites().size} suites in ${folder}`);
  return 0;
}

/** Draws the whole corpus into the cache, so that training does not wait for Python. */
async function prepare(progress: Progress, shards: ReturnType<typeof cachedShards>): Promise<number> {
  const count = Math.ceil(progress.updates / UPDATES_PER_SHARD);
  for (let index = 0; index < count; index++) await shards.shard(index);
  console.log(`${count} shards in ${CACHE}`);
  return 0;
}

/** Everything around the updates: progress lines, log, checkpoints, short evaluations, the finished model. */
class Run {
  private interrupted = false;
  private readonly suites: ReadonlyMap<string, Suite>;
  private readonly recent: UpdateReport[] = [];

  constructor(
    private readonly folder: string,
    private readonly model: LoadedModel,
    private readonly python: CorpusPython,
  ) {
    this.suites = new Map([...python.suites()].map(([name, text]) => [name, parseSuite(name, text)]));
    onEnding(() => {
      this.interrupted = true;
    });
  }

  readonly after = async (report: UpdateReport, progress: Progress): Promise<boolean> => {
    this.recent.push(report);
    if (report.update % REPORT_EVERY === 0) await this.report(progress);
    if (report.update % CHECKPOINT_EVERY === 0) await this.checkpoint(progress);
    if (report.update % EVALUATE_EVERY === 0 && report.update < progress.updates) await this.glance(report.update);
    return this.interrupted;
  };

  private async report(progress: Progress): Promise<void> {
    const reports = this.recent.splice(0);
    const total = (field: "loss" | "tokens" | "seconds" | "gradNorm") => reports.reduce((sum, r) => sum + r[field], 0);
    const mean = (field: "loss" | "gradNorm") => total(field) / reports.length;
    const tokensPerSecond = total("tokens") / total("seconds");
    // Forward and backward take 6 operations per parameter and token; attention and optimizer are not counted.
    const gigaflops = (6 * this.model.info.parameters * tokensPerSecond) / 1e9;
    const left = ((total("seconds") / reports.length) * (progress.updates - progress.update)) / 60;
    const line = { update: progress.update, loss: mean("loss"), gradNorm: mean("gradNorm"), tokensPerSecond };
    await appendFile(join(this.folder, "training.jsonl"), `${JSON.stringify(line)}\n`);
    console.log(
      `update ${progress.update}/${progress.updates}  loss ${line.loss.toFixed(4)}  gradient ${line.gradNorm.toFixed(2)}  ` +
        `${Math.round(tokensPerSecond)} tokens/s  ${gigaflops.toFixed(1)} GFLOP/s  ${left.toFixed(0)} min left`,
    );
  }

  async checkpoint(progress: Progress): Promise<void> {
    await writeCheckpoint(this.folder, progress, await this.model.exportState());
  }

  private async glance(update: number): Promise<void> {
    const suite = firstTasks(this.suite("in-distribution"), GLANCE_TASKS);
    const verifier = await createNodeVerifier();
    const result = await this.measure(suite, verifier);
    await verifier.dispose();
    await appendFile(join(this.folder, "training.jsonl"), `${JSON.stringify({ update, result: grouped(result) })}\n`);
    console.log(`update ${update}, ${GLANCE_TASKS} tasks per type: ${suiteLine(result)}${forcedLine(result)}`);
  }

  private measure(suite: Suite, verifier: Verifier): Promise<readonly Measure[]> {
    const rng = createRng(0).child("pretrain evaluation");
    return finish(evaluate(suite, { policy: this.model, verifier, rng, samples: 1, forcedTrace: true }));
  }

  /** Writes the model folder and measures the figures of its card. */
  async publish(progress: Progress): Promise<void> {
    const write = (name: string, data: string | FileParts) => writeFile(join(this.folder, name), data);
    await write("model.safetensors", await this.model.exportWeights());
    await write("config.json", `${JSON.stringify(configJson(progress), null, 2)}\n`);
    await write("tokenizer.json", `${JSON.stringify(tokenizerJson(progress), null, 2)}\n`);
    const verifier = await createNodeVerifier();
    const suites = new Map<string, readonly Measure[]>();
    for (const name of progress.long > 0 ? [...SUITES, ...LONG_SUITES] : SUITES) {
      const suite = this.suites.get(name);
      if (!suite) continue;
      suites.set(name, await this.measure(suite, verifier));
      console.log(`${name}: ${suiteLine(suites.get(name) ?? [])}${forcedLine(suites.get(name) ?? [])}`);
    }
    const habits = progress.domain === "programs" ? await this.habits(verifier) : null;
    await verifier.dispose();
    const formats = await this.formats(progress);
    const figures = { ...(habits && { habits }), ...(formats && { formats }) };
    // A model of integrals brings its suites: those of the repository are programs.
    if (progress.domain === "integrals")
      for (const [name, text] of this.python.suites()) await write(suiteFile(name), text);
    await write("README.md", modelCard({ ...progress, ...figures, parameters: this.model.info.parameters, suites }));
    await write(
      "card.json",
      `${JSON.stringify({ ...progress, suites: Object.fromEntries([...suites].map(([name, one]) => [name, grouped(one)])), ...figures }, null, 2)}\n`,
    );
    console.log(`model in ${this.folder}; figures in its README.md`);
  }

  private habits(verifier: Verifier): Promise<BaseHabits> {
    const references = this.suite(CANDIDATES)
      .tasks.slice(0, PROPOSALS)
      .map(({ program }) => program);
    const rng = createRng(0).child("pretrain habits");
    return measureHabits(this.model, verifier, this.suite("in-distribution").tasks, references, rng);
  }

  /** null for a model that has not learned the later formats. */
  private async formats({ judge, easy }: Progress): Promise<FormatFigures | null> {
    if (judge === 0 || easy === 0) return null;
    const examination = this.python.examine("kelvin examination 1", EXAMINED);
    const figures = await measureFormats(this.model, examination, createRng(0).child("pretrain formats"));
    console.log(
      Object.entries(figures)
        .map(([name, value]) => `${name} ${value.toFixed(3)}`)
        .join("  "),
    );
    return figures;
  }

  private suite(name: string): Suite {
    const suite = this.suites.get(name);
    if (!suite) throw new Error(`the generator wrote no suite ${name}`);
    return suite;
  }
}

function forcedLine(measures: readonly Measure[]): string {
  const shares = ALL_TASK_TYPES.flatMap((type) => {
    const share = shareIn(measures, `${type}/forcedTrace`);
    return share === undefined ? [] : [`${type} ${share.toFixed(3)}`];
  });
  return shares.length === 0 ? "" : `; with a forced trace ${shares.join(", ")}`;
}
