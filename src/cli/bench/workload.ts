/** The shapes, weights and tokens that all libraries get. */

/** Shape of a Llama: no biases, as many key heads as query heads, tied embedding and head. */
export interface Architecture {
  readonly name: string;
  readonly hidden: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabulary: number;
}

/** 0.82 million parameters: the shape of the shipped kelvin-nano. */
export const SMALL: Architecture = {
  name: "0.8 M",
  hidden: 128,
  intermediate: 352,
  layers: 4,
  heads: 4,
  vocabulary: 151,
};
/** 6.1 million parameters. */
export const MEDIUM: Architecture = {
  name: "6 M",
  hidden: 288,
  intermediate: 768,
  layers: 6,
  heads: 6,
  vocabulary: 512,
};
/** 101 million parameters: for real GPUs. */
export const LARGE: Architecture = {
  name: "100 M",
  hidden: 768,
  intermediate: 2048,
  layers: 12,
  heads: 12,
  vocabulary: 21248,
};

/** Sequences of a training step, and tokens predicted in each. */
export const BATCH = 8;
export const LENGTH = 128;
/** Tokens per prompt, and new tokens after it. */
export const PROMPT = 24;
export const NEW_TOKENS = 32;
export const EPS = 1e-5;
export const ROPE_BASE = 10000;

/**
 * Multiplications and additions of one step: two per weight and token forward, four backward, plus attention over half of all
 * pairs of tokens.
 */
export function stepFlops({ hidden, intermediate, layers, vocabulary }: Architecture): number {
  const perToken = layers * (4 * hidden * hidden + 3 * hidden * intermediate) + vocabulary * hidden;
  return 6 * BATCH * LENGTH * (perToken + layers * hidden * LENGTH);
}

/** Llama's `config.json`. */
export function configOf({ hidden, intermediate, layers, heads, vocabulary }: Architecture): object {
  return {
    model_type: "llama",
    hidden_size: hidden,
    intermediate_size: intermediate,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    vocab_size: vocabulary,
    rms_norm_eps: EPS,
    rope_theta: ROPE_BASE,
    tie_word_embeddings: true,
    max_position_embeddings: 2 * LENGTH,
  };
}

/** One tensor of an architecture. */
export interface Weight {
  /** Hugging Face's name. */
  readonly name: string;
  /** [outputs, inputs] for matrices. */
  readonly shape: readonly number[];
}

/** The tensors of an architecture, in the order of the forward pass. */
export function weightsOf({ hidden, intermediate, layers, vocabulary }: Architecture): Weight[] {
  const layer = (i: number): Weight[] => {
    const prefix = `model.layers.${i}.`;
    const square = [hidden, hidden];
    return [
      { name: `${prefix}input_layernorm.weight`, shape: [hidden] },
      ...["q", "k", "v", "o"].map((name) => ({ name: `${prefix}self_attn.${name}_proj.weight`, shape: square })),
      { name: `${prefix}post_attention_layernorm.weight`, shape: [hidden] },
      { name: `${prefix}mlp.gate_proj.weight`, shape: [intermediate, hidden] },
      { name: `${prefix}mlp.up_proj.weight`, shape: [intermediate, hidden] },
      { name: `${prefix}mlp.down_proj.weight`, shape: [hidden, intermediate] },
    ];
  };
  return [
    { name: "model.embed_tokens.weight", shape: [vocabulary, hidden] },
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    { name: "model.norm.weight", shape: [hidden] },
  ];
}

/** Uniform numbers in [−scale, scale] from a linear congruential generator (Numerical Recipes). */
export function numbers(count: number, seed: number, scale: number): Float32Array<ArrayBuffer> {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

/** Initial values: gains of 1, matrices of variance 1/inputs. */
export function valuesOf({ name, shape }: Weight, index: number): Float32Array<ArrayBuffer> {
  const count = shape.reduce((product, size) => product * size, 1);
  if (name.endsWith("norm.weight")) return new Float32Array(count).fill(1);
  return numbers(count, index + 1, Math.sqrt(3 / (shape[1] as number)) * (name.includes("embed") ? 0.5 : 1));
}

/** The transposed matrix, [inputs, outputs], for libraries that multiply from the right. */
export function transposed(
  { shape: [rows = 1, columns = 1] }: Weight,
  values: Float32Array,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c] as number;
  return result;
}

/** [BATCH][LENGTH + 1] token ids; every token of a row except the first is predicted. */
export function tokensOf({ vocabulary }: Architecture): Int32Array[] {
  return Array.from({ length: BATCH }, (_, row) =>
    Int32Array.from(numbers(LENGTH + 1, 1000 + row, 1), (value) => Math.floor(((value + 1) / 2) * 0.999 * vocabulary)),
  );
}

/** Distinct prompts of equal length. */
export function promptsOf({ vocabulary }: Architecture, sequences: number): Int32Array[] {
  return Array.from({ length: sequences }, (_, row) =>
    Int32Array.from(numbers(PROMPT, 2000 + row, 1), (value) => Math.floor(((value + 1) / 2) * 0.999 * vocabulary)),
  );
}

/** Weights and tokens of a step, for libraries that multiply from the right. */
export interface Inputs {
  readonly weights: readonly (Weight & { readonly values: Float32Array<ArrayBuffer> })[];
  /** [BATCH · LENGTH] each. */
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly targets: Int32Array<ArrayBuffer>;
  /** cos and sin of the rotation, [LENGTH, head width]; both halves are equal, as in Hugging Face's code. */
  readonly cosines: Float32Array<ArrayBuffer>;
  readonly sines: Float32Array<ArrayBuffer>;
}

/** Matrices are [inputs, outputs]; the embedding stays [vocabulary, hidden]. */
export function inputsOf(architecture: Architecture): Inputs {
  const rows = tokensOf(architecture);
  const width = architecture.hidden / architecture.heads;
  const angle = (i: number): number => {
    const pair = (i % width) % (width / 2);
    return Math.floor(i / width) * ROPE_BASE ** ((-2 * pair) / width);
  };
  const weights = weightsOf(architecture).map((weight, index) => {
    const values = valuesOf(weight, index);
    const isProjection = weight.name.includes("proj");
    return isProjection
      ? { name: weight.name, shape: [...weight.shape].reverse(), values: transposed(weight, values) }
      : { ...weight, values };
  });
  return {
    weights,
    tokens: Int32Array.from(rows.flatMap((row) => [...row.subarray(0, LENGTH)])),
    targets: Int32Array.from(rows.flatMap((row) => [...row.subarray(1)])),
    cosines: Float32Array.from({ length: LENGTH * width }, (_, i) => Math.cos(angle(i))),
    sines: Float32Array.from({ length: LENGTH * width }, (_, i) => Math.sin(angle(i))),
  };
}
