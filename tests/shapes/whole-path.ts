/** The way of a foreign model through the engine, in Node and in a browser's worker alike. */
import { LORA_TARGETS, type LoraConfig, type Loss, type Task, type TrainingSequence } from "../../src/contracts";
import { type AdapterSource, DEFAULT_PLAN, type Engine, type LoadedModel, type Plan } from "../../src/model/engine";
import { readModel } from "../../src/model/model-files";
import { readPeft, writePeft } from "../../src/model/peft";
import { blobSource, type ModelSource } from "../../src/model/source";
import { finish } from "../../src/rollout/phase";
import { createRng } from "../../src/rollout/rng";
import { solverPrompt } from "../../src/tasks/prompts";
import { magnitude } from "../reference/numbers";

const PLAN: Plan = { ...DEFAULT_PLAN, slots: 4, capacity: 24, promptRows: 512, chunk: 4, trainingRows: 512 };
const LORA: LoraConfig = { rank: 4, alpha: 8, targets: LORA_TARGETS };
const LOSS: Loss = {
  ...{ kind: "policy-gradient", clipLow: 0.2, clipHigh: 0.28, klCoefficient: 0.04, entropyCoefficient: 0.01 },
  ...{ aggregation: "sequence-mean", constantLength: 32, temperature: 1 },
};
const SAMPLES = 4;

/** What was seen on the way. */
export interface WholePath {
  readonly prompt: string;
  /** The prompt's tokens, written as text again. */
  readonly decoded: string;
  /** Tokens of each sample. */
  readonly lengths: readonly number[];
  /** Largest difference between a sampled log-probability and the training forward's. */
  readonly logprobDifference: number;
  readonly loss: number;
  readonly gradNorm: number;
  /** Largest change of a logit by the step, beside the largest logit. */
  readonly moved: number;
  /** Whether the adapters' files, loaded over the base, give the same logits and the same text, bit for bit. */
  readonly adaptersEqual: boolean;
  /** Largest difference of a logit of the merged export, beside the largest logit. */
  readonly mergedDifference: number;
  readonly mergedTextEqual: boolean;
}

/** Load, prompt, rollout, a LoRA step, both exports, and both of them loaded again. */
export async function wholePath(engine: Engine, source: ModelSource, task: Task): Promise<WholePath> {
  const open = async (from: ModelSource, adapter: AdapterSource): Promise<LoadedModel> =>
    engine.loadModel(await readModel(from), PLAN, adapter);
  const model = await open(source, { lora: LORA, rng: createRng(3) });
  const prompt = solverPrompt(model, "s", task);
  const before = await says(model, prompt.tokens);
  const step = await learnsOnce(model, prompt.tokens);
  const after = await says(model, prompt.tokens);
  const adapter = await model.adapterTensors();
  if (!adapter) throw new Error("the model has no adapter");
  const peft = inMemory("adapter", writePeft(adapter));
  const merged = new Blob([...(await model.exportWeights())]);
  const { config } = model;
  const decoded = model.tokenizer.decode(prompt.tokens);
  model.destroy();

  const adapted = await open(source, await readPeft(peft, config));
  const ofAdapters = await says(adapted, prompt.tokens);
  adapted.destroy();
  const alone = await open(withWeights(source, merged), { lora: LORA, rng: createRng(4) });
  const ofMerged = await says(alone, prompt.tokens);
  alone.destroy();
  const unit = magnitude(after.logits);
  return {
    ...{ prompt: prompt.text, decoded, ...step },
    moved: worst(before.logits, after.logits) / unit,
    adaptersEqual: worst(ofAdapters.logits, after.logits) === 0 && ofAdapters.text === after.text,
    mergedDifference: worst(ofMerged.logits, after.logits) / unit,
    mergedTextEqual: ofMerged.text === after.text,
  };
}

function inMemory(name: string, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): ModelSource {
  return blobSource(name, new Map([...files].map(([file, bytes]) => [file, new Blob([bytes])])));
}

/** The same folder with these weights. */
const withWeights = (source: ModelSource, weights: Blob): ModelSource => {
  const own = blobSource(source.name, new Map([["model.safetensors", weights]]));
  return { ...source, open: (file) => (file === "model.safetensors" ? own.open(file) : source.open(file)) };
};

/** Largest difference of two lists. */
function worst(a: Float32Array, b: Float32Array): number {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (const [i, value] of a.entries()) most = Math.max(most, Math.abs(value - (b[i] ?? Number.NaN)));
  return most;
}

/** What the model says of a prompt: logits of its last tokens, and the text that it writes without chance. */
async function says(model: LoadedModel, tokens: Int32Array) {
  const logits = await model.logits([tokens.slice(-4)]);
  const request = { tokens, samples: 1, maxNewTokens: 6, seed: 1 };
  const [[written] = []] = await finish(model.generate([request], { temperature: 0 }));
  return { logits, text: model.tokenizer.decode(written?.tokens ?? []) };
}

/** Four samples and one policy-gradient step on them, with advantages of both signs. */
async function learnsOnce(model: LoadedModel, prompt: Int32Array) {
  const request = { tokens: prompt, samples: SAMPLES, maxNewTokens: 6, seed: 5 };
  const [samples = []] = await finish(model.generate([request], { temperature: 1 }));
  const scored = await model.score(samples.map(({ tokens }) => ({ prompt, completion: tokens })));
  const differences = samples.map(({ logprobs }, i) =>
    worst(Float32Array.from(scored[i] ?? []), Float32Array.from(logprobs)),
  );
  const sequences = samples.map(
    ({ tokens, logprobs }, i): TrainingSequence => ({
      ...{ prompt, completion: tokens, advantage: i % 2 === 0 ? 1 : -1, oldLogprobs: logprobs },
      referenceLogprobs: logprobs,
    }),
  );
  const { loss, gradNorm } = await model.update(sequences, LOSS, 1e-2);
  return {
    lengths: samples.map(({ tokens }) => tokens.length),
    logprobDifference: Math.max(...differences),
    ...{ loss, gradNorm },
  };
}
