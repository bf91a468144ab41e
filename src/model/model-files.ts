import { KelvinError } from "../contracts";
import { type ChatTemplate, readChatTemplate } from "./chat-template";
import { parseConfig } from "./config";
import { isObject } from "./config-fields";
import { absent, blobSource, type ModelSource, readJson, readText } from "./source";
import { type SpecialTokens, specialTokens } from "./special-tokens";
import { openWeights, type StoredTensors } from "./stored-weights";

/** Small files that a model may have besides `config.json` and `tokenizer.json`. */
export const OPTIONAL_FILES = [
  "tokenizer_config.json",
  "special_tokens_map.json",
  "generation_config.json",
  "chat_template.jinja",
] as const;

/** An opened model directory: small files are read, weights are still in storage. */
export interface ModelFiles {
  readonly name: string;
  /** Parsed `config.json`; its `eos_token_id` includes those of `generation_config.json`. */
  readonly config: unknown;
  /** Parsed `tokenizer.json`. */
  readonly tokenizer: unknown;
  readonly weights: StoredTensors;
  /** null without a chat template. */
  readonly chat: ChatTemplate | null;
  /** Tokens that the small files name; absent where only `tokenizer.json` counts. */
  readonly special?: SpecialTokens;
  /** Text of the optional files, by name; a checkpoint copies them. */
  readonly optional: Readonly<Record<string, string>>;
}

/** Opens a model directory in the Hugging Face layout. @throws KelvinError "model" that names the missing or malformed file */
export async function readModel(source: ModelSource): Promise<ModelFiles> {
  // Small files first, so that a wrong model is refused before its weights are downloaded.
  const own = await demandJson(source, "config.json");
  parseConfig(own);
  const optional = await readOptional(source);
  const read = blobSource(
    source.name,
    new Map(Object.entries(optional).map(([name, text]) => [name, new Blob([text])])),
  );
  const config = withEndTokens(own, await readJson(read, "generation_config.json"));
  parseConfig(config);
  const tokenizer = await demandJson(source, "tokenizer.json");
  const tokenizerConfig = await readJson(read, "tokenizer_config.json");
  const special = specialTokens(tokenizerConfig, await readJson(read, "special_tokens_map.json"));
  const chat = await readChatTemplate(read);
  return { name: source.name, config, tokenizer, chat, special, optional, weights: await openWeights(source) };
}

async function readOptional(source: ModelSource): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name of OPTIONAL_FILES) {
    const text = await readText(source, name);
    if (text !== null) texts[name] = text;
  }
  return texts;
}

/**
 * Models made for conversations often name the end of a turn in `generation_config.json` alone. Its tokens come before those
 * of `config.json`, as in transformers: the first is what a written answer ends with.
 */
function withEndTokens(config: unknown, generation: unknown): unknown {
  if (generation === null || !isObject(config)) return config;
  if (!isObject(generation))
    throw new KelvinError("model", "generation_config.json is not a JSON object", "Leave it out, or fetch it again.");
  const ends = [generation["eos_token_id"] ?? [], config["eos_token_id"] ?? []].flat();
  return ends.length > 0 ? { ...config, eos_token_id: [...new Set(ends)] } : config;
}

async function demandJson(source: ModelSource, file: string): Promise<unknown> {
  const json = await readJson(source, file);
  if (json === null) throw absent(source, file);
  return json;
}
