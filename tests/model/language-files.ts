import { parseConfig } from "../../src/model/config";
import type { ModelFiles } from "../../src/model/model-files";
import { specialTokens } from "../../src/model/special-tokens";

/** What a model's language is read from; its weights are not looked at. */
export function languageFiles(
  tokenizer: unknown,
  own: { config?: object; tokenizerConfig?: object; chat?: string } = {},
) {
  const json = {
    ...{ model_type: "llama", vocab_size: 151, hidden_size: 8, num_hidden_layers: 1, intermediate_size: 8 },
    ...{ num_attention_heads: 2, eos_token_id: 1 },
    ...own.config,
  };
  const special = specialTokens(own.tokenizerConfig ?? null, null);
  const chat = own.chat === undefined ? null : { text: own.chat, tokens: special.texts };
  const files: ModelFiles = { name: "m", config: json, tokenizer, weights: new Map(), chat, special, optional: {} };
  return { files, config: parseConfig(json) };
}
