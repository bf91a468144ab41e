/** Tokens of a model by text and by id. */
import { type Part, refuse, shown } from "./part";

/** Larger than any vocabulary, and small enough that two ids fit into one number. */
export const MOST_TOKENS = 2 ** 24;

/** Text → id. */
export type Vocabulary = ReadonlyMap<string, number>;

/**
 * The `vocab` of a model: texts with their ids.
 * @param rows of the model's table of embeddings: every id lies below
 * @throws KelvinError "model" naming the token whose id is wrong
 */
export function readVocabulary(model: Part, rows: number): Vocabulary {
  const entries = Object.entries(model.part("vocab").fields);
  if (entries.length === 0) refuse("its vocabulary is empty");
  for (const [text, id] of entries) checkId(text, id, rows);
  const vocabulary = new Map(entries as [string, number][]);
  if (new Set(vocabulary.values()).size !== vocabulary.size) refuse("two tokens share one id");
  return vocabulary;
}

/** @throws KelvinError "model" for an id that no row of the model has */
export function checkId(text: string, id: unknown, rows: number): asserts id is number {
  if (!Number.isInteger(id) || (id as number) < 0)
    refuse(`the id of ${shown(text)} is ${shown(id)}, not a whole number`);
  if ((id as number) >= rows) refuse(`the id of ${shown(text)} is ${id}, and the model has only ${rows} tokens`);
}
