import { type ChatTemplate, readChatTemplate } from "./chat";
import { parseConfig } from "./config";
import { absent, type ModelSource, readJson } from "./source";
import { openWeights, type StoredTensors } from "./stored-weights";

/** A model directory, opened: its small files read, its weights still where they are stored. */
export interface ModelFiles {
  readonly name: string;
  /** Parsed `config.json`. */
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
  const config = await demandJson(source, "config.json");
  parseConfig(config);
  const tokenizer = await demandJson(source, "tokenizer.json");
  const chat = await readChatTemplate(source);
  return { name: source.name, config, tokenizer, chat, weights: await openWeights(source) };
}

async function demandJson(source: ModelSource, file: string): Promise<unknown> {
  const json = await readJson(source, file);
  if (json === null) throw absent(source, file);
  return json;
}
