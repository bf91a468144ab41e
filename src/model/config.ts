import { type HeadShape, headVectors } from "../ops/heads";
import type { RopeScaling } from "../ops/rope";
import { Fields, fail, isObject } from "./config-fields";
import { refuseOtherModels } from "./other-models";

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
  /** Llama 3's scaled rotations; null for plain ones. */
  readonly ropeScaling: RopeScaling | null;
  readonly tied: boolean;
  /** Biases on q, k and v (Qwen2). */
  readonly attentionBias: boolean;
  /** RMSNorm on every head's q and k (Qwen3). */
  readonly queryKeyNorm: boolean;
  /** Longest sequence in tokens. */
  readonly contextLength: number;
  /** The first of `endTokens`; −1, which equals no token, if there are none. */
  readonly endToken: number;
  /** Every token that ends a completion; chat models have another one for the end of a turn. */
  readonly endTokens: readonly number[];
}

/** Larger than any model, so that lists of layers stay short. */
const MOST_LAYERS = 1024;
/** The device compares every drawn token with all of them. */
const MOST_END_TOKENS = 8;

const FAMILIES = ["llama", "qwen2", "qwen3"] as const;

/** Parses and checks a `config.json`. @throws KelvinError "model" that names the field */
export function parseConfig(json: unknown): ModelConfig {
  if (!isObject(json)) fail("not a JSON object");
  const fields = new Fields(json);
  const family =
    FAMILIES.find((name) => name === fields.value("model_type")) ??
    fail(`model_type ${JSON.stringify(fields.value("model_type"))} is not supported`);
  refuseOtherModels(family, fields);
  const hidden = fields.count("hidden_size");
  const queryHeads = fields.count("num_attention_heads");
  const keyHeads = fields.count("num_key_value_heads", queryHeads);
  const headDim = fields.count("head_dim", usualHeadDim(family, fields) ?? hidden / queryHeads);
  if (queryHeads % keyHeads !== 0) fail("num_attention_heads must be a multiple of num_key_value_heads");
  if (headDim % 2 !== 0) fail("head_dim must be even");
  const rotations = rotationsOf(fields);
  const endTokens = [fields.value("eos_token_id")].flat().filter(isToken);
  if (endTokens.length > MOST_END_TOKENS) fail(`eos_token_id lists ${endTokens.length} tokens`);
  return {
    family,
    vocabulary: fields.count("vocab_size"),
    hidden,
    layers: fields.count("num_hidden_layers", undefined, MOST_LAYERS),
    intermediate: fields.count("intermediate_size"),
    heads: { queryHeads, keyHeads, headDim },
    eps: fields.number("rms_norm_eps", 1e-6),
    ropeBase: ropeBase(fields, rotations),
    ropeScaling: rotations && ropeScaling(rotations),
    tied: fields.flag("tie_word_embeddings", false),
    attentionBias: family === "qwen2",
    queryKeyNorm: family === "qwen3",
    contextLength: fields.count("max_position_embeddings", 2048),
    endToken: endTokens[0] ?? -1,
    endTokens,
  };
}

/** Default head width: Qwen3's fixed value, or null for equal shares of the model's width. */
function usualHeadDim(family: ModelConfig["family"], fields: Fields): number | null {
  return family === "qwen3" && fields.value("head_dim") === undefined ? 128 : null;
}

/** Newer files keep rotations under another name, with their base. @throws KelvinError "model" if both names say different things */
function rotationsOf(fields: Fields): Fields | null {
  const [newer, older] = [fields.object("rope_parameters"), fields.object("rope_scaling")];
  const other = older?.names.find((name) => JSON.stringify(older.value(name)) !== JSON.stringify(newer?.value(name)));
  if (newer && other !== undefined) fail(`rope_scaling.${other} and rope_parameters.${other} differ`);
  return newer ?? older;
}

function ropeBase(fields: Fields, rotations: Fields | null): number {
  const [own, beside] = [fields.value("rope_theta") ?? null, rotations?.value("rope_theta") ?? null];
  if (own !== null && beside !== null && own !== beside) fail("rope_theta and the one of rope_parameters differ");
  return (beside === null ? fields : (rotations as Fields)).number("rope_theta", 10000);
}

/** What an object about rotations may say, by kind. */
const PLAIN_ROPE: readonly string[] = ["rope_type", "type", "rope_theta", "partial_rotary_factor"];
const LLAMA3_ROPE: readonly string[] = [
  ...PLAIN_ROPE,
  "factor",
  "low_freq_factor",
  "high_freq_factor",
  "original_max_position_embeddings",
];

function refuseRest(fields: Fields, known: readonly string[]): void {
  const rest = fields.names.find((name) => !known.includes(name) && fields.value(name) !== null);
  if (rest !== undefined) fail(`rope_scaling.${rest} is a field that is not known`);
}

/** null for plain rotations. Any other kind than Llama 3's would be computed wrong, so it is refused. */
function ropeScaling(fields: Fields): RopeScaling | null {
  const kind = fields.value("rope_type") ?? fields.value("type");
  const onlyBase = fields.names.every((name) => name === "rope_theta");
  if (kind === "default" || (kind === undefined && onlyBase)) {
    refuseRest(fields, PLAIN_ROPE);
    return null;
  }
  if (kind !== "llama3") fail(`rope_scaling of type ${JSON.stringify(kind)} is not supported, only "llama3"`);
  refuseRest(fields, LLAMA3_ROPE);
  const lowFrequencyFactor = fields.number("low_freq_factor");
  const highFrequencyFactor = fields.number("high_freq_factor");
  if (highFrequencyFactor <= lowFrequencyFactor)
    fail("rope_scaling.high_freq_factor must be larger than low_freq_factor");
  const originalContext = fields.count("original_max_position_embeddings");
  return { factor: fields.number("factor"), lowFrequencyFactor, highFrequencyFactor, originalContext };
}

function isToken(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** Positions rotated for; small models may write past their training context. */
const POSITIONS = 256;

/** The configuration with as many positions as are rotated for, on the device and in ONNX. */
export function stretched(config: ModelConfig): ModelConfig {
  return { ...config, contextLength: Math.max(config.contextLength, POSITIONS) };
}

/** Floats of a row that kernels read as vec4. */
export function padTo4(n: number): number {
  return Math.ceil(n / 4) * 4;
}

/** Padded row widths on the device, in floats. */
export interface Widths {
  readonly hidden: number;
  readonly head: number;
  readonly queries: number;
  readonly keys: number;
  /** One row of q, k and v. */
  readonly qkv: number;
  readonly intermediate: number;
  readonly vocabulary: number;
}

/** The widths of a configuration, each padded to whole vec4. */
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
