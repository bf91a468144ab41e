/** Prepares a model for training: loads weights, and fetches and normalises tasks meanwhile. */
import {
  chosenFolder,
  KelvinError,
  type LoraConfig,
  type Measure,
  type ModelChoice,
  type ModelInfo,
  type Policy,
  type Reply,
  type RunConfig,
  type Task,
  type Verifier,
} from "../contracts";
import { normalizeTasks, type Suite } from "../evaluate/suite";
import type { AdapterSource, Engine, LoadedModel, ModelFiles } from "../model/engine";
import { roundingNote } from "../model/stored-weights";
import { createRng } from "../rollout/rng";
import { fetchCandidates, fetchCard, fetchModel, fetchSuites, type OnBytes } from "./fetch-model";

/** A model and everything that was fetched with it. */
export interface Prepared {
  readonly choice: ModelChoice;
  readonly files: ModelFiles;
  readonly suites: readonly Suite[];
  /** Candidates for the example of 1-shot RLVR. */
  readonly examples: readonly Task[];
  /** Headline accuracy on the model's card. */
  readonly card: readonly Measure[] | null;
  /** Digest of the files that the visitor chose; null for other models. */
  readonly digest: string | null;
  model: LoadedModel;
  /** Whether a run has trained it: then the next one needs fresh weights. */
  trained: boolean;
  /** Finished steps of the current weights. */
  steps: number;
  /** The initial weights; null until a comparison needs them. */
  base: Policy | null;
}

/** Dependencies of preparing; engine and verifier may still be opening. */
export interface Preparing {
  /** The page's folder, with a slash at its end. */
  readonly root: URL;
  readonly engine: Promise<Engine>;
  readonly verifier: Promise<Verifier>;
  post(reply: Reply): void;
}

/** @throws KelvinError "model" that names the missing file, or the fault in a file */
export async function prepare(choice: ModelChoice, lora: LoraConfig | null, parts: Preparing): Promise<Prepared> {
  const { root, post } = parts;
  const progress = (loaded: number, total: number) => post({ type: "progress", what: "model", loaded, total });
  const name = typeof choice === "string" ? choice : null;
  const tasks = fetchTasks(name, parts);
  // If the model fails first, the tasks are never awaited. This avoids an unhandled rejection.
  tasks.catch(() => {});
  const [engine, files, card] = await Promise.all([parts.engine, open(choice, root, progress), fetchCard(root, name)]);
  const note = roundingNote(files.weights);
  if (note) post({ type: "notice", message: `${note}.`, hint: "Nothing else changes." });
  const [model, fetched, digest] = await Promise.all([build(engine, files, lora, post), tasks, digestOf(choice)]);
  return { choice, files, ...fetched, card, digest, model, trained: false, steps: 0, base: null };
}

/** The message to the page about a loaded model. */
export function loadedReply(prepared: Prepared): Reply {
  const { model, card } = prepared;
  return { type: "loaded", model: infoOf(prepared), bytesOnDevice: model.bytesOnDevice, card };
}

/** Description of the model for people and for the log. */
export function infoOf({ model, digest }: Prepared): ModelInfo {
  return digest === null ? model.info : { ...model.info, digest };
}

/**
 * @param resumed the model of the run to resume; null for a new run
 * @throws KelvinError "config" if the run has another model
 */
export function demandModel({ choice, digest }: Prepared, { model }: RunConfig, resumed: ModelInfo | null): void {
  const folder = chosenFolder(model);
  const isChosen = typeof choice === "object" && "files" in choice;
  if (isChosen !== (folder !== null) || (!isChosen && nameOf(choice) !== model))
    throw new KelvinError(
      "config",
      "This run is of another model than the one that is loaded.",
      "Choose it under Model, in the bar above or in Settings.",
    );
  if (folder === null || resumed?.digest === undefined || resumed.digest === digest) return;
  throw new KelvinError(
    "config",
    `These files are not the model “${folder}” that this run began with.`,
    "Choose the folder under Runs again, with the files as they were. The run is kept as it is.",
  );
}

function nameOf(choice: Exclude<ModelChoice, { files: unknown }>): string {
  return typeof choice === "string" ? choice : choice.url;
}

async function digestOf(choice: ModelChoice): Promise<string | null> {
  if (typeof choice === "string" || "url" in choice) return null;
  return (await import("./model-source/from-files")).digestFiles(choice.files);
}

/** A model with initial weights, with this run's adapters, if any, and room for its reference. */
export async function refresh(
  prepared: Prepared,
  engine: Engine,
  { lora, seed, chat }: RunConfig,
  reference: boolean,
): Promise<LoadedModel> {
  const serves = !(prepared.trained || lora || prepared.model.lora);
  if (!serves || (reference && !(await makesRoom(prepared.model)))) {
    prepared.model.destroy();
    // From here on there is no model, even if the steps below fail.
    prepared.trained = true;
    prepared.base = null;
    prepared.steps = 0;
    prepared.model = await withAdapters(prepared, engine, lora && { lora, rng: createRng(seed) }, reference);
  }
  prepared.model.resetOptimizer();
  prepared.model.useChat(chat !== "off");
  return prepared.model;
}

/** Whether the reference fits beside the model as it is; if not, a leaner plan of the model may leave room. */
async function makesRoom(model: LoadedModel): Promise<boolean> {
  try {
    await model.reserveReference();
    return true;
  } catch (error) {
    if (error instanceof KelvinError && error.reason === "out-of-memory") return false;
    throw error;
  }
}

/** @throws KelvinError "out-of-memory" if there is no room for adapters or reference; the model is then loaded again as it was */
async function withAdapters(
  prepared: Prepared,
  engine: Engine,
  adapters: AdapterSource | undefined,
  reference: boolean,
): Promise<LoadedModel> {
  const { lora } = prepared.model;
  try {
    return await engine.loadModel(prepared.files, { reference }, adapters);
  } catch (error) {
    prepared.model = await engine.loadModel(prepared.files, {}, lora ? { lora, rng: createRng(0) } : undefined);
    prepared.trained = false;
    throw error;
  }
}

/**
 * The initial policy: the model itself before any run, else its initial weights, loaded again and kept until the model is
 * replaced.
 */
export async function baseOf(prepared: Prepared): Promise<Policy> {
  if (!prepared.trained) return prepared.model;
  const { model, files } = prepared;
  prepared.base ??= model.lora ? model.withoutAdapter() : await model.freezeWeights(files.weights);
  return prepared.base;
}

/** Code for models from elsewhere is loaded with the first one. */
async function open(choice: ModelChoice, root: URL, onBytes: OnBytes): Promise<ModelFiles> {
  if (typeof choice === "string") return fetchModel(root, choice, onBytes);
  return (await import("./model-source/open")).openModel(choice, root, onBytes);
}

/** Fresh adapters do not change the model's output, whatever their seed; a run draws its own. */
async function build(
  engine: Engine,
  files: ModelFiles,
  lora: LoraConfig | null,
  post: Preparing["post"],
): Promise<LoadedModel> {
  const model = await engine.loadModel(files, {}, lora ? { lora, rng: createRng(0) } : undefined);
  const total = engine.device.counters.pipelines;
  post({ type: "progress", what: "kernels", loaded: total, total });
  return model;
}

/** Fetches everything but weights: suites and examples. The verifier normalises their programs. */
async function fetchTasks(
  name: string | null,
  { root, verifier }: Preparing,
): Promise<Pick<Prepared, "suites" | "examples">> {
  const fetched = Promise.all([fetchSuites(root, name), fetchCandidates(root)]);
  const [[suites, candidates], ready] = await Promise.all([fetched, verifier]);
  const normalized: Suite[] = [];
  for (const { name, tasks } of suites) normalized.push({ name, tasks: await normalizeTasks(ready, tasks) });
  return { suites: normalized, examples: await normalizeTasks(ready, candidates.tasks) };
}
