import { createHash } from "node:crypto";
import { afterAll } from "vitest";
import { openNodeAdapter } from "../../src/cli/node-adapter";
import type { Completion, LiveTokens, Loss, SamplingRequest, Tokenizer, TrainingSequence } from "../../src/contracts";
import { type DeviceOptions, OPTIONAL_FEATURES } from "../../src/device/adapter";
import type { Device } from "../../src/device/device";
import { Gpu } from "../../src/gpu/gpu";
import { parseConfig } from "../../src/model/config";
import {
  type AdapterSource,
  DEFAULT_PLAN,
  type Engine,
  type LoadedModel,
  openEngine,
  type Plan,
} from "../../src/model/engine";
import { parameterLayout } from "../../src/model/parameters";
import type { FileParts } from "../../src/model/safetensors";
import { blobFile, type ModelFile } from "../../src/model/source";
import { halved, integers, uniform } from "../reference/numbers";

/** A model small enough for a rasteriser and odd in every size: nothing is a multiple of 4 that need not be. */
export const TINY = {
  model_type: "qwen3",
  vocab_size: 61,
  hidden_size: 18,
  intermediate_size: 37,
  num_hidden_layers: 2,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  head_dim: 10,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: false,
  max_position_embeddings: 64,
  eos_token_id: 60,
};

export const TINY_PLAN: Plan = {
  ...DEFAULT_PLAN,
  slots: 8,
  capacity: 24,
  promptRows: 128,
  chunk: 4,
  trainingRows: 256,
};

/** The least that WebGPU guarantees. */
export const NOTHING_OPTIONAL: DeviceOptions = { without: OPTIONAL_FEATURES, storageBindingBytes: 128 * 2 ** 20 };

/** The engine of one test file on the adapter that KELVIN_ADAPTER names; KELVIN_PORTABLE takes all that is optional from it. */
export async function openTestEngine(): Promise<{ engine: Engine; name: string }> {
  const adapter = await openNodeAdapter();
  const engine = await openEngine(adapter, process.env["KELVIN_PORTABLE"] ? NOTHING_OPTIONAL : {});
  afterAll(() => {
    engine.device.check();
    engine.device.close();
  });
  return { engine, name: adapter.name };
}

/** A device of a test that is about WebGPU. */
export function asGpu(device: Device): Gpu {
  if (!(device instanceof Gpu)) throw new Error("this test needs WebGPU");
  return device;
}

/** Weights of a model that has opinions: logits spread over several units. */
export function randomWeights(config: unknown, seed = 1): Map<string, Float32Array> {
  const { parameters } = parameterLayout(parseConfig(config));
  return new Map(
    parameters.map(({ name, shape }, i) => {
      const count = shape.reduce((product, size) => product * size, 1);
      const isGain = name.endsWith("norm.weight");
      const [low, high] = isGain ? [0.5, 1.5] : [-0.5, 0.5];
      return [name, Float32Array.from(uniform(seed * 1000 + i, count, low, high))];
    }),
  );
}

/** Gains and biases: float32 however matrices are held. */
export const isVector = (tensor: string): boolean => /norm\.weight$|bias$/.test(tensor);

/** The weights as a base of halves has them: matrices rounded, vectors as they are. */
export function roundedWeights(config: object): Map<string, Float32Array> {
  const round = (data: Float32Array) => Float32Array.from(halved(Float64Array.from(data)));
  return new Map([...randomWeights(config)].map(([tensor, data]) => [tensor, isVector(tensor) ? data : round(data)]));
}

/** Token 0 is "A", token 1 is "B", and so on. */
export const TOKENIZER: Tokenizer = {
  vocabularySize: TINY.vocab_size,
  endToken: TINY.eos_token_id,
  encode: (text) => Int32Array.from(text, (letter) => letter.charCodeAt(0) - 65),
  decode: (tokens) => String.fromCharCode(...Array.from(tokens, (token) => token + 65)),
};

export function createTiny(
  engine: Engine,
  plan: Partial<Plan> = {},
  config: object = TINY,
  adapter?: AdapterSource,
): Promise<LoadedModel> {
  return engine.createModel(config, randomWeights(config), TOKENIZER, { ...TINY_PLAN, ...plan }, adapter);
}

/** Runs a generation to its end; chunks of fresh tokens go to `onChunk`. */
export async function finish(
  generation: AsyncGenerator<LiveTokens[], Completion[][]>,
  onChunk: (chunk: LiveTokens[]) => void = () => {},
): Promise<Completion[][]> {
  for (;;) {
    const { done, value } = await generation.next();
    if (done) return value;
    onChunk(value);
  }
}

/** Stands for many numbers in a comparison: whether they are the same bits. */
export function digest(numbers: Uint8Array | Float32Array | FileParts): string {
  const hash = createHash("sha256");
  for (const part of Array.isArray(numbers) ? (numbers as FileParts) : [numbers as Uint8Array]) hash.update(part);
  return hash.digest("hex");
}

/** A file that is in memory, as `importState` reads one. */
export function fileOf(parts: FileParts): ModelFile {
  return blobFile("a file", new Blob([...parts]));
}

/** All of a file in one piece. */
export function joined(parts: FileParts): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

/** Prompts of 1 to 30 tokens, two of them equally long, with up to four samples of up to twelve tokens each. */
export function generationRequests(): readonly SamplingRequest[] {
  return [1, 2, 5, 17, 30, 5].map((length, i) => ({
    tokens: Int32Array.from(integers(i, length, TINY.vocab_size)),
    samples: 1 + (i % 4),
    maxNewTokens: [1, 7, 12][i % 3]!,
    seed: 0xdeadbeef + i,
  }));
}

/** Sequences of 2 to 33 tokens with advantages of both signs and stale log-probabilities. */
export function trainingSequences(seed = 1): TrainingSequence[] {
  const lengths = [
    [1, 1],
    [5, 2],
    [20, 13],
    [3, 9],
    [1, 5],
    [11, 1],
  ] as const;
  return lengths.map(([prompt, completion], i) => ({
    prompt: Int32Array.from(integers(seed * 100 + i, prompt, 60)),
    completion: Int32Array.from(integers(seed * 200 + i, completion, 60)),
    advantage: i % 2 === 0 ? 1.25 : -0.75,
    oldLogprobs: Float32Array.from(uniform(seed * 300 + i, completion, -6, -2)),
    referenceLogprobs: Float32Array.from(uniform(seed * 400 + i, completion, -6, -2)),
  }));
}

export const CROSS_ENTROPY: Loss = { kind: "likelihood" };
export const POLICY: Extract<Loss, { kind: "policy-gradient" }> = {
  kind: "policy-gradient",
  clipLow: 0.2,
  clipHigh: 0.28,
  klCoefficient: 0.04,
  entropyCoefficient: 0.01,
  aggregation: "sequence-mean",
  constantLength: 32,
  temperature: 0.8,
};
