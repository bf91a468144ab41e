/** A model made ready to train: weights on the device, tasks fetched and normalised, side by side. */
import type { LoraConfig, ModelChoice, Policy, Reply, RunConfig, Task, Verifier } from "../contracts";
import { normalizeTasks, type Suite } from "../evaluate/suite";
import type { Engine, LoadedModel, ModelFiles } from "../model/engine";
import { createRng } from "../rollout/rng";
import { fetchCandidates, fetchCard, fetchModel, fetchSuites, type OnBytes } from "./fetch-model";

/** A model with everything that was fetched with it. */
export interface Prepared {
  readonly files: ModelFiles;
  readonly suites: readonly Suite[];
  /** What 1-shot RLVR chooses its example from. */
  readonly examples: readonly Task[];
  model: LoadedModel;
  /** A run has trained it: the next one begins with fresh weights. */
  trained: boolean;
  /** Finished steps of the weights. */
  steps: number;
  /** The weights as they were loaded, once somebody asked to compare with them. */
  base: Policy | null;
}

/** What preparing needs from the session; engine and verifier may still be opening. */
export interface Preparing {
  /** The folder the page lies in, with a slash at its end. */
  readonly root: URL;
  readonly engine: Promise<Engine>;
  readonly verifier: Promise<Verifier>;
  post(reply: Reply): void;
}

/** @throws KelvinError "model" naming the file that could not be had, or what is wrong in it */
export async function prepare(choice: ModelChoice, lora: LoraConfig | null, parts: Preparing): Promise<Prepared> {
  const { root, post } = parts;
  const progress = (loaded: number, total: number) => post({ type: "progress", what: "model", loaded, total });
  const name = typeof choice === "string" ? choice : null;
  const tasks = fetchTasks(name, parts);
  // The model may fail first; then nobody awaits the tasks, and their failure says nothing new.
  tasks.catch(() => {});
  const [engine, files, card] = await Promise.all([parts.engine, open(choice, root, progress), fetchCard(root, name)]);
  const [model, fetched] = await Promise.all([build(engine, files, lora, post), tasks]);
  post({ type: "loaded", model: model.info, bytesOnDevice: model.bytesOnDevice, card });
  return { files, ...fetched, model, trained: false, steps: 0, base: null };
}

/** A model that no run has trained, with the adapters that this one trains, if any. */
export async function refresh(prepared: Prepared, engine: Engine, { lora, seed }: RunConfig): Promise<LoadedModel> {
  if (prepared.trained || lora || prepared.model.lora) {
    prepared.model.destroy();
    prepared.model = await engine.loadModel(prepared.files, {}, lora && { lora, rng: createRng(seed) });
    prepared.base = null;
    prepared.steps = 0;
  }
  prepared.model.resetOptimizer();
  return prepared.model;
}

/** The policy as it was loaded: itself before any run, else its own weights again, kept until the model is replaced. */
export async function baseOf(prepared: Prepared): Promise<Policy> {
  if (!prepared.trained) return prepared.model;
  const { model, files } = prepared;
  prepared.base ??= model.lora ? model.withoutAdapter() : await model.freezeWeights(files.weights);
  return prepared.base;
}

/** The code for models from elsewhere is fetched with the first of them. */
async function open(choice: ModelChoice, root: URL, onBytes: OnBytes): Promise<ModelFiles> {
  if (typeof choice === "string") return fetchModel(root, choice, onBytes);
  return (await import("./model-source/open")).openModel(choice, root, onBytes);
}

/** Fresh adapters change nothing of what a model says, whatever their seed; a run draws its own. */
async function build(
  engine: Engine,
  files: ModelFiles,
  lora: LoraConfig | null,
  post: Preparing["post"],
): Promise<LoadedModel> {
  const model = await engine.loadModel(files, {}, lora ? { lora, rng: createRng(0) } : undefined);
  const total = engine.gpu.counters.pipelines;
  post({ type: "progress", what: "kernels", loaded: total, total });
  return model;
}

/** Everything that is not weights: suites and examples, their programs normalised by the verifier. */
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
