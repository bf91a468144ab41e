import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import type { Device } from "../../src/device/device";
import { PagedBuffer } from "../../src/device/pages";
import { parseConfig } from "../../src/model/config";
import { readModel } from "../../src/model/model-files";
import {
  checkParameters,
  readableTensors,
  readParameters,
  refuseUnplaced,
  writeParameters,
} from "../../src/model/parameter-transfer";
import { DEFAULT_LIMITS, parameterLayout } from "../../src/model/parameters";
import { readSafetensors, type Tensor, writeSafetensors } from "../../src/model/safetensors";
import { blobSource } from "../../src/model/source";
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
    const flags = { attention_bias: false, qk_norm: true, mlp_bias: true };
    expect(parseConfig({ ...QWEN2, ...flags })).toMatchObject({ attentionBias: true, queryKeyNorm: false });
    expect(parseConfig({ ...config, qk_norm: false })).toMatchObject({ attentionBias: false, queryKeyNorm: true });
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
    ["quantized weights", { ...config, quantization_config: { quant_method: "gptq" } }, /quantization_config/],
    ["a flag that is none", { ...config, tie_word_embeddings: "yes" }, /tie_word_embeddings/],
  ])("with %s is refused, naming the field", (_what, json, message) => {
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
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

const one = (entry: object, body = new Uint8Array(8)) =>
  file({ t: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...entry } }, body);

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
    ["a negative shape", one({ shape: [-2] }), /t has no shape/],
    ["no offsets", one({ data_offsets: undefined }), /data_offsets/],
    ["an unknown type", one({ dtype: "F8_E4M3" }), /F8_E4M3/],
    ["no type", one({ dtype: undefined }), /type/],
    ["a type that objects have", one({ dtype: "constructor" }), /t/],
    ["offsets behind the end", one({ data_offsets: [4, 12] }), /offsets/],
    ["offsets before the start", one({ data_offsets: [-8, 0] }), /offsets/],
    ["offsets of another length", one({ shape: [3] }), /offsets/],
    ["a shape beyond all memory", one({ shape: [1e200, 1e200] }), /offsets/],
  ])("with %s are refused", (_what, bytes, message) => {
    expect(refusal(() => readSafetensors(bytes))).toMatch(message);
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

  it("are those of generation_config.json too, config.json's first", async () => {
    expect(await ends()).toEqual([60]);
    expect(await ends({})).toEqual([60]);
    expect(await ends({ eos_token_id: [7, 60, 9] })).toEqual([60, 7, 9]);
    expect(await ends({ eos_token_id: 7 }, [60, 8])).toEqual([60, 8, 7]);
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

  it("are refused where one would be left out, by name; not for tables of rotations or a tied head stored again", () => {
    const names = [...full.keys()];
    const bias = "model.layers.0.self_attn.o_proj.bias";
    expect(refusal(() => refuseUnplaced(layout, [...names, bias]))).toContain(bias);
    const beyond = ["model.layers.2.mlp.up_proj.weight", "lm_head.bias", "model.norm.bias"];
    expect(refusal(() => refuseUnplaced(layout, [...names, ...beyond]))).toContain(`${beyond[0]} and 2 more tensors`);
    const tied = parameterLayout(parseConfig({ ...config, tie_word_embeddings: true }));
    const harmless = "model.layers.0.self_attn.rotary_emb.inv_freq";
    expect(() => refuseUnplaced(tied, [...names, harmless, "step"])).not.toThrow();
  });

  it("are refused before any memory is taken for a model they cannot be", () => {
    const giant = parameterLayout(parseConfig({ ...config, vocab_size: 1e7, hidden_size: 1e6 }));
    expect(refusal(() => checkParameters(giant, readableTensors(full)))).toContain("model.embed_tokens.weight");
  });
});

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
