import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { readModel } from "../../src/model/model-files";
import { type Tensor, writeSafetensors } from "../../src/model/safetensors";
import { blobSource, type ModelFile, type ModelSource } from "../../src/model/source";
import { openTestEngine, randomWeights, TINY, TINY_PLAN } from "./models";

const { engine, name } = await openTestEngine();
const tokenizer = new Blob([readFileSync("public/models/kelvin-nano/tokenizer.json")]);
/** The shipped vocabulary on a tiny body. */
const CONFIG = { ...TINY, vocab_size: 151, eos_token_id: 1 };
const tensors = new Map<string, Tensor>(
  [...randomWeights(CONFIG)].map(([key, data]) => [key, { shape: shapeOf(key), data: Float32Array.from(data) }]),
);

function shapeOf(key: string): number[] {
  const { hidden_size: hidden, intermediate_size: wide, head_dim: head } = CONFIG;
  const [queries, keys] = [CONFIG.num_attention_heads * head, CONFIG.num_key_value_heads * head];
  if (/embed_tokens|lm_head/.test(key)) return [151, hidden];
  if (key.includes("q_proj")) return [queries, hidden];
  if (/[kv]_proj/.test(key)) return [keys, hidden];
  if (key.includes("o_proj")) return [hidden, queries];
  if (/gate_proj|up_proj/.test(key)) return [wide, hidden];
  if (key.includes("down_proj")) return [hidden, wide];
  return [/[qk]_norm/.test(key) ? head : hidden];
}

function folder(files: Record<string, BlobPart>): ModelSource {
  const blobs = Object.entries({ "config.json": JSON.stringify(CONFIG), ...files });
  const parts = new Map(blobs.map(([file, part]): [string, Blob] => [file, new Blob([part])]));
  return blobSource("tiny", parts.set("tokenizer.json", tokenizer));
}
const load = async (source: ModelSource) => engine.loadModel(await readModel(source), TINY_PLAN);
const probe = [Int32Array.of(3, 5, 8, 13, 21)];
const logits = async (source: ModelSource) => {
  const model = await load(source);
  const values = await model.logits(probe);
  model.destroy();
  return values;
};

/** Every number as the bfloat16 that holds its upper half. */
function brain(weights: ReadonlyMap<string, Tensor>): Uint8Array<ArrayBuffer> {
  const header: Record<string, object> = {};
  const parts: Uint16Array[] = [];
  let offset = 0;
  for (const [key, { shape, data }] of weights) {
    const half = Uint16Array.from(new Uint32Array(data.buffer), (bits) => bits >>> 16);
    header[key] = { dtype: "BF16", shape, data_offsets: [offset, offset + half.byteLength] };
    offset += half.byteLength;
    parts.push(half);
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const size = new Uint8Array(new BigUint64Array([BigInt(json.byteLength)]).buffer);
  return new Uint8Array(Buffer.concat([size, json, ...parts.map((part) => new Uint8Array(part.buffer))]));
}

describe(`model files on ${name}`, () => {
  const whole = writeSafetensors(tensors);

  it("end a completion by the tokenizer's end token where config.json names none", async () => {
    const unnamed = { "config.json": JSON.stringify({ ...CONFIG, eos_token_id: null }), "model.safetensors": whole };
    const model = await load(folder(unnamed));
    expect([model.config.endToken, model.config.endTokens]).toEqual([1, [1]]);
    const request = { tokens: Int32Array.of(3, 5), samples: 64, maxNewTokens: 16, seed: 7 };
    const writing = model.generate([request], { temperature: 2 });
    let next = await writing.next();
    while (!next.done) next = await writing.next();
    const ended = next.value.flat().filter(({ tokens }) => tokens.includes(1));
    expect(ended.length).toBeGreaterThan(0);
    for (const { tokens, stop } of ended) expect([tokens.indexOf(1), stop]).toEqual([tokens.length - 1, "eos"]);
    model.destroy();
  });

  it("bring their chat template to the model and to every policy made from it, until it is switched off", async () => {
    const chat_template = "[{{ messages[0].content }}]{% if add_generation_prompt %}>{% endif %}";
    const talking = { "tokenizer_config.json": JSON.stringify({ chat_template }), "model.safetensors": whole };
    const model = await load(folder(talking));
    const policies = [model, model.withoutAdapter(), await model.freezeReference()];
    expect(policies.map(({ chat }) => chat?.("ask"))).toEqual(Array(3).fill("[ask]>"));
    expect(model.info.chat).toBe("on");
    model.useChat(false);
    expect([...policies.map(({ chat }) => chat), model.info.chat]).toEqual([null, null, null, "off"]);
    model.destroy();
    const silent = await load(folder({ "model.safetensors": whole }));
    expect([silent.chat, "chat" in silent.info]).toEqual([null, false]);
    silent.destroy();
  });

  it("give the same model in one file and in shards", async () => {
    const names = [...tensors.keys()];
    const part = (which: number) => new Map([...tensors].filter((_, i) => i % 2 === which));
    const weight_map = Object.fromEntries(names.map((key, i) => [key, `model-${i % 2}.safetensors`]));
    const shards = {
      "model.safetensors.index.json": JSON.stringify({ weight_map }),
      "model-0.safetensors": writeSafetensors(part(0)),
      "model-1.safetensors": writeSafetensors(part(1)),
    };
    expect(await logits(folder(shards))).toEqual(await logits(folder({ "model.safetensors": whole })));
  });

  it("give in bfloat16 the model of the rounded numbers", async () => {
    const rounded = new Map(
      [...tensors].map(([key, { shape, data }]) => {
        const bits = Uint32Array.from(new Uint32Array(data.buffer), (word) => word & 0xffff0000);
        return [key, { shape, data: new Float32Array(bits.buffer) }] as const;
      }),
    );
    const [half, full] = [brain(tensors), writeSafetensors(rounded)];
    expect(await logits(folder({ "model.safetensors": half }))).toEqual(
      await logits(folder({ "model.safetensors": full })),
    );
  });

  it("are read once, in parts of at most 16 MiB", async () => {
    // One table above a part, the rest small.
    const config = { ...CONFIG, vocab_size: 300_000, hidden_size: 18 };
    const table = new Float32Array(config.vocab_size * config.hidden_size).fill(0.01);
    const large = new Map(tensors).set("model.embed_tokens.weight", { shape: [300_000, 18], data: table });
    large.set("lm_head.weight", { shape: [300_000, 18], data: table });
    const reads: number[] = [];
    const inner = folder({ "config.json": JSON.stringify(config), "model.safetensors": writeSafetensors(large) });
    const source: ModelSource = {
      name: "large",
      open: async (file) => {
        const opened = await inner.open(file);
        const read: ModelFile["read"] = async (offset, length) => {
          reads.push(length);
          return (opened as ModelFile).read(offset, length);
        };
        return opened && file === "model.safetensors" ? { size: opened.size, read } : opened;
      },
    };
    const model = await load(source);
    model.destroy();
    expect(Math.max(...reads)).toBeLessThanOrEqual(2 ** 24);
    expect(reads.reduce((sum, length) => sum + length, 0)).toBe((await source.open("model.safetensors"))?.size);
  });

  it("that break off while they are read leave nothing on the device, and the model before as it was", async () => {
    const model = await load(folder({ "model.safetensors": whole }));
    const before = await model.logits(probe);
    const { bytes } = engine.device.counters;
    const inner = folder({ "model.safetensors": whole });
    const broken: ModelSource = {
      name: "broken",
      open: async (file) => {
        const opened = await inner.open(file);
        if (!opened || file !== "model.safetensors") return opened;
        const read: ModelFile["read"] = (offset, length) => {
          if (offset > opened.size / 2) throw new KelvinError("model", "the disk was taken out", "Put it back.");
          return opened.read(offset, length);
        };
        return { size: opened.size, read };
      },
    };
    await expect(load(broken)).rejects.toThrow("the disk was taken out");
    expect(engine.device.counters.bytes).toBe(bytes);
    expect(await model.logits(probe)).toEqual(before);
    model.destroy();
  });
});
