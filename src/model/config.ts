import { KelvinError } from "../contracts";
import { type HeadShape, headVectors } from "../ops/attention";

/** Architecture of a Llama-family model, from a Hugging Face `config.json`. */
export interface ModelConfig {
  readonly family: "llama" | "qwen2" | "qwen3";
  readonly vocabulary: number;
  readonly hidden: number;
  readonly layers: number;
  readonly intermediate: number;
  readonly heads: HeadShape;
  readonly eps: number;
  readonly ropeBase: number;
  readonly tied: boolean;
  /** Biases on q, k and v (Qwen2). */
  readonly attentionBias: boolean;
  /** RMSNorm on every head's q and k (Qwen3). */
  readonly queryKeyNorm: boolean;
  /** Longest sequence in tokens. */
  readonly contextLength: number;
  readonly endToken: number;
}

/** Beyond any model; below them, products of sizes are exact and lists of layers are short. */
const MOST = 2 ** 24;
const MOST_LAYERS = 1024;

const FAMILIES = ["llama", "qwen2", "qwen3"] as const;

function fail(message: string): never {
  throw new KelvinError(
    "model",
    `config.json: ${message}`,
    "Give a Llama, Qwen2 or Qwen3 model in the Hugging Face layout.",
  );
}

/** Reads and checks a parsed `config.json`. @throws KelvinError "model" naming the field */
export function parseConfig(json: unknown): ModelConfig {
  if (typeof json !== "object" || json === null || Array.isArray(json)) fail("not a JSON object");
  const fields = json as Record<string, unknown>;
  const count = (name: string, fallback?: number, most = MOST): number => {
    const value = fields[name] ?? fallback;
    if (typeof value !== "number" || !Number.isInteger(value) || value <= 0) fail(`${name} must be a positive integer`);
    if (value > most) fail(`${name} is ${value}; at most ${most} is supported`);
    return value;
  };
  const number = (name: string, fallback: number): number => {
    const value = fields[name] ?? fallback;
    if (typeof value !== "number" || !(value > 0 && value < Number.POSITIVE_INFINITY))
      fail(`${name} must be a positive number`);
    return value;
  };
  const flag = (name: string, fallback: boolean): boolean => {
    const value = fields[name] ?? fallback;
    if (typeof value !== "boolean") fail(`${name} must be true or false`);
    return value;
  };
  const family =
    FAMILIES.find((name) => name === fields.model_type) ??
    fail(`model_type ${JSON.stringify(fields.model_type)} is not supported`);
  if (fields.rope_scaling != null) fail("rope_scaling is not supported");
  const hidden = count("hidden_size");
  const queryHeads = count("num_attention_heads");
  const keyHeads = count("num_key_value_heads", queryHeads);
  const headDim = count("head_dim", hidden / queryHeads);
  if (queryHeads % keyHeads !== 0) fail("num_attention_heads must be a multiple of num_key_value_heads");
  if (headDim % 2 !== 0) fail("head_dim must be even");
  return {
    family,
    vocabulary: count("vocab_size"),
    hidden,
    layers: count("num_hidden_layers", undefined, MOST_LAYERS),
    intermediate: count("intermediate_size"),
    heads: { queryHeads, keyHeads, headDim },
    eps: number("rms_norm_eps", 1e-6),
    ropeBase: number("rope_theta", 10000),
    tied: flag("tie_word_embeddings", false),
    attentionBias: flag("attention_bias", family === "qwen2"),
    queryKeyNorm: flag("qk_norm", family === "qwen3"),
    contextLength: count("max_position_embeddings", 2048),
    endToken: endToken(fields.eos_token_id),
  };
}

/** The first of several end tokens; −1, which no token equals, where there is none. */
function endToken(value: unknown): number {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === "number" && Number.isInteger(first) ? first : -1;
}

export function padTo4(n: number): number {
  return Math.ceil(n / 4) * 4;
}

/** Padded widths in floats: how rows lie on the device. */
export interface Widths {
  readonly hidden: number;
  readonly head: number;
  readonly queries: number;
  readonly keys: number;
  /** One q·k·v row. */
  readonly qkv: number;
  readonly intermediate: number;
  readonly vocabulary: number;
}

export function widths(config: ModelConfig): Widths {
  const head = headVectors(config.heads) * 4;
  const queries = config.heads.queryHeads * head;
  const keys = config.heads.keyHeads * head;
  return {
    hidden: padTo4(config.hidden),
    head,
    queries,
    keys,
    qkv: queries + 2 * keys,
    intermediate: padTo4(config.intermediate),
    vocabulary: padTo4(config.vocabulary),
  };
}
