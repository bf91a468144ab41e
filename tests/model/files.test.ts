import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import type { Device } from "../../src/device/device";
import { PagedBuffer } from "../../src/device/pages";
import { checkParameters, placedTensors } from "../../src/model/belongs";
import { parseConfig } from "../../src/model/config";
import { readModel } from "../../src/model/model-files";
import { readableTensors, readParameters, writeParameters } from "../../src/model/parameter-transfer";
import { DEFAULT_LIMITS, parameterLayout } from "../../src/model/parameters";
import { readSafetensors, type Tensor, writeSafetensors } from "../../src/model/safetensors";
import { blobSource } from "../../src/model/source";
import { openWeights, readAll, roundingNote, weightsInMemory } from "../../src/model/stored-weights";
import { halved } from "../reference/numbers";

const config = {
  model_type: "qwen3",
  vocab_size: 61,
  hidden_size: 18,
  intermediate_size: 37,
  num_hidden_layers: 2,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  head_dim: 10,
  eos_token_id: 60,
};

const LLAMA = { ...config, model_type: "llama" };
const QWEN2 = { ...config, model_type: "qwen2" };

/** As Llama 3.2's files have it. */
const LLAMA3 = {
  rope_type: "llama3",
  factor: 32,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
};

/** Every field of configurations that are in use, as transformers 4 and 5 write them. */
const REAL = {
  "Llama 3.2 1B": {
    architectures: ["LlamaForCausalLM"],
    attention_bias: false,
    attention_dropout: 0,
    bos_token_id: 128000,
    eos_token_id: [128001, 128008, 128009],
    head_dim: 64,
    hidden_act: "silu",
    hidden_size: 2048,
    initializer_range: 0.02,
    intermediate_size: 8192,
    max_position_embeddings: 131072,
    mlp_bias: false,
    model_type: "llama",
    num_attention_heads: 32,
    num_hidden_layers: 16,
    num_key_value_heads: 8,
    pretraining_tp: 1,
    rms_norm_eps: 1e-5,
    rope_scaling: LLAMA3,
    rope_theta: 500000,
    tie_word_embeddings: true,
    torch_dtype: "bfloat16",
    transformers_version: "4.45.0.dev0",
    use_cache: true,
    vocab_size: 128256,
  },
  "Qwen2.5 0.5B": {
    architectures: ["Qwen2ForCausalLM"],
    attention_dropout: 0,
    bos_token_id: 151643,
    eos_token_id: 151645,
    hidden_act: "silu",
    hidden_size: 896,
    initializer_range: 0.02,
    intermediate_size: 4864,
    max_position_embeddings: 32768,
    max_window_layers: 21,
    model_type: "qwen2",
    num_attention_heads: 14,
    num_hidden_layers: 24,
    num_key_value_heads: 2,
    rms_norm_eps: 1e-6,
    rope_theta: 1000000,
    sliding_window: 32768,
    tie_word_embeddings: true,
    torch_dtype: "bfloat16",
    transformers_version: "4.43.1",
    use_cache: true,
    use_mrope: false,
    use_sliding_window: false,
    vocab_size: 151936,
  },
  "Qwen3 0.6B": {
    architectures: ["Qwen3ForCausalLM"],
    attention_bias: false,
    attention_dropout: 0,
    dtype: "bfloat16",
    eos_token_id: 151645,
    head_dim: 128,
    hidden_act: "silu",
    hidden_size: 1024,
    initializer_range: 0.02,
    intermediate_size: 3072,
    layer_types: Array<string>(28).fill("full_attention"),
    max_position_embeddings: 40960,
    max_window_layers: 28,
    model_type: "qwen3",
    num_attention_heads: 16,
    num_hidden_layers: 28,
    num_key_value_heads: 8,
    pad_token_id: null,
    rms_norm_eps: 1e-6,
    rope_parameters: { rope_theta: 1000000, rope_type: "default" },
    sliding_window: null,
    tie_word_embeddings: true,
    transformers_version: "5.0.0",
    use_cache: true,
    use_sliding_window: false,
    vocab_size: 151936,
  },
  "SmolLM2 135M": {
    _name_or_path: "somewhere/checkpoint",
    architectures: ["LlamaForCausalLM"],
    attention_bias: false,
    attention_dropout: 0,
    bos_token_id: 1,
    eos_token_id: 2,
    hidden_act: "silu",
    hidden_size: 576,
    initializer_range: 0.041666666666666664,
    intermediate_size: 1536,
    is_llama_config: true,
    max_position_embeddings: 8192,
    mlp_bias: false,
    model_type: "llama",
    num_attention_heads: 9,
    num_hidden_layers: 30,
    num_key_value_heads: 3,
    pad_token_id: 2,
    pretraining_tp: 1,
    rms_norm_eps: 1e-5,
    rope_interleaved: false,
    rope_scaling: null,
    rope_theta: 100000,
    tie_word_embeddings: true,
    torch_dtype: "bfloat16",
    "transformers.js_config": { kv_cache_dtype: { q4f16: "float16", fp16: "float16" } },
    transformers_version: "4.42.3",
    use_cache: true,
    vocab_size: 49152,
  },
};

/** The error of a refused file: one KelvinError about the model, in one line. */
function refusal(read: () => unknown, expected = "model"): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(KelvinError);
    const { reason, message, hint } = error as KelvinError;
    expect(reason).toBe(expected);
    expect(hint).not.toBe("");
    expect(message).not.toContain("\n");
    return message;
  }
  throw new Error("it was accepted");
}

describe("config.json", () => {
  it("gives the sizes and each family's own settings", () => {
    expect(parseConfig(config)).toMatchObject({
      heads: { queryHeads: 6, keyHeads: 2, headDim: 10 },
      queryKeyNorm: true,
      attentionBias: false,
      tied: false,
      endToken: 60,
    });
    expect(parseConfig({ ...config, model_type: "qwen2" })).toMatchObject({ queryKeyNorm: false, attentionBias: true });
    const plain = { ...config, model_type: "llama", head_dim: null, num_key_value_heads: null, hidden_size: 24 };
    expect(parseConfig(plain).heads).toEqual({ queryHeads: 6, keyHeads: 6, headDim: 4 });
    const ends = parseConfig({ ...config, eos_token_id: [7, 8] });
    expect([ends.endToken, ends.endTokens]).toEqual([7, [7, 8]]);
    expect(parseConfig({ ...config, eos_token_id: null }).endToken).toBe(-1);
  });

  it("stretches rotations as Llama 3 does, in either spelling of the file", () => {
    const scaling = { factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8192 };
    const older = { ...config, rope_theta: 500000, rope_scaling: LLAMA3 };
    expect(parseConfig(older)).toMatchObject({ ropeBase: 500000, ropeScaling: scaling });
    const newer = { ...config, rope_parameters: { ...LLAMA3, rope_theta: 500000 } };
    expect(parseConfig(newer)).toEqual(parseConfig(older));
    for (const none of [undefined, null, { rope_type: "default" }])
      expect(parseConfig({ ...config, rope_scaling: none }).ropeScaling).toBeNull();
  });

  it("leaves to each family what Hugging Face's code heeds of its flags", () => {
    const flags = { attention_bias: false, qk_norm: false, mlp_bias: true };
    expect(parseConfig({ ...QWEN2, ...flags })).toMatchObject({ attentionBias: true, queryKeyNorm: false });
    expect(parseConfig({ ...config, qk_norm: true })).toMatchObject({ attentionBias: false, queryKeyNorm: true });
    expect(parseConfig({ ...config, head_dim: undefined }).heads.headDim).toBe(128);
    const unused = [
      { use_sliding_window: false, sliding_window: 8 },
      { use_sliding_window: true, sliding_window: 8, max_window_layers: 2 },
      { use_sliding_window: true, sliding_window: null, max_window_layers: 0 },
      { layer_types: ["full_attention", "full_attention"] },
      { hidden_act: "swish", rope_parameters: { rope_theta: 10000 }, quantization_config: null },
    ];
    for (const more of unused) expect(parseConfig({ ...QWEN2, ...more })).toEqual(parseConfig(QWEN2));
  });

  it.each(Object.entries(REAL))("is read as %s has it", (_, json) => {
    expect(parseConfig(json).vocabulary).toBe(json.vocab_size);
  });

  it.each([
    ["not an object", [config], /not a JSON object/],
    ["another family", { ...config, model_type: "mamba" }, /mamba/],
    ["no family", { ...config, model_type: undefined }, /model_type/],
    ["a missing size", { ...config, hidden_size: undefined }, /hidden_size/],
    ["a size that is no integer", { ...config, intermediate_size: 37.5 }, /intermediate_size/],
    ["a size that is text", { ...config, vocab_size: "61" }, /vocab_size/],
    ["a size nobody has", { ...config, vocab_size: 1e12 }, /vocab_size/],
    ["layers without end", { ...config, num_hidden_layers: 1e9 }, /num_hidden_layers/],
    ["heads that do not divide the width", { ...config, head_dim: null, num_attention_heads: 4 }, /head_dim/],
    ["heads that do not divide into groups", { ...config, num_key_value_heads: 4 }, /multiple/],
    ["an odd head width", { ...config, head_dim: 9 }, /even/],
    ["an epsilon of zero", { ...config, rms_norm_eps: 0 }, /rms_norm_eps/],
    ["an infinite rotation", { ...config, rope_theta: Number.POSITIVE_INFINITY }, /rope_theta/],
    [
      "rotations stretched some other way",
      { ...config, rope_scaling: { type: "yarn", factor: 2 } },
      /rope_scaling.*"yarn"/,
    ],
    ["rotations stretched nobody knows how", { ...config, rope_scaling: { factor: 2 } }, /rope_scaling/],
    [
      "a stretch without its factor",
      { ...config, rope_scaling: { ...LLAMA3, factor: undefined } },
      /rope_scaling.factor/,
    ],
    ["a stretch turned round", { ...config, rope_scaling: { ...LLAMA3, high_freq_factor: 0.5 } }, /high_freq_factor/],
    ["a stretch that is a number", { ...config, rope_scaling: 8 }, /rope_scaling must be an object/],
    [
      "rotations stretched linearly",
      { ...config, rope_scaling: { rope_type: "linear", factor: 2 } },
      /rope_scaling.*"linear"/,
    ],
    ["dynamic rotations", { ...config, rope_parameters: { rope_type: "dynamic", factor: 2 } }, /"dynamic"/],
    ["half of each head rotated", { ...config, partial_rotary_factor: 0.5 }, /partial_rotary_factor/],
    [
      "half of each head rotated, in the newer spelling",
      { ...config, rope_parameters: { rope_type: "default", partial_rotary_factor: 0.5 } },
      /partial_rotary_factor/,
    ],
    ["biases in attention", { ...config, attention_bias: true }, /o_proj\.bias of a qwen3/],
    ["biases in Llama's attention", { ...LLAMA, attention_bias: true }, /o_proj\.bias of a llama/],
    ["biases in the feed-forward part", { ...LLAMA, mlp_bias: true }, /mlp\.gate_proj\.bias/],
    ["another activation", { ...config, hidden_act: "gelu" }, /hidden_act "gelu"/],
    [
      "a sliding window",
      { ...QWEN2, use_sliding_window: true, sliding_window: 8, max_window_layers: 1 },
      /use_sliding_window.*from 1 on/,
    ],
    [
      "layers that slide",
      { ...config, layer_types: ["full_attention", "sliding_attention"] },
      /layer_types has "sliding_attention"/,
    ],
    [
      "a field nobody knows",
      { ...LLAMA, attention_scale_of_tomorrow: 0.5 },
      /attention_scale_of_tomorrow 0\.5 is a field/,
    ],
    [
      "a field nobody knows, switched off",
      { ...LLAMA, use_rope: false },
      /use_rope false is a field that is not known/,
    ],
    ...[
      { attention_multiplier: 0.5 },
      { logits_scaling: 8 },
      { embedding_multiplier: 12 },
      { residual_multiplier: 0.22 },
      { final_logit_softcapping: 30 },
      { clip_qkv: 8 },
      { no_rope_layers: [1, 0] },
      { rope_interleaved: true },
      { qk_norm: true },
      { is_causal: false },
      { is_encoder_decoder: true },
      { pruned_heads: { 0: [1] } },
      { num_local_experts: 8 },
    ].map((other) => {
      const [name = ""] = Object.keys(other);
      return [
        `another model's ${name}`,
        { ...LLAMA, ...other },
        new RegExp(`${name} .*not (?:known|supported)`),
      ] as const;
    }),
    [
      "two bases of rotations",
      { ...config, rope_theta: 5000, rope_parameters: { rope_type: "default", rope_theta: 10000 } },
      /rope_theta/,
    ],
    [
      "two scalings of rotations",
      { ...config, rope_scaling: LLAMA3, rope_parameters: { ...LLAMA3, factor: 8 } },
      /rope_scaling\.factor and rope_parameters\.factor differ/,
    ],
    [
      "rotations in sections",
      { ...QWEN2, rope_scaling: { rope_type: "default", mrope_section: [2, 3] } },
      /rope_scaling\.mrope_section/,
    ],
    [
      "a stretch with a factor nobody knows",
      { ...config, rope_scaling: { ...LLAMA3, attention_factor: 2 } },
      /rope_scaling\.attention_factor/,
    ],
    ["quantized weights", { ...config, quantization_config: { quant_method: "gptq" } }, /quantization_config/],
    ["a flag that is none", { ...config, tie_word_embeddings: "yes" }, /tie_word_embeddings/],
  ] as [string, unknown, RegExp][])("with %s is refused, naming the field", (_what, json, message) => {
    expect(refusal(() => parseConfig(json))).toMatch(message);
  });
});

const tensors = new Map<string, Tensor>([
  ["a", { shape: [2, 3], data: Float32Array.of(1, -2, 3, 1e-40, Number.MAX_VALUE, -0) }],
  ["empty", { shape: [0, 4], data: new Float32Array(0) }],
  ["scalar", { shape: [], data: Float32Array.of(0.1) }],
  ["naïve ✓", { shape: [1], data: Float32Array.of(Number.NaN) }],
]);

/** A file with this header and body. */
function file(header: unknown, body: ArrayLike<number> = [], length?: number): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const json = header instanceof Uint8Array ? header : new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

const F32 = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
const one = (entry: object, body = new Uint8Array(8)) => file({ t: { ...F32, ...entry } }, body);

/** A header that the reference library refuses for its length alone. */
function tooLong(): Uint8Array {
  const bytes = new Uint8Array(100_000_009).fill(32);
  bytes.set(file("{}", [], 100_000_001).subarray(0, 10));
  return bytes;
}

describe("safetensors", () => {
  it("come back as they were written, from any place in memory", () => {
    const bytes = writeSafetensors(tensors, { format: "pt" });
    expect(readSafetensors(bytes).tensors).toEqual(tensors);
    const moved = new Uint8Array(bytes.length + 3);
    moved.set(bytes, 3);
    expect(readSafetensors(moved.subarray(3)).tensors).toEqual(tensors);
    expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n);
  });

  it("widen half precision exactly and read integers", () => {
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0xfc00);
    const entry = { dtype: "F16", shape: [halves.length], data_offsets: [0, 12] };
    const f16 = readSafetensors(file({ h: entry }, new Uint8Array(halves.buffer)));
    const expected = Float32Array.of(1, -2, 65504, 2 ** -24, -0, Number.NEGATIVE_INFINITY);
    expect(f16.tensors.get("h")?.data).toEqual(expected);
    const brain = new Uint8Array(Uint16Array.of(0x3f80, 0xc049).buffer);
    const bf16 = readSafetensors(file({ b: { dtype: "BF16", shape: [2], data_offsets: [0, 4] } }, brain));
    expect(bf16.tensors.get("b")?.data).toEqual(Float32Array.of(1, -3.140625));
    const long = new Uint8Array(BigInt64Array.of(-5n, 7n).buffer);
    const i64 = readSafetensors(file({ i: { dtype: "I64", shape: [2], data_offsets: [0, 16] } }, long));
    expect(i64.integers.get("i")?.data).toEqual(Int32Array.of(-5, 7));
  });

  it.each([
    ["nothing in it", new Uint8Array(0), /0 bytes/],
    ["half a length", new Uint8Array(5), /5 bytes/],
    ["a header longer than the file", file("{}", [], 1000), /claims 1000/],
    ["a header of 2⁶³ bytes", new Uint8Array([0, 0, 0, 0, 0, 0, 0, 128, 123, 125]), /claims/],
    ["a header that is no JSON", file("{nonsense"), /JSON/],
    ["a header that is no text", file("\u0000"), /JSON/],
    ["a list for a header", file([1]), /object/],
    ["an entry that is none", file({ t: null }), /t has no shape/],
    ["no shape", one({ shape: undefined }), /t has no shape/],
    ["a negative shape", one({ shape: [-2] }), /-2 is not a count/],
    ["no offsets", one({ data_offsets: undefined }), /data_offsets/],
    ["an unknown type", one({ dtype: "F128" }), /F128/],
    ["a type in small letters", one({ dtype: "f32" }), /f32/],
    ["no type", one({ dtype: undefined }), /type/],
    ["a type that objects have", one({ dtype: "constructor" }), /t/],
    ["offsets that leave a gap", one({ data_offsets: [4, 12] }), /t: offsets leave a gap of 4 bytes/],
    ["offsets behind the end", one({ shape: [4], data_offsets: [0, 16] }), /t: offsets go beyond the end/],
    ["offsets turned round", one({ data_offsets: [8, 0] }), /t: offsets/],
    ["three offsets", one({ data_offsets: [0, 8, 8] }), /data_offsets/],
    ["bytes at the end", one({}, new Uint8Array(9)), /1 bytes at the end belong to no tensor/],
    ["bytes of no tensor", file({}, [1]), /1 bytes at the end/],
    [
      "tensors that overlap",
      file({ t: F32, u: { ...F32, shape: [1], data_offsets: [4, 8] } }, new Uint8Array(8)),
      /u: offsets overlap/,
    ],
    ["the same bytes twice", file({ t: F32, u: F32 }, new Uint8Array(8)), /offsets overlap/],
    [
      "an empty tensor amidst another",
      file({ t: F32, u: { ...F32, shape: [0], data_offsets: [4, 4] } }, new Uint8Array(8)),
      /offsets/,
    ],
    ["a name twice", file(`{"t":${JSON.stringify(F32)},"t":${JSON.stringify(F32)}}`, new Uint8Array(8)), /t twice/],
    [
      "a name twice, spelled in two ways",
      file(`{"t":${JSON.stringify(F32)},"\\u0074":${JSON.stringify(F32)}}`, new Uint8Array(8)),
      /t twice/,
    ],
    [
      "a type twice",
      file('{"t":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', new Uint8Array(8)),
      /dtype twice/,
    ],
    ["metadata twice", file('{"__metadata__":{},"__metadata__":{}}'), /__metadata__ twice/],
    ["metadata that are no texts", file({ __metadata__: { format: 1 } }), /__metadata__/],
    ["metadata that are a list", file({ __metadata__: [] }), /__metadata__/],
    ["a fraction", file('{"t":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}', new Uint8Array(8)), /2\.0/],
    ["an exponent", file('{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8e0]}}', new Uint8Array(8)), /8e0/],
    ["a negative zero", file('{"t":{"dtype":"F32","shape":[2],"data_offsets":[-0,8]}}', new Uint8Array(8)), /-0/],
    ["half a character", file({ "\ud800": F32 }, new Uint8Array(8)), /half a character/],
    ["a byte order mark", file("\ufeff{}"), /JSON/],
    ["bytes that are no UTF-8", file(Uint8Array.of(123, 34, 255, 34, 58, 49, 125)), /JSON/],
    ["something behind its header", file("{}x"), /JSON/],
    ["a header of more than 100 MB", tooLong(), /claims 100000001/],
    ["a part of a byte", one({ dtype: "F4", shape: [3], data_offsets: [0, 2] }), /t: offsets/],
    ["offsets before the start", one({ data_offsets: [-8, 0] }), /-8 is not a count/],
    ["offsets of another length", one({ shape: [3] }), /offsets/],
    ["a shape beyond all memory", one({ shape: [1e200, 1e200] }), /1e\+200 is not a count/],
    ["a shape beyond all memory that holds nothing", one({ shape: [2 ** 40, 2 ** 40] }), /offsets/],
  ])("with %s are refused", (_what, bytes, message) => {
    expect(refusal(() => readSafetensors(bytes))).toMatch(message);
  });

  it("are read in any order of names, with empty tensors, blanks, and types that nobody computes with", () => {
    const entry = (dtype: string, shape: number[], first: number, end: number) => ({
      dtype,
      shape,
      data_offsets: [first, end],
    });
    const header = {
      late: entry("F32", [1], 22, 26),
      none: entry("F32", [0, 3], 22, 22),
      double: entry("F64", [2], 0, 16),
      truth: entry("BOOL", [2], 16, 18),
      tiny: entry("F8_E4M3", [2], 18, 20),
      half: entry("F4", [4], 20, 22),
    };
    const body = new Uint8Array(26);
    body.set(new Uint8Array(Float64Array.of(0.1, -2).buffer));
    body.set(new Uint8Array(Float32Array.of(7).buffer), 22);
    const { tensors } = readSafetensors(file(` ${JSON.stringify(header)}\n  `, body));
    expect([...tensors.keys()].sort()).toEqual(["double", "late", "none"]);
    expect(tensors.get("double")?.data).toEqual(Float32Array.of(0.1, -2));
    expect(tensors.get("late")?.data).toEqual(Float32Array.of(7));
  });

  it("of float64 are refused by name if a number is too large for float32", () => {
    const doubles = (...values: number[]) =>
      one({ dtype: "F64", shape: [2], data_offsets: [0, 16] }, new Uint8Array(Float64Array.from(values).buffer));
    expect(refusal(() => readSafetensors(doubles(1, 1e39)))).toMatch(/t holds 1e\+39/);
    expect(readSafetensors(doubles(Number.NaN, Number.POSITIVE_INFINITY)).tensors.get("t")?.data).toEqual(
      Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY),
    );
  });

  it("of two megabytes with 20,000 tensors over the same bytes are refused before any is read", () => {
    const names = Array.from({ length: 20_000 }, (_, i) => [
      `t${i}`,
      { dtype: "F32", shape: [131072], data_offsets: [0, 524288] },
    ]);
    const bytes = file(Object.fromEntries(names), new Uint8Array(524288));
    expect(refusal(() => readSafetensors(bytes))).toMatch(/overlap/);
  });

  it("with any damage are read or refused, never anything else", () => {
    const bytes = writeSafetensors(tensors, { format: "pt" });
    const damage = fc.record({ at: fc.nat(bytes.length - 1), value: fc.nat(255), end: fc.nat(bytes.length) });
    fc.assert(
      fc.property(damage, ({ at, value, end }) => {
        const damaged = bytes.slice(0, end);
        if (at < end) damaged[at] = value;
        try {
          readSafetensors(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(KelvinError);
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});

describe("weights", () => {
  const weights = (value: number, metadata = {}, name = "t") =>
    new Blob([writeSafetensors(new Map([[name, { shape: [1], data: Float32Array.of(value) }]]), metadata)]);
  const INDEX = "model.safetensors.index.json";
  const open = async (files: Readonly<Record<string, Blob | object>>) => {
    const blobs = Object.entries(files).map(
      ([name, file]) => [name, file instanceof Blob ? file : new Blob([JSON.stringify(file)])] as const,
    );
    return Object.fromEntries(
      [...(await readAll(await openWeights(blobSource("m", new Map(blobs)))))].map(([name, { data }]) => [
        name,
        ...data,
      ]),
    );
  };

  it("are those of model.safetensors, whatever an index beside it says", async () => {
    const index = { weight_map: { t: "part.safetensors" } };
    const parts = { [INDEX]: index, "part.safetensors": weights(2) };
    expect(await open({ "model.safetensors": weights(1), ...parts })).toEqual({ t: 1 });
    expect(await open({ "model.safetensors": weights(1), [INDEX]: [] })).toEqual({ t: 1 });
    expect(await open(parts)).toEqual({ t: 2 });
    const both = { [INDEX]: { weight_map: { u: "part.safetensors" } }, "part.safetensors": weights(2) };
    await expect(open(both)).rejects.toThrow(/part\.safetensors has no u/);
    await expect(open({})).rejects.toThrow(/has no model\.safetensors/);
  });

  it("have the names that the metadata give shared matrices, also in parts", async () => {
    const shared = weights(3, { format: "pt", other: "t", gone: "missing" });
    expect(await open({ "model.safetensors": shared })).toEqual({ t: 3, other: 3 });
    const index = { weight_map: { t: "part.safetensors" } };
    expect(await open({ [INDEX]: index, "part.safetensors": shared })).toEqual({ t: 3, other: 3 });
  });

  it("in float64 are told of", async () => {
    const header = { a: { dtype: "F64", shape: [1], data_offsets: [0, 8] } };
    const doubles = weightsInMemory(file(header, new Uint8Array(8)));
    expect(roundingNote(doubles)).toMatch(/^1 tensors .* float64; they are rounded to float32$/);
    expect(roundingNote(weightsInMemory(writeSafetensors(tensors)))).toBeNull();
  });
});

describe("end tokens", () => {
  const ends = async (generation?: unknown, own: unknown = 60): Promise<unknown> => {
    const files = {
      "config.json": { ...config, eos_token_id: own },
      "tokenizer.json": {},
      ...(generation === undefined ? {} : { "generation_config.json": generation }),
    };
    const blobs = Object.entries(files).map(([key, json]): [string, Blob] => [key, new Blob([JSON.stringify(json)])]);
    const weights = new Blob([writeSafetensors(new Map()) as Uint8Array<ArrayBuffer>]);
    const read = await readModel(blobSource("m", new Map([...blobs, ["model.safetensors", weights]])));
    return parseConfig(read.config).endTokens;
  };

  it("are those of generation_config.json, then config.json's", async () => {
    expect(await ends()).toEqual([60]);
    expect(await ends({})).toEqual([60]);
    expect(await ends({ eos_token_id: [7, 60, 9] })).toEqual([7, 60, 9]);
    expect(await ends({ eos_token_id: 7 }, [60, 8])).toEqual([7, 60, 8]);
    expect(await ends({ eos_token_id: 7 }, null)).toEqual([7]);
  });

  it("of a file that is no object, or lists too many, are refused by name", async () => {
    await expect(ends([7])).rejects.toThrow(/^generation_config.json is not a JSON object/);
    await expect(ends({ eos_token_id: [1, 2, 3, 4, 5, 6, 7, 8] })).rejects.toThrow(/eos_token_id lists 9 tokens/);
  });
});

describe("a model's parameters", () => {
  const layout = parameterLayout(parseConfig(config));
  const full = new Map(
    layout.parameters.map(({ name, shape }, i) => {
      const count = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: Float32Array.from({ length: count }, (_, k) => i + k / count + 1) }] as const;
    }),
  );

  it.each([
    ["one page", DEFAULT_LIMITS],
    ["pages of few rows", { pageFloats: 2500, mostFloats: 2500, chunkRows: 64 }],
    [
      "a page for every 64 rows, and for each matrix that has fewer",
      { pageFloats: 1, mostFloats: 1600, chunkRows: 64 },
    ],
  ])("go into padded buffers and come back: %s; padding is zero", async (_, limits) => {
    const cut = parameterLayout(parseConfig(config), limits);
    expect(cut.floats).toBe(layout.floats);
    expect(cut.pages.length > 1).toBe(limits !== DEFAULT_LIMITS);
    expect(Math.max(...cut.pages.map(({ size }) => size))).toBeLessThanOrEqual(limits.mostFloats);
    const gpu = memoryOnly();
    const values = new PagedBuffer(gpu, "weights", cut.pages);
    await writeParameters(gpu, cut, values, readableTensors(full));
    expect(await readParameters(gpu, cut, values)).toEqual(full);
    const flat = await values.read(gpu);
    expect(flat.reduce((count, value) => count + (value === 0 ? 0 : 1), 0)).toBe(layout.count);
    expect(flat.length).toBeGreaterThan(layout.count);
  });

  it.each([
    ["one page of each kind", DEFAULT_LIMITS, 3],
    ["pages of few rows", { pageFloats: 1250, mostFloats: 1250, chunkRows: 64 }, 6],
  ])("come back with their matrices rounded where those are held as halves: %s", async (_, limits, least) => {
    const cut = parameterLayout(parseConfig(config), limits, "float16");
    expect(cut.pages.length).toBeGreaterThanOrEqual(least);
    for (const { size, halves } of cut.pages) expect(size).toBeLessThanOrEqual(limits.mostFloats * (halves ? 2 : 1));
    const gpu = memoryOnly();
    const values = new PagedBuffer(gpu, "weights", cut.pages);
    await writeParameters(gpu, cut, values, readableTensors(full));
    const found = await readParameters(gpu, cut, values);
    for (const [name, { shape, data }] of full) {
      const expected = shape.length === 1 ? data : Float32Array.from(halved(Float64Array.from(data)));
      expect(found.get(name), name).toEqual({ shape, data: expected });
    }
    const bytes = cut.pages.reduce((sum, { size, halves }) => sum + size * (halves ? 2 : 4), 0);
    expect(values.buffers.reduce((sum, { size }) => sum + size, 0)).toBe(bytes);
    const starts = cut.layers.map(({ qkv, norm1 }) => [values.view(qkv).offset % 256, values.view(norm1).offset % 256]);
    expect(starts.flat().every((offset) => offset === 0)).toBe(true);
  });

  it("are refused, by name and before any memory is taken, where not even a matrix's smallest shard fits a buffer", () => {
    const limits = { pageFloats: 1200, mostFloats: 1200, chunkRows: 64 };
    const message = "64 rows of model.layers.0.self_attn.q_proj.weight and 2 more take 5120 bytes";
    const few = parseConfig({ ...config, vocab_size: 24 });
    expect(refusal(() => parameterLayout(few, limits), "out-of-memory")).toContain(message);
  });

  it("are refused where one is missing or has another shape, by name", () => {
    const name = "model.layers.1.mlp.down_proj.weight";
    const without = new Map([...full].filter(([key]) => key !== name));
    expect(refusal(() => checkParameters(layout, readableTensors(without)))).toContain(`${name} is missing`);
    const turned = new Map(full).set(name, { shape: [37, 18], data: new Float32Array(37 * 18) });
    expect(refusal(() => checkParameters(layout, readableTensors(turned)))).toBe(
      `${name}: expected [18,37], got [37,18]`,
    );
  });

  it("are refused where one would be left out, by name; buffers that hold no weights are", async () => {
    const extra = (...names: string[]) =>
      placedTensors(
        layout,
        new Map([...readableTensors(full), ...names.map((name) => [name, buffer("F32")] as const)]),
      );
    const bias = "model.layers.0.self_attn.o_proj.bias";
    await expect(extra(bias)).rejects.toThrow(bias);
    for (const name of ["step", "v_head.weight", "model.layers.0.self_attn.bias", "model.layers.0.self_attn.k_scale"])
      await expect(extra(name)).rejects.toThrow(`${name} cannot be placed`);
    const beyond = ["model.layers.2.mlp.up_proj.weight", "lm_head.bias", "model.norm.bias"] as const;
    await expect(extra(...beyond)).rejects.toThrow(`${beyond[0]} and 2 more tensors`);
    const attention = "model.layers.0.self_attn";
    await extra(`${attention}.rotary_emb.inv_freq`, "model.rotary_emb.inv_freq", `${attention}.masked_bias`);
    for (const dtype of ["U8", "BOOL", "I64", "I8", "U16"])
      await placedTensors(layout, new Map([...readableTensors(full), [`${attention}._extra_state`, buffer(dtype)]]));
    for (const dtype of ["F8_E4M3", "F4", "C64"]) {
      const stored = new Map([...readableTensors(full), [`${attention}.q_proj.scale`, buffer(dtype)]]);
      await expect(placedTensors(layout, stored)).rejects.toThrow(`${attention}.q_proj.scale cannot be placed`);
    }
    const mask = { ...buffer("F32"), shape: [1, 1, 8, 8] };
    await placedTensors(layout, new Map([...readableTensors(full), [`${attention}.bias`, mask]]));
  });

  it("are refused where one is stored in a type that is not read, by name", async () => {
    const name = "model.layers.1.mlp.down_proj.weight";
    for (const dtype of ["I8", "U8", "F8_E4M3"]) {
      const stored = new Map([...readableTensors(full), [name, { ...buffer(dtype), shape: [18, 37] }]]);
      await expect(placedTensors(layout, stored)).rejects.toThrow(`${name} is stored as ${dtype}`);
    }
  });

  describe("with a tied head", () => {
    const tied = parameterLayout(parseConfig({ ...config, tie_word_embeddings: true }));
    const embedding = full.get("model.embed_tokens.weight") as Tensor;
    const stored = (more: object) => {
      const rest = [...full].filter(([name]) => name !== "lm_head.weight" && name !== "model.embed_tokens.weight");
      return readableTensors(new Map([...rest, ...(Object.entries(more) as [string, Tensor][])]));
    };

    it("take it from either name, or from both if they are the same bits", async () => {
      const copy = { ...embedding, data: embedding.data.slice() };
      for (const more of [
        { "model.embed_tokens.weight": embedding },
        { "lm_head.weight": embedding },
        { "lm_head.weight": copy, "model.embed_tokens.weight": embedding },
      ]) {
        const placed = (await placedTensors(tied, stored(more))).get("model.embed_tokens.weight");
        expect(await placed?.read(0, embedding.data.length)).toEqual(embedding.data);
      }
    });

    it("are refused, not cut, if the stored head is another", async () => {
      const other = { ...embedding, data: embedding.data.slice() };
      other.data[other.data.length - 1] = 0;
      const turned = { ...embedding, shape: [...embedding.shape].reverse() };
      for (const head of [other, turned])
        await expect(
          placedTensors(tied, stored({ "lm_head.weight": head, "model.embed_tokens.weight": embedding })),
        ).rejects.toThrow(/lm_head\.weight is not model\.embed_tokens\.weight.*tie_word_embeddings/);
    });
  });

  it("are refused before any memory is taken for a model they cannot be", () => {
    const giant = parameterLayout(parseConfig({ ...config, vocab_size: 1e7, hidden_size: 1e6 }));
    expect(refusal(() => checkParameters(giant, readableTensors(full)))).toContain("model.embed_tokens.weight");
  });
});

/** A tensor of another type that is never read. */
function buffer(dtype: string) {
  return { shape: [4], dtype, read: async () => new Float32Array(4) };
}

/** A device that only remembers: enough for numbers to go there and come back. */
function memoryOnly(): Device {
  const memory = new Map<unknown, Uint8Array<ArrayBuffer>>();
  const device: Pick<Device, "storage" | "write" | "read" | "settle"> = {
    storage(label, floats) {
      const buffer = { label, size: floats * 4 };
      memory.set(buffer, new Uint8Array(floats * 4));
      return buffer;
    },
    write: (buffer, { buffer: data, byteOffset, byteLength }, at = 0) =>
      memory.get(buffer)?.set(new Uint8Array(data, byteOffset, byteLength), at),
    read: async ({ buffer, offset, size }) =>
      (memory.get(buffer) as Uint8Array<ArrayBuffer>).slice(offset, offset + size).buffer,
    settle: async () => {},
  };
  return device as Device;
}
