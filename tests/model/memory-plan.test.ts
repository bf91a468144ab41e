import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type DeviceInfo, KelvinError, LORA_TARGETS, type LoraConfig } from "../../src/contracts";
import { type Device, groupsFor } from "../../src/device/device";
import { adapterLayout } from "../../src/model/adapter-layout";
import { parseConfig } from "../../src/model/config";
import { Engine } from "../../src/model/engine";
import { fitPlan, gradientScratch, memoryNeed } from "../../src/model/memory-plan";
import { parameterLayout } from "../../src/model/parameters";
import { DEFAULT_PLAN, defaultPlan, layoutOf, leanerPlans, type Plan, withinReach } from "../../src/model/plan";

/** The shape of Qwen2.5-0.5B. */
const QWEN = {
  model_type: "qwen2",
  vocab_size: 151_936,
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
  max_position_embeddings: 32_768,
};
const config = parseConfig(QWEN);
const BINDING = 2 ** 27;
const roomOf = (bytes: number) => ({ bytes, withReplicas: bytes });
const LORA = { rank: 8, alpha: 16, targets: LORA_TARGETS };

describe("the memory of a model of Qwen2.5-0.5B's shape", () => {
  const whole = memoryNeed(config, DEFAULT_PLAN, null, BINDING);

  it("is four times its weights to train all of them, and activations", () => {
    expect(whole.weights).toBeGreaterThanOrEqual(494_032_768 * 4);
    expect(whole.weights).toBeLessThan(494_032_768 * 4 + 1e6);
    expect(whole.gradients).toBe(whole.weights);
    expect(whole.optimizer).toBeGreaterThanOrEqual(2 * whole.weights);
    expect(whole.optimizer).toBeLessThan(2 * whole.weights + 1e6);
  });

  it("is little more than its weights to train adapters with activations computed again", () => {
    const need = memoryNeed(config, { ...DEFAULT_PLAN, activations: "recomputed" }, LORA, BINDING);
    expect(need.gradients + need.optimizer).toBeLessThan(0.03 * need.weights);
    expect(need.activations).toBeLessThan(0.2 * whole.activations);
  });

  it("is half its matrices' to train adapters over halves, and a refusal names that", () => {
    const plan = { ...DEFAULT_PLAN, activations: "recomputed" as const };
    const needOf = (lora: LoraConfig) => memoryNeed(config, plan, lora, BINDING);
    const [floats, halves] = [needOf(LORA), needOf({ ...LORA, base: "float16" })];
    // All but 24 × 2 + 1 gains and 24 × 1,152 biases; a few more bytes are padding.
    const vectors = 49 * 896 + 24 * 1152;
    expect(floats.weights - halves.weights).toBeGreaterThanOrEqual(2 * (494_032_768 - vectors) - 1e5);
    expect(floats.weights - halves.weights).toBeLessThanOrEqual(2 * (494_032_768 - vectors) + 1e5);
    expect({ ...halves, weights: 0, total: 0 }).toEqual({ ...floats, weights: 0, total: 0 });
    const attempt = (lora: LoraConfig) => () => fitPlan("model", plan, () => needOf(lora), roomOf(1e9), lora);
    const refusal = (lora: LoraConfig) => captured(attempt(lora)).hint;
    expect(refusal(LORA)).toMatch(/--base f16/);
    expect(refusal({ ...LORA, base: "float16" })).not.toMatch(/--base/);
  });

  it("has nothing for learning where it only infers", () => {
    const need = memoryNeed(config, { ...DEFAULT_PLAN, activations: "inference" }, null, BINDING);
    expect(need).toMatchObject({ weights: whole.weights, gradients: 0, optimizer: 0, cache: whole.cache });
  });

  it("does not grow with the vocabulary, but for the table: no logits of all tokens are held", () => {
    const twice = parseConfig({ ...QWEN, vocab_size: 2 * QWEN.vocab_size });
    const need = memoryNeed(twice, DEFAULT_PLAN, null, BINDING);
    expect(need.activations).toBe(whole.activations);
    expect(need.weights - whole.weights).toBeCloseTo(QWEN.vocab_size * QWEN.hidden_size * 4, -4);
  });

  it("lies in buffers that the adapter binds, each as full as chunks of 8,192 rows and whole matrices let it be", () => {
    const { pages, embedding } = layoutOf(config, DEFAULT_PLAN, BINDING);
    expect(Math.max(...pages.map(({ size }) => size * 4))).toBeLessThanOrEqual(BINDING);
    expect(embedding.shards.map(({ rows }) => rows)).toEqual([32_768, 32_768, 32_768, 32_768, 20_864]);
    expect(pages.reduce((sum, { size }) => sum + size, 0)).toBe(parameterLayout(config).floats);
    expect(pages.length).toBe(17);
  });

  it("is refused by the name of a tensor that the adapter cannot bind", () => {
    const long = { ...DEFAULT_PLAN, promptRows: 2 ** 20 };
    expect(() => memoryNeed(config, long, null, BINDING)).toThrow(KelvinError);
    expect(() => memoryNeed(config, long, null, BINDING)).toThrow(
      /cache\S* needs \d+ bytes, the adapter binds at most 134217728/,
    );
  });
});

describe("a model of Qwen2.5-7B's shape, whose matrices are larger than a binding", () => {
  const seven = parseConfig({
    ...QWEN,
    vocab_size: 152_064,
    hidden_size: 3584,
    intermediate_size: 18_944,
    num_hidden_layers: 28,
    num_attention_heads: 28,
    num_key_value_heads: 4,
    tie_word_embeddings: false,
  });
  const { layers, pages, floats } = layoutOf(seven, DEFAULT_PLAN, BINDING);
  const rows = (name: "qkv" | "output" | "gateUp" | "down") => layers[3]?.[name].shards.map((shard) => shard.rows);

  it("has them in shards of about the same length, in whole blocks of 64 rows, and smaller ones in one piece", () => {
    expect(rows("qkv")).toEqual([4608]);
    expect(rows("output")).toEqual([3584]);
    expect(rows("gateUp")).toEqual([7616, 7616, 7616, 7616, 7424]);
    expect(rows("down")).toEqual([1216, 1216, 1152]);
    expect(Math.max(...pages.map(({ size }) => size * 4))).toBeLessThanOrEqual(BINDING);
    expect(pages.reduce((sum, { size }) => sum + size, 0)).toBe(floats);
  });

  it("has passes of as many tokens as the adapter binds the activations of", () => {
    expect(() => memoryNeed(seven, DEFAULT_PLAN, LORA, BINDING)).toThrow(/gateUp needs 310378496 bytes/);
    const plan = withinReach(seven, { ...DEFAULT_PLAN, activations: "recomputed" }, BINDING);
    expect([plan.trainingRows, plan.prefillRows]).toEqual([885, 885]);
    const need = memoryNeed(seven, plan, LORA, BINDING);
    expect(need.weights).toBeGreaterThan(7_615_616_512 * 4);
    expect(need.total - need.weights).toBeLessThan(8e9);
    expect(withinReach(config, DEFAULT_PLAN, BINDING)).toEqual(DEFAULT_PLAN);
  });

  it("has passes of as many tokens as a dispatch has lanes for, however much the adapter binds", () => {
    const three = parseConfig({ ...QWEN, hidden_size: 2048, intermediate_size: 11_008, num_attention_heads: 16 });
    const { trainingRows, prefillRows } = withinReach(three, DEFAULT_PLAN, 2 ** 31);
    expect([trainingRows, prefillRows]).toEqual([1524, 1024]);
    expect(() => groupsFor((trainingRows * 11_008) / 4)).not.toThrow();
    expect(() => groupsFor((DEFAULT_PLAN.trainingRows * 11_008) / 4)).toThrow(/exceed/);
  });
});

/** Shapes of models whose keys and values of 256 samples no adapter of 128 MiB binds, and one whose it does. */
const CACHES = [
  {
    what: "Qwen3-0.6B",
    json: {
      ...{ model_type: "qwen3", vocab_size: 151_936, hidden_size: 1024, intermediate_size: 3072 },
      ...{ num_hidden_layers: 28, num_attention_heads: 16, num_key_value_heads: 8, head_dim: 128 },
      ...{ tie_word_embeddings: true, max_position_embeddings: 40_960 },
    },
    slots: 113,
    trainingRows: 2048,
  },
  {
    what: "Llama-3.2-3B",
    json: {
      ...{ model_type: "llama", vocab_size: 128_256, hidden_size: 3072, intermediate_size: 8192 },
      ...{ num_hidden_layers: 28, num_attention_heads: 24, num_key_value_heads: 8, head_dim: 128 },
      ...{ tie_word_embeddings: true, max_position_embeddings: 131_072 },
    },
    slots: 113,
    trainingRows: 2047,
  },
  {
    what: "Llama-3.2-1B",
    json: {
      ...{ model_type: "llama", vocab_size: 128_256, hidden_size: 2048, intermediate_size: 8192 },
      ...{ num_hidden_layers: 16, num_attention_heads: 32, num_key_value_heads: 8, head_dim: 64 },
      ...{ tie_word_embeddings: true, max_position_embeddings: 131_072 },
    },
    slots: 227,
    trainingRows: 2047,
  },
];

describe.each(CACHES)("a model of $what's shape on an adapter of 128 MiB", ({ what, json, slots, trainingRows }) => {
  const shape = parseConfig(json);
  const usual = defaultPlan(shape);
  const plan = withinReach(shape, usual, BINDING);
  const needOf = (lora: LoraConfig | null) => (one: Plan) => memoryNeed(shape, one, lora, BINDING);

  it("writes as many samples at a time as it binds the keys and values of", () => {
    expect(usual).toEqual({ ...DEFAULT_PLAN, capacity: 144 });
    expect(plan).toEqual({ ...usual, slots, trainingRows });
    expect(() => needOf(null)(plan)).not.toThrow();
    const traits = { subgroupLanes: 0, software: true };
    const engine = new Engine({ mostBytes: BINDING, traits } as unknown as Device, {} as DeviceInfo);
    for (const lora of [null, LORA]) expect(engine.memoryNeed(json, lora).total).toBe(needOf(lora)(plan).total);
  });

  it("writes fewer at a time before it is refused, down to 16 and to prompts as long as before", () => {
    const fitted = (available: number) => fitPlan(what, plan, needOf(LORA), roomOf(available), LORA);
    expect(fitted(Number.POSITIVE_INFINITY)).toEqual(plan);
    const leaner = leanerPlans(plan);
    expect(leaner[0]).toEqual({ ...plan, activations: "recomputed" });
    expect(leaner.at(-1)).toMatchObject({ activations: "recomputed", slots: 16, promptRows: 1024, prefillRows: 1024 });
    for (const one of leaner) expect(fitted(needOf(LORA)(one).total)).toEqual(one);
    const [last] = leaner.slice(-1) as [Plan];
    expect(needOf(LORA)(last).cache).toBeLessThan(needOf(LORA)(plan).cache / 9);
    expect(() => fitted(needOf(LORA)(last).total - 1)).toThrow(/needs at least/);
  });
});

describe("a plan that fits", () => {
  it("is as it was for the shipped model", () => {
    const shape = parseConfig(JSON.parse(readFileSync("public/models/kelvin-nano/config.json", "utf8")));
    expect(defaultPlan(shape)).toEqual(DEFAULT_PLAN);
    expect(withinReach(shape, DEFAULT_PLAN, BINDING)).toEqual(DEFAULT_PLAN);
    const need = memoryNeed(shape, DEFAULT_PLAN, null, BINDING);
    expect(fitPlan("kelvin-nano", DEFAULT_PLAN, () => need, roomOf(need.total), null)).toBe(DEFAULT_PLAN);
  });

  it("is not made smaller than it was asked for where that is less than the least", () => {
    const small = { ...DEFAULT_PLAN, slots: 4, promptRows: 256, activations: "inference" as const };
    expect(leanerPlans(small)).toEqual([]);
    expect(leanerPlans({ ...small, slots: 24 }).map((one) => one.slots)).toEqual([16]);
  });
});

describe("the scratch of weight gradients that are summed in slices", () => {
  const layout = layoutOf(config, DEFAULT_PLAN, BINDING);
  const scratchOf = (lora: LoraConfig | null, cuts: boolean, plan: Plan = DEFAULT_PLAN) =>
    memoryNeed(config, plan, lora, BINDING, cuts).scratch;

  it("is that of the largest that is cut: none of the whole model's, A of q, k and v of the adapters'", () => {
    // 256 tiles of 64 × 64 keep a GPU busy, and the smallest gradient, o's [896, 896], has 14 × 14 = 196.
    expect(gradientScratch(layout, null, DEFAULT_PLAN)).toBe(0);
    const adapters = adapterLayout(layout, LORA);
    // [3 × 8, 896] has 14: 16 slices, each of 128 of the 2,048 tokens. [8, 4864], for down, has 76: 3 slices.
    expect(gradientScratch(layout, adapters, DEFAULT_PLAN)).toBe(16 * 24 * 896);
    expect(scratchOf(LORA, true) - scratchOf(LORA, false)).toBe(4 * 16 * 24 * 896);
  });

  it("is never more than 32 MiB, and none where nothing is learned", () => {
    const narrow = parseConfig({ ...QWEN, hidden_size: 128, intermediate_size: 512, num_attention_heads: 2 });
    const floats = gradientScratch(layoutOf(narrow, DEFAULT_PLAN, BINDING), null, DEFAULT_PLAN);
    expect(floats).toBeGreaterThan(0);
    expect(floats).toBeLessThanOrEqual(2 ** 23);
    const reading = { ...DEFAULT_PLAN, activations: "inference" as const };
    expect(scratchOf(LORA, true, reading)).toBe(scratchOf(LORA, false, reading));
  });
});

describe("a refusal", () => {
  it("says what its reader can do, and names no size of a plan", () => {
    const hints = ([null, LORA, { ...LORA, base: "float16" }] as const).map((lora) => {
      const needOf = (one: Plan) => memoryNeed(config, one, lora, BINDING);
      return captured(() => fitPlan("model", DEFAULT_PLAN, needOf, roomOf(1e8), lora)).hint;
    });
    expect(hints).toEqual([
      expect.stringContaining("--lora"),
      expect.stringContaining("--base f16"),
      expect.stringContaining("smaller model"),
    ]);
    const wide = captured(() => memoryNeed(config, { ...DEFAULT_PLAN, capacity: 2 ** 30 }, null, BINDING)).hint;
    for (const hint of [...hints, wide]) expect(hint).not.toMatch(/slots|rows|capacity|batch/i);
  });
});

function captured(attempt: () => unknown): KelvinError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof KelvinError) return error;
  }
  throw new Error("nothing was refused");
}
