import { describe, expect, it } from "vitest";
import { KelvinError, LORA_TARGETS } from "../../src/contracts";
import { parseConfig } from "../../src/model/config";
import { memoryNeed } from "../../src/model/memory-plan";
import { parameterLayout } from "../../src/model/parameters";
import { DEFAULT_PLAN, layoutOf } from "../../src/model/plan";

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

  it("is refused by the name of a matrix that the adapter cannot bind", () => {
    const wide = parseConfig({ ...QWEN, intermediate_size: 20_000 });
    expect(() => memoryNeed(wide, DEFAULT_PLAN, null, BINDING)).toThrow(KelvinError);
    expect(() => memoryNeed(wide, DEFAULT_PLAN, null, BINDING)).toThrow(
      "model.layers.0.mlp.gate_proj.weight and 1 more take 143360000 bytes; the adapter binds at most 134217728 at once",
    );
  });
});
