import * as attention from "./attention";
import * as linear from "./linear";
import * as rmsnorm from "./rmsnorm";
import * as rope from "./rope";
import * as swiglu from "./swiglu";

/** A Llama or Qwen2 shaped model with tied embeddings. */
export interface TransformerShape {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly layers: number;
  readonly intermediate: number;
  readonly heads: attention.HeadShape;
  readonly eps: number;
  readonly ropeBase: number;
  readonly attentionBias: boolean;
}

/** Some of a tensor's numbers by its Hugging Face name, in float64. */
export type Numbers = (name: string, first: number, count: number) => Float64Array;

/** Rows of the table that are looked at together. */
const ROWS = 4096;

/** Logits [tokens, vocabulary] of one sequence. */
export function logits(shape: TransformerShape, numbers: Numbers, tokens: ArrayLike<number>): Float64Array {
  const { hidden, layers, vocabulary, eps } = shape;
  const rows = tokens.length;
  const table = "model.embed_tokens.weight";
  let x = new Float64Array(rows * hidden);
  for (let n = 0; n < rows; n++) x.set(numbers(table, tokens[n]! * hidden, hidden), n * hidden);
  for (let layer = 0; layer < layers; layer++) x = layerForward(shape, numbers, `model.layers.${layer}.`, x);
  const normed = rmsnorm.forward(rmsnorm.plainShape(rows, hidden, eps), x, numbers("model.norm.weight", 0, hidden));
  const result = new Float64Array(rows * vocabulary);
  for (let first = 0; first < vocabulary; first += ROWS) {
    const outputs = Math.min(ROWS, vocabulary - first);
    const part = linear.forward(
      { rows, inputs: hidden, outputs },
      normed,
      numbers(table, first * hidden, outputs * hidden),
    );
    for (let n = 0; n < rows; n++) result.set(part.subarray(n * outputs, (n + 1) * outputs), n * vocabulary + first);
  }
  return result;
}

function layerForward(
  shape: TransformerShape,
  numbers: Numbers,
  prefix: string,
  x: Float64Array,
): Float64Array<ArrayBuffer> {
  const { hidden, intermediate, heads, eps } = shape;
  const { queryHeads, keyHeads, headDim } = heads;
  const rows = x.length / hidden;
  const norm = rmsnorm.plainShape(rows, hidden, eps);
  const gain = (name: string) => numbers(`${prefix}${name}.weight`, 0, hidden);
  const project = (name: string, inputs: number, outputs: number, input: Float64Array, hasBias: boolean) => {
    const w = numbers(`${prefix}${name}.weight`, 0, inputs * outputs);
    const bias = hasBias ? { bias: numbers(`${prefix}${name}.bias`, 0, outputs) } : {};
    return linear.forward({ rows, inputs, outputs }, input, w, bias);
  };
  const normed = rmsnorm.forward(norm, x, gain("input_layernorm"));
  const qkv = sideBySide(
    rows,
    [queryHeads, keyHeads, keyHeads].map((count, i) =>
      project(`self_attn.${"qkv"[i]}_proj`, hidden, count * headDim, normed, shape.attentionBias),
    ),
  );
  const stride = attention.qkvWidth(heads);
  const rotations = { rows, heads: queryHeads + keyHeads, stride, headDim, base: shape.ropeBase };
  const positions = Array.from({ length: rows }, (_, n) => n);
  const { out } = attention.forward(heads, [rows], rope.rotate(rotations, 1, positions, qkv));
  const middle = sum(x, project("self_attn.o_proj", queryHeads * headDim, hidden, out, false));
  const normed2 = rmsnorm.forward(norm, middle, gain("post_attention_layernorm"));
  const gateUp = sideBySide(
    rows,
    ["gate", "up"].map((name) => project(`mlp.${name}_proj`, hidden, intermediate, normed2, false)),
  );
  return sum(middle, project("mlp.down_proj", intermediate, hidden, swiglu.forward(intermediate, gateUp), false));
}

function sum(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(a, (value, i) => value + b[i]!);
}

/** Matrices of as many rows next to each other. */
function sideBySide(rows: number, parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(
    Array.from({ length: rows }, (_, n) =>
      parts.flatMap((part) => [...part.subarray((n * part.length) / rows, ((n + 1) * part.length) / rows)]),
    ).flat(),
  );
}
