import { KelvinError } from "../contracts";
import { type ChatTemplate, readChatTemplate } from "./chat";
import { parseConfig } from "./config";
import { isObject } from "./config-fields";
import { absent, type ModelSource, readJson } from "./source";
import { openWeights, type StoredTensors } from "./stored-weights";

/** A model directory, opened: its small files read, its weights still where they are stored. */
export interface ModelFiles {
  readonly name: string;
  /** Parsed `config.json`; its `eos_token_id` holds those of `generation_config.json` too. */
  readonly config: unknown;
  /** Parsed `tokenizer.json`. */
  readonly tokenizer: unknown;
  readonly weights: StoredTensors;
  /** null for a model that was not made for conversations. */
  readonly chat: ChatTemplate | null;
}

/** Opens a model directory in the Hugging Face layout. @throws KelvinError "model" naming the file that is missing or wrong */
export async function readModel(source: ModelSource): Promise<ModelFiles> {
  // One after another: the small files first, so that what cannot be a model is refused before its weights are fetched.
  const own = await demandJson(source, "config.json");
  parseConfig(own);
  const config = withEndTokens(own, await readJson(source, "generation_config.json"));
  parseConfig(config);
  const tokenizer = await demandJson(source, "tokenizer.json");
  const chat = await readChatTemplate(source);
  return { name: source.name, config, tokenizer, chat, weights: await openWeights(source) };
}

/**
 * Models made for conversations often name the end of a turn in `generation_config.json` alone. The token of `config.json`
 * stays the first: it is what a written answer ends with.
 */
function withEndTokens(config: unknown, generation: unknown): unknown {
  if (generation === null || !isObject(config)) return config;
  if (!isObject(generation))
    throw new KelvinError("model", "generation_config.json is not a JSON object", "Leave it out, or fetch it again.");
  const ends = [config["eos_token_id"] ?? [], generation["eos_token_id"] ?? []].flat();
  return ends.length > 0 ? { ...config, eos_token_id: [...new Set(ends)] } : config;
}

async function demandJson(source: ModelSource, file: string): Promise<unknown> {
  const json = await readJson(source, file);
  if (json === null) throw absent(source, file);
  return json;
}
