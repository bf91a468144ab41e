import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KelvinError, LORA_TARGETS, type LoraConfig } from "../../src/contracts";
import { adapterLayout } from "../../src/model/adapter-layout";
import { parseConfig } from "../../src/model/config";
import { type Adapter, mergeAdapter } from "../../src/model/merge";
import { parameterLayout } from "../../src/model/parameters";
import { PEFT_CONFIG, PEFT_WEIGHTS, readPeft, writePeft } from "../../src/model/peft";
import { readSafetensors, type Tensor, writeSafetensors } from "../../src/model/safetensors";
import { blobSource } from "../../src/model/source";
import { expectAllclose, rounded } from "../reference/allclose";
import * as lora from "../reference/lora";
import { halved, uniform } from "../reference/numbers";
import { CommandFolder, expectRefused } from "../setup/run-command";

const SHIPPED = "public/models/kelvin-nano";
const model = parseConfig(JSON.parse(readFileSync(join(SHIPPED, "config.json"), "utf8")));

function drawn(config: LoraConfig, base = "kelvin-nano"): Adapter {
  const { parameters } = adapterLayout(parameterLayout(model), config);
  const tensors = new Map<string, Tensor>();
  parameters.forEach(({ name, shape }, i) => {
    const [rows = 1, columns = 1] = shape;
    tensors.set(name, { shape, data: Float32Array.from(uniform(i, rows * columns, -0.1, 0.1)) });
  });
  return { lora: config, tensors, base };
}

const ODD: LoraConfig = { rank: 3, alpha: 7.5, targets: ["q", "v", "down"] };

/** What reading a folder with these two files gives. */
function readBack(json: unknown, weights: Uint8Array<ArrayBuffer>): Promise<Adapter> {
  const files = new Map([
    [PEFT_CONFIG, new Blob([JSON.stringify(json)])],
    [PEFT_WEIGHTS, new Blob([weights])],
  ]);
  return readPeft(blobSource("mine", files), model);
}

function files(adapter: Adapter): { json: Record<string, unknown>; weights: Uint8Array<ArrayBuffer> } {
  const written = writePeft(adapter);
  const json = JSON.parse(new TextDecoder().decode(written.get(PEFT_CONFIG))) as Record<string, unknown>;
  return { json, weights: written.get(PEFT_WEIGHTS)! };
}

/** What PEFT 0.21 writes beside what an adapter needs. */
const QUIET = {
  alora_invocation_tokens: null,
  alpha_pattern: {},
  arrow_config: null,
  auto_mapping: null,
  corda_config: null,
  ensure_weight_tying: false,
  eva_config: null,
  exclude_modules: null,
  kasa_config: null,
  layer_replication: null,
  layers_pattern: null,
  layers_to_transform: null,
  loftq_config: {},
  lora_bias: false,
  lora_dropout: 0.05,
  lora_ga_config: null,
  megatron_config: null,
  megatron_core: "megatron.core",
  monteclora_config: null,
  peft_version: "0.21.0",
  qalora_group_size: 16,
  rank_pattern: {},
  revision: null,
  target_parameters: null,
  trainable_token_indices: null,
  use_bdlora: null,
  use_qalora: false,
  velora_config: null,
};

describe("an adapter in PEFT's layout", () => {
  it("carries PEFT's names, shapes and settings", () => {
    const { json, weights } = files(drawn(ODD));
    expect(json).toMatchObject({ peft_type: "LORA", task_type: "CAUSAL_LM", r: 3, lora_alpha: 7.5, bias: "none" });
    expect(json).toMatchObject({
      target_modules: ["q_proj", "v_proj", "down_proj"],
      base_model_name_or_path: "kelvin-nano",
    });
    const { tensors } = readSafetensors(weights);
    expect(tensors.size).toBe(4 * 3 * 2);
    const shape = (name: string) => tensors.get(`base_model.model.model.layers.3.${name}.weight`)?.shape;
    expect(shape("self_attn.q_proj.lora_A")).toEqual([3, 128]);
    expect(shape("self_attn.q_proj.lora_B")).toEqual([128, 3]);
    expect(shape("mlp.down_proj.lora_A")).toEqual([3, 352]);
  });

  it.each([[ODD], [{ rank: 1, alpha: 1, targets: LORA_TARGETS }]] as [LoraConfig][])(
    "comes back bit for bit: %j",
    async (config) => {
      const adapter = drawn(config, "org/base");
      const { json, weights } = files(adapter);
      const back = await readBack(json, weights);
      expect(back).toEqual(adapter);
      expect(files(back)).toEqual({ json, weights });
    },
  );

  it("may come in half precision and any order", async () => {
    const adapter = drawn(ODD);
    const { json } = files(adapter);
    const names = [...adapter.tensors.keys()].reverse();
    const back = await readBack(json, inHalf(names, adapter.tensors));
    for (const [name, { data }] of back.tensors) {
      const whole = new Uint32Array(adapter.tensors.get(name)!.data.buffer);
      expect(new Uint32Array(data.buffer)).toEqual(whole.map((bits) => bits & 0xffff0000));
    }
  });

  it.each([
    [{ peft_type: "IA3" }, /peft_type/],
    [{ r: 0 }, /adapter_config\.json r:/],
    [{ r: null }, /adapter_config\.json r:/],
    [{ lora_alpha: "8" }, /lora_alpha/],
    [{ use_dora: true }, /use_dora/],
    [{ peft_type: undefined }, /peft_type/],
    [{ use_rslora: "yes" }, /use_rslora/],
    ...["pissa", "pissa_niter_16", "olora", "corda", "loftq", "lora_ga", "mica", "someday", 1].map(
      (beginning) => [{ init_lora_weights: beginning }, /init_lora_weights: .* is not supported/] as const,
    ),
    [{ corda_config: { corda_method: "kpm" } }, /corda_config/],
    [{ loftq_config: { loftq_bits: 4 } }, /loftq_config/],
    [{ lora_ga_config: { direction: "ArB2r" } }, /lora_ga_config/],
    [{ alora_invocation_tokens: [5, 6] }, /alora_invocation_tokens/],
    [{ use_qalora: true }, /use_qalora/],
    [{ use_bdlora: { nblocks: 2 } }, /use_bdlora/],
    [{ lora_bias: true }, /lora_bias/],
    [{ bias: "lora_only" }, /bias/],
    [{ fan_in_fan_out: true }, /fan_in_fan_out/],
    [{ layer_replication: [[0, 2]] }, /layer_replication/],
    [{ layers_to_transform: [1] }, /layers_to_transform/],
    [{ layers_to_transform: 0 }, /layers_to_transform/],
    [{ layers_pattern: "layers" }, /layers_pattern/],
    [{ alpha_pattern: { q_proj: 4 } }, /alpha_pattern/],
    [{ exclude_modules: ["model.layers.0.self_attn.q_proj"] }, /exclude_modules/],
    [{ exclude_modules: ".*q_proj" }, /exclude_modules/],
    [{ trainable_token_indices: [1] }, /trainable_token_indices/],
    [{ trainable_token_indices: { embed_tokens: [1] } }, /trainable_token_indices/],
    [{ target_parameters: ["mlp.experts"] }, /target_parameters/],
    [{ megatron_config: { a: 1 } }, /megatron_config/],
    [{ velora_config: { num_groups: 4 } }, /velora_config/],
    [{ kasa_config: { beta: 1 } }, /kasa_config/],
    [{ arrow_config: { top_k: 2 } }, /arrow_config/],
    [{ monteclora_config: { num_samples: 2 } }, /monteclora_config/],
    [{ task_type: "SEQ_CLS" }, /task_type/],
    [{ use_something_new: true }, /use_something_new: true: this field is not known/],
    [{ use_something_new: false }, /use_something_new/],
    [{ target_modules: ["q_proj", "v_proj"] }, /target_modules: down_proj is missing/],
    [{ target_modules: ["q_proj", "v_proj", "down_proj", "o_proj"] }, /target_modules: .* has nothing for o_proj/],
    [{ target_modules: ["q_proj", "v_proj", "down_proj", "lm_head"] }, /target_modules: .* has nothing for lm_head/],
    [{ target_modules: 7 }, /target_modules/],
    [{ bias: "all" }, /bias/],
    [{ rank_pattern: { q_proj: 4 } }, /rank_pattern/],
    [{ modules_to_save: ["lm_head"] }, /modules_to_save/],
    [{ r: 4 }, /lora_A.*expected \[4,128\], got \[3,128\]/],
  ] as [object, RegExp][])("is refused where it says %j", async (wrong, message) => {
    const { json, weights } = files(drawn(ODD));
    await expectFailure(readBack({ ...json, ...wrong }, weights), message);
  });

  it("is read with every field of PEFT that says nothing about its arithmetic", async () => {
    const adapter = drawn(ODD);
    const { json, weights } = files(adapter);
    expect(await readBack({ ...json, ...QUIET }, weights)).toEqual(adapter);
    for (const more of [
      ...[false, "gaussian", "orthogonal", "eva"].map((beginning) => ({ init_lora_weights: beginning })),
      { eva_config: { rho: 1 }, lora_dropout: 0.1, revision: "main" },
      { auto_mapping: { base_model_class: "LlamaForCausalLM" }, peft_version: "0.21.0" },
      { target_modules: ".*_proj", exclude_modules: ["lm_head"] },
      { target_modules: "all-linear" },
      { task_type: null, use_something_new: null },
    ])
      expect(await readBack({ ...json, ...QUIET, ...more }, weights)).toEqual(adapter);
  });

  it("is scaled by alpha / √rank where it is rank-stabilised", async () => {
    const { json, weights } = files(drawn(ODD));
    const { lora } = await readBack({ ...json, use_rslora: true }, weights);
    expect(lora.alpha / lora.rank).toBeCloseTo(7.5 / Math.sqrt(3), 12);
  });

  it("is refused where its tensors are not those of the model", async () => {
    const adapter = drawn(ODD);
    const { json, weights } = files(adapter);
    const { tensors } = readSafetensors(weights);
    const [first, second] = [...tensors.keys()] as [string, string];
    const without = new Map([...tensors].filter(([name]) => name !== second));
    const extra = (name: string) => new Map([...tensors, [name, tensors.get(first)!] as const]);
    const deep = "base_model.model.model.layers.4.self_attn.q_proj.lora_A.weight";
    for (const [wrong, message] of [
      [without, /is missing/],
      [new Map(), /no adapter/],
      [extra(deep), /no place for model\.layers\.4/],
      [extra("base_model.model.lm_head.lora_embedding_A"), /no LoRA matrix/],
      [extra("model.norm.weight"), /no LoRA matrix/],
      [extra(first.replace("lora_A.weight", "lora_magnitude_vector")), /lora_magnitude_vector is no LoRA matrix/],
      [extra(first.replace("lora_A", "lora_B").replace("weight", "bias")), /lora_B\.bias is no LoRA matrix/],
      [extra("base_model.model.lm_head.modules_to_save.weight"), /modules_to_save\.weight is no LoRA matrix/],
    ] as const)
      await expectFailure(readBack(json, writeSafetensors(wrong)), message);
    await expectFailure(readBack(json, weights.slice(0, 40)), /adapter_model\.safetensors.*header/);
    for (const wrong of [[], "LORA"]) await expectFailure(readBack(wrong, weights), /adapter_config/);
    await expectFailure(readPeft(blobSource("nothing", new Map()), model), /no adapter in nothing/);
  });

  it("merges into matrices rounded to halves where it stands over those", () => {
    const base = readSafetensors(readFileSync(join(SHIPPED, "model.safetensors"))).tensors;
    const nothing = { lora: { ...ODD, base: "float16" as const }, tensors: new Map(), base: "" };
    for (const [name, { shape, data }] of mergeAdapter(base, nothing)) {
      const before = Float64Array.from(base.get(name)!.data);
      expect(data, name).toEqual(Float32Array.from(shape.length === 1 ? before : halved(before)));
    }
  });

  it("merges into W + (alpha / rank) · B A, and leaves the rest alone", () => {
    const adapter = drawn(ODD);
    const base = readSafetensors(readFileSync(join(SHIPPED, "model.safetensors"))).tensors;
    const merged = mergeAdapter(base, adapter);
    expect([...merged.keys()]).toEqual([...base.keys()]);
    for (const [name, { shape, data }] of merged) {
      const of = (letter: string) => adapter.tensors.get(name.replace(/weight$/, `lora_${letter}.weight`));
      const [a, b] = [of("A"), of("B")];
      const before = base.get(name)!;
      if (!(a && b)) {
        expect(data).toBe(before.data);
        continue;
      }
      const [outputs = 0, inputs = 0] = shape;
      // B·A, transposed: the reference's y = scale · x·Bᵀ with x = Aᵀ.
      const transposed = Float64Array.from(
        { length: inputs * 3 },
        (_, i) => a.data[(i % 3) * inputs + Math.floor(i / 3)]!,
      );
      const product = lora.expand(
        { rows: inputs, inputs: 1, rank: 3, outputs, scale: 7.5 / 3 },
        transposed,
        Float64Array.from(b.data),
      );
      const expected = before.data.map((value, i) => value + product[(i % inputs) * outputs + Math.floor(i / inputs)]!);
      expectAllclose(data, expected, rounded(2, expected));
    }
  });
});

describe("export of adapters", () => {
  let folder: CommandFolder;
  beforeEach(() => {
    folder = new CommandFolder();
    for (const [name, bytes] of writePeft(drawn(ODD))) folder.write(`mine/${name}`, bytes);
  });
  afterEach(() => folder.remove());
  const exported = (...args: string[]) => folder.kelvin("export", ...args);
  const digest = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(folder.path, name)))
      .digest("hex");

  it("copies one bit for bit, and merges one on demand", () => {
    const copy = exported("--adapter", "mine", "--format", "peft", "--out", "copy");
    expect(copy).toMatchObject({ status: 0, stderr: "" });
    expect(copy.stdout).toMatch(/copy.adapter_model\.safetensors: \d\.\d MB, \d+ parameters, LoRA of rank 3/);
    for (const name of [PEFT_CONFIG, PEFT_WEIGHTS]) expect(digest(`copy/${name}`)).toBe(digest(`mine/${name}`));
    const merged = exported("--adapter", "mine", "--format", "safetensors", "--out", "merged.safetensors");
    expect(merged).toMatchObject({ status: 0, stderr: "" });
    expect(merged.stdout).toContain("LoRA of rank 3, alpha 7.5, on q,v,down merged");
    const base = readSafetensors(readFileSync(join(SHIPPED, "model.safetensors"))).tensors;
    const expected = mergeAdapter(base, drawn(ODD));
    const { tensors } = readSafetensors(readFileSync(join(folder.path, "merged.safetensors")));
    expect(tensors).toEqual(expected);
    expect(exported("--adapter", "mine", "--format", "onnx", "--out", "merged.onnx")).toMatchObject({ status: 0 });
    expect(exported("--format", "onnx", "--out", "base.onnx")).toMatchObject({ status: 0 });
    expect(digest("merged.onnx")).not.toBe(digest("base.onnx"));
  });

  it("reads a checkpoint's own adapter, and does not merge it twice", () => {
    for (const name of ["config.json", "tokenizer.json", "model.safetensors"])
      folder.write(`run/${name}`, readFileSync(join(SHIPPED, name)));
    for (const [name, bytes] of writePeft(drawn(ODD))) folder.write(`run/adapter/${name}`, bytes);
    expect(exported("--model", "run", "--format", "peft", "--out", "own")).toMatchObject({ status: 0, stderr: "" });
    for (const name of [PEFT_CONFIG, PEFT_WEIGHTS]) expect(digest(`own/${name}`)).toBe(digest(`mine/${name}`));
    const args = ["--model", "run", "--adapter", "run/adapter", "--format", "safetensors", "--out", "x.safetensors"];
    expectRefused(exported(...args), /is merged into \S*run already; leave --adapter out/, folder.files());
    const measured = folder.kelvin("evaluate", "--model", "run", "--lora", "run/adapter");
    expectRefused(measured, /run\/adapter is merged into \S*run already; leave --lora out/, folder.files());
  });

  it.each([
    ["a model without one", /holds no adapter/, ["--format", "peft", "--out", "x"]],
    ["a folder without one", /no adapter in empty/, ["--adapter", "empty", "--format", "peft", "--out", "x"]],
    ["one file", /name a folder/, ["--adapter", "mine", "--format", "peft", "--out", "x.safetensors"]],
    ["itself", /belongs to the model itself/, ["--adapter", "mine", "--format", "peft", "--out", "mine", "--force"]],
  ])("refuses %s", (_, message, args) => {
    expectRefused(exported(...args), message, folder.files());
  });
});

/** A safetensors file of bfloat16: the upper half of every float. */
function inHalf(names: readonly string[], tensors: ReadonlyMap<string, Tensor>): Uint8Array<ArrayBuffer> {
  const header: Record<string, object> = {};
  const halves: number[] = [];
  for (const name of names) {
    const { shape, data } = tensors.get(name)!;
    const start = halves.length * 2;
    for (const bits of new Uint32Array(data.buffer)) halves.push(bits >>> 16);
    header[`base_model.model.${name}`] = { dtype: "BF16", shape, data_offsets: [start, halves.length * 2] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.byteLength));
  return Uint8Array.from(Buffer.concat([size, text, Buffer.from(Uint16Array.from(halves).buffer)]));
}

async function expectFailure(reading: Promise<unknown>, message: RegExp): Promise<void> {
  const failure = await reading.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(KelvinError);
  expect(failure).toMatchObject({ reason: "model", message: expect.stringMatching(message) });
}
