/**
 * Fields of `config.json` by what they do to the arithmetic. A field that is in no list here and is not read by `config.ts` is
 * refused: we do not know what the model would compute.
 */
import { type Fields, fail } from "./config-fields";

/** Fields that `config.ts` and `other-models.ts` read. */
const READ = `architectures attention_bias eos_token_id head_dim hidden_act hidden_size intermediate_size layer_types
  max_position_embeddings max_window_layers mlp_bias model_type num_attention_heads num_hidden_layers num_key_value_heads
  partial_rotary_factor quantization_config rms_norm_eps rope_parameters rope_scaling rope_theta sliding_window
  tie_word_embeddings use_sliding_window vocab_size`;

/** Notes on training, on generation by others and on where the file came from: the forward pass is the same with any value. */
const NEUTRAL = `attention_dropout attn_implementation auto_map bad_words_ids begin_suppress_tokens bos_token_id chat_template
  chunk_size_feed_forward decoder_start_token_id diversity_penalty do_sample dtype early_stopping
  encoder_no_repeat_ngram_size exponential_decay_length_penalty finetuning_task forced_bos_token_id forced_eos_token_id
  gradient_checkpointing hidden_dropout id2label initializer_range is_decoder is_llama_config keys_to_ignore_at_inference
  label2id length_penalty max_length max_new_tokens min_length name_or_path no_repeat_ngram_size num_beam_groups num_beams
  num_labels num_return_sequences output_attentions output_hidden_states output_scores pad_token_id prefix
  pretraining_tp problem_type remove_invalid_values repetition_penalty resid_dropout return_dict return_dict_in_generate
  sep_token_id suppress_tokens task_specific_params temperature tf_legacy_loss tokenizer_class top_k top_p torch_dtype
  torchscript transformers.js_config transformers_version transformers_weights typical_p unk_token_id use_bfloat16 use_cache
  use_flash_attn`;

/** Fields of other models, at the value with which they change nothing. */
const UNCHANGED: Readonly<Record<string, readonly unknown[]>> = {
  // null alone is taken where a list is empty.
  add_cross_attention: [false],
  attention_multiplier: [],
  attn_logit_softcapping: [],
  clip_qkv: [],
  cross_attention_hidden_size: [],
  embedding_multiplier: [1],
  final_logit_softcapping: [],
  is_causal: [true],
  is_encoder_decoder: [false],
  logit_scale: [1],
  logits_scaling: [1],
  num_nextn_predict_layers: [0],
  residual_multiplier: [1],
  rope_interleaved: [false],
  tie_encoder_decoder: [false],
  use_bias: [false],
  use_mrope: [false],
  use_qkv_bias: [false],
};

const words = (text: string): string[] => text.split(/\s+/);
const HARMLESS: ReadonlySet<string> = new Set([...words(READ), ...words(NEUTRAL)]);

/** Names that Hugging Face's libraries and training tools keep for themselves. */
const NOTES = /^(?:_|unsloth_|transformers[._])/;

/** @throws KelvinError "model" naming a field that is unknown, or at a value that changes what a model of this family computes */
export function refuseUnknown(family: string, fields: Fields): void {
  for (const name of fields.names) {
    const value = fields.value(name);
    if (value === null || value === undefined || HARMLESS.has(name) || NOTES.test(name)) continue;
    if (isUnchanged(family, name, value)) continue;
    const shown = JSON.stringify(value);
    const cut = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
    const why =
      Object.hasOwn(UNCHANGED, name) || OF_FAMILIES.has(name) ? "is not supported" : "is a field that is not known";
    fail(`${name} ${cut} ${why}: it may change what the model computes`);
  }
}

type Rule = (family: string, value: unknown) => boolean;

/** Fields that say what the family says already. */
const OF_FAMILIES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["qk_norm", (family, value) => value === (family === "qwen3")],
  ["use_qk_norm", (family, value) => value === (family === "qwen3")],
  ["no_rope_layers", (_, value) => isAll(value, 1)],
  ["pruned_heads", (_, value) => typeof value === "object" && Object.keys(value as object).length === 0],
]);

function isUnchanged(family: string, name: string, value: unknown): boolean {
  const ofFamily = OF_FAMILIES.get(name);
  if (ofFamily) return ofFamily(family, value);
  return Object.hasOwn(UNCHANGED, name) && (UNCHANGED[name] as readonly unknown[]).includes(value);
}

function isAll(value: unknown, one: unknown): boolean {
  return Array.isArray(value) && value.every((item) => item === one);
}
