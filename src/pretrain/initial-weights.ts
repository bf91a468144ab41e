import type { Rng } from "../contracts";
import type { ModelConfig } from "../model/config";
import { parameterLayout } from "../model/parameters";
import type { Tensor } from "../model/safetensors";
import { normals } from "./normals";
import { NUMBER_CODE_SHARE, numberCode } from "./number-code";

/** Standard deviation of the embedding, which is also the output head. */
const EMBEDDING_DEVIATION = 0.06;
/** Numerators over sqrt(inputs), for matrices that read the residual stream and for those that write to it. */
const READING_GAIN = 0.6;
const WRITING_GAIN = 0.25;

/**
 * Random weights by Hugging Face name: normal matrices and embedding, gains of one. Each tensor has its own random stream.
 * @param numberTokens ids of the tokens 0, 1, 2, …, whose embedding rows start from a number code
 */
export function initialWeights(config: ModelConfig, numberTokens: readonly number[], rng: Rng): Map<string, Tensor> {
  const weights = new Map(
    parameterLayout(config).parameters.map(({ name, shape }) => [
      name,
      { shape, data: initialTensor(name, shape, rng) },
    ]),
  );
  const embedding = weights.get("model.embed_tokens.weight");
  if (embedding) encodeNumbers(embedding.data, config.hidden, numberTokens, rng.child("number code"));
  return weights;
}

/** Blends the number code into the rows of number tokens; their variance stays the same. */
function encodeNumbers(embedding: Float32Array, width: number, tokens: readonly number[], rng: Rng): void {
  const code = numberCode(tokens.length, width, rng);
  const noise = Math.sqrt(1 - NUMBER_CODE_SHARE);
  const signal = EMBEDDING_DEVIATION * Math.sqrt(NUMBER_CODE_SHARE);
  for (const [number, token] of tokens.entries()) {
    const row = embedding.subarray(token * width, (token + 1) * width);
    const phases = code[number] as Float32Array;
    for (let column = 0; column < width; column++) {
      row[column] = noise * (row[column] as number) + signal * (phases[column] as number);
    }
  }
}

function initialTensor(name: string, shape: readonly number[], rng: Rng): Float32Array<ArrayBuffer> {
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (name.endsWith("norm.weight")) return new Float32Array(size).fill(1);
  if (name.endsWith(".bias")) return new Float32Array(size);
  return normals(size, deviation(name, shape.at(-1) as number), rng.child(name));
}

function deviation(name: string, inputs: number): number {
  if (name.includes("embed_tokens") || name.includes("lm_head")) return EMBEDDING_DEVIATION;
  const gain = /\.(?:o_proj|down_proj)\.weight$/.test(name) ? WRITING_GAIN : READING_GAIN;
  return gain / Math.sqrt(inputs);
}
