/** Models that look up whole words or their longest prefixes. */
import { type Part, refuse, shown } from "./part";
import { remembering, type SpellingModel, Unspelled } from "./spelling";
import { readVocabulary } from "./vocabulary";

/** WordPiece: the longest token at each place of a word. arXiv 1609.08144 @throws KelvinError "model" */
export function readWordPieces(model: Part, rows: number): SpellingModel {
  model.only("type unk_token continuing_subword_prefix max_input_chars_per_word vocab");
  const vocabulary = readVocabulary(model, rows);
  const unknown = model.text("unk_token");
  if (!vocabulary.has(unknown)) refuse(`its unknown token ${shown(unknown)} is not in the vocabulary`);
  const prefix = model.text("continuing_subword_prefix");
  const most = model.count("max_input_chars_per_word");
  const longest = longestOf(vocabulary.keys());
  const spell = (piece: string): readonly number[] => {
    const characters = [...piece];
    if (characters.length > most) throw new Unspelled(piece);
    const ids: number[] = [];
    for (let at = 0; at < characters.length; ) {
      let end = Math.min(characters.length, at + longest);
      const textTo = (): string => (at > 0 ? prefix : "") + characters.slice(at, end).join("");
      while (end > at && !vocabulary.has(textTo())) end--;
      if (end === at) throw new Unspelled(characters[at] as string);
      ids.push(vocabulary.get(textTo()) as number);
      at = end;
    }
    return ids;
  };
  return { vocabulary, size: vocabulary.size, spell: remembering(spell) };
}

function longestOf(texts: Iterable<string>): number {
  let longest = 0;
  for (const text of texts) longest = Math.max(longest, [...text].length);
  return longest;
}

/** WordLevel: each piece must be a token. @throws KelvinError "model" */
export function readWordLevel(model: Part, rows: number): SpellingModel {
  model.only("type unk_token vocab");
  const vocabulary = readVocabulary(model, rows);
  model.text("unk_token");
  const spell = (piece: string): readonly number[] => {
    const id = vocabulary.get(piece);
    if (id === undefined) throw new Unspelled(piece);
    return [id];
  };
  return { vocabulary, size: vocabulary.size, spell };
}
