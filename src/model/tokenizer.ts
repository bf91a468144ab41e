import { KelvinError, largest, type Tokenizer } from "../contracts";
import { type AddedToken, readAddedTokens, TokenFinder } from "./tokenizer/added-tokens";
import { readBytePairs } from "./tokenizer/byte-pairs";
import { type Decoder, readDecoder } from "./tokenizer/decoders";
import { keepsBeginning, type Normalizer, readNormalizer } from "./tokenizer/normalizers";
import { isRecord, Part, refuse, shown } from "./tokenizer/part";
import { readBeginning } from "./tokenizer/post-processors";
import { type PreTokenizer, readPreTokenizer } from "./tokenizer/pre-tokenizers";
import { type SpellingModel, Unspelled } from "./tokenizer/spelling";
import { readUnigram } from "./tokenizer/unigram";
import { MOST_TOKENS } from "./tokenizer/vocabulary";
import { readWordLevel, readWordPieces } from "./tokenizer/words";

/** Usual texts of end tokens, first match wins; used if the caller does not know the id from `config.json`. */
const END_TOKENS = ["<eos>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<|end_of_text|>", "</s>"];

/** A tokenizer that knows its tokens by name. */
export interface LoadedTokenizer extends Tokenizer {
  readonly beginning: readonly number[];
  /** Id of the token with this text; null if missing. */
  idOf(token: string): number | null;
}

/**
 * Reads the parsed contents of a Hugging Face `tokenizer.json`: the ids are those of the reference library in Rust, and what this
 * reader does not compute exactly as it does is refused by name.
 *
 * Kelvin's own vocabulary is a WordPiece model without continuation prefix: every number up to 99, every operator
 * and every role is one token, and text is cut by greedy longest match. Special tokens keep their text on decoding,
 * so that `decode(encode(text)) === text` for everything the task language can say. Truncation and padding of the file
 * are left out: transformers switches both off unless its caller asks for them.
 *
 * @param endToken id from `config.json` (`eos_token_id`); found by its usual names when left out
 * @param rows of the model's embeddings: every id lies below
 * @throws KelvinError "model" when the file is not a tokenizer, or one that this reader does not compute
 */
export function loadTokenizer(json: unknown, endToken?: number, rows = MOST_TOKENS): LoadedTokenizer {
  const file = readFile(json);
  const model = readModel(file, rows);
  const added = readAddedTokens(file, model, rows);
  const texts = new Map([...model.vocabulary].map(([text, id]) => [id, text]));
  const ids = new Map(model.vocabulary);
  for (const { id, content } of added) ids.set(content, id);
  const speller = new Speller(file, model, added);
  for (const { id, content, normalized } of added) texts.set(id, normalized ? speller.normalize(content) : content);
  const decoder = readDecoder(file.value("decoder"));
  return {
    vocabularySize: largest(texts.keys()) + 1,
    endToken: endToken ?? findEnd(ids),
    idOf: (token) => ids.get(token) ?? null,
    beginning: readBeginning(file.value("post_processor"), rows),
    encode: (text) => speller.encode(text),
    decode: (tokens) => decode(decoder, texts, tokens),
  };
}

function readFile(json: unknown): Part {
  const model = isRecord(json) ? json["model"] : undefined;
  if (!isRecord(model)) refuse(`it has no "model"`);
  const vocabulary = model["vocab"];
  if (!isRecord(vocabulary) && !Array.isArray(vocabulary)) refuse(`its model has no "vocab"`);
  return Part.of(json, "it").only(
    "version truncation padding added_tokens normalizer pre_tokenizer post_processor decoder model",
  );
}

function readModel(file: Part, rows: number): SpellingModel {
  const model = Part.of(file.value("model"), "model");
  const type = model.value("type") ?? usualType(model);
  switch (type) {
    case "WordPiece":
      return readWordPieces(model, rows);
    case "BPE":
      return readBytePairs(model, rows);
    case "Unigram":
      return readUnigram(model, rows);
    case "WordLevel":
      return readWordLevel(model, rows);
    default:
      return refuse(`its model is of type ${shown(type)}`);
  }
}

/** Older files do not name their model's type. */
function usualType(model: Part): string {
  if (Array.isArray(model.value("vocab"))) return "Unigram";
  if (model.value("merges") !== null) return "BPE";
  return model.value("continuing_subword_prefix") !== null ? "WordPiece" : "WordLevel";
}

/** Text → ids: added tokens are found, the rest is normalized, cut, and spelled by the model. */
class Speller {
  readonly normalize: Normalizer;
  private readonly cut: PreTokenizer;
  private readonly plain: TokenFinder;
  private readonly normalized: TokenFinder;

  constructor(
    file: Part,
    private readonly model: SpellingModel,
    added: readonly AddedToken[],
  ) {
    const normalizer = file.value("normalizer");
    this.normalize = readNormalizer(normalizer);
    this.cut = readPreTokenizer(file.value("pre_tokenizer"), keepsBeginning(normalizer));
    this.plain = new TokenFinder(added.filter((token) => !token.normalized));
    const looked = added.filter((token) => token.normalized);
    this.normalized = new TokenFinder(looked, this.normalize);
  }

  /** @throws KelvinError "input" for text outside the vocabulary: it would become an unknown token, silently */
  encode(text: string): Int32Array {
    const ids: number[] = [];
    try {
      for (const found of this.plain.find(text.replaceAll(/\p{Surrogate}/gu, "\ufffd"))) {
        if ("id" in found) ids.push(found.id);
        else this.encodePlain(found.text, found.at === 0, ids);
      }
    } catch (error) {
      if (error instanceof Unspelled) throw unspelled(text, error.piece);
      throw error;
    }
    return Int32Array.from(ids);
  }

  private encodePlain(text: string, isFirst: boolean, ids: number[]): void {
    const normalized = this.normalize(text);
    if (normalized === "") return;
    for (const found of this.normalized.find(normalized)) {
      if ("id" in found) ids.push(found.id);
      else
        for (const piece of this.cut({ text: found.text, isFirst: isFirst && found.at === 0 }))
          if (piece.text !== "") for (const id of this.model.spell(piece.text)) ids.push(id);
    }
  }
}

function unspelled(text: string, piece: string): KelvinError {
  const what = piece === text ? "" : `: it has no token for ${shown(piece)}`;
  return new KelvinError("input", `the model's vocabulary cannot spell ${shown(text)}${what}`, SPELLING_HINT);
}

const SPELLING_HINT = "Use the task language only: one function f(x), the variables x, a and i, numbers up to 99.";

/** Ids without a token decode to "": a table may have more rows than tokens. */
function decode(decoder: Decoder, texts: ReadonlyMap<number, string>, tokens: ArrayLike<number>): string {
  const known = Array.from(tokens, (id) => texts.get(id)).filter((text) => text !== undefined);
  return known.length === 0 ? "" : decoder(known).join("");
}

function findEnd(ids: ReadonlyMap<string, number>): number {
  const name = END_TOKENS.find((token) => ids.has(token));
  if (name === undefined) refuse(`none of ${END_TOKENS.join(" ")} ends a completion`);
  return ids.get(name) as number;
}
