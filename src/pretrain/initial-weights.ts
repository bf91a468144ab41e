import type { Rng } from "../contracts";
import type { ModelConfig } from "../model/config";
import { parameterLayout } from "../model/parameters";
import type { Tensor } from "../model/safetensors";

/** Standard deviation of the embedding, which is the output head as well. */
const EMBEDDING_DEVIATION = 0.06;
/** Numerators over sqrt(inputs): matrices that read the residual stream, and those that write to it. */
const READING_GAIN = 0.6;
const WRITING_GAIN = 0.25;

/** Random weights by Hugging Face name: normal matrices and embedding, gains of one. Each tensor has its own stream. */
export function initialWeights(config: ModelConfig, rng: Rng): Map<string, Tensor> {
  return new Map(
    parameterLayout(config).parameters.map(({ name, shape }) => [
      name,
      { shape, data: initialTensor(name, shape, rng) },
    ]),
  );
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

/** Normal numbers by the method of Box and Muller. */
function normals(count: number, deviation: number, rng: Rng): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += 2) {
    // 1 − u is never 0.
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - rng.next()));
    const angle = 2 * Math.PI * rng.next();
    values[at] = radius * Math.cos(angle);
    if (at + 1 < count) values[at + 1] = radius * Math.sin(angle);
  }
  return values;
}
