import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { KelvinError, largest, type Tokenizer } from "../contracts";

/** Usual texts of end tokens, first match wins; used if the caller does not know the id from `config.json`. */
const END_TOKENS = ["<eos>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<|end_of_text|>", "</s>"];

/**
 * Reads the parsed contents of a Hugging Face `tokenizer.json`.
 *
 * Kelvin's own vocabulary is a WordPiece model without continuation prefix: every number up to 99, every operator
 * and every role is one token, and text is cut by greedy longest match. Special tokens keep their text on decoding,
 * so that `decode(encode(text)) === text` for everything the task language can say.
 *
 * @param endToken id from `config.json` (`eos_token_id`); found by its usual names when left out
 * @throws KelvinError "model" when the file is not a tokenizer
 */
export function loadTokenizer(json: unknown, endToken?: number): Tokenizer {
  checkShape(json);
  const library = openLibrary(json);
  const vocabulary = library.get_vocab(true);
  const unknown = unknownToken(json, vocabulary);
  const end = endToken ?? findEnd(vocabulary);
  return {
    vocabularySize: largest(vocabulary.values()) + 1,
    endToken: end,
    encode: (text) => encode(library, text, unknown),
    decode: (tokens) => decode(library, tokens),
  };
}

/** @throws KelvinError "input" for text outside the vocabulary: it would become an unknown token, silently. */
function encode(library: HuggingFaceTokenizer, text: string, unknown: UnknownToken | null): Int32Array {
  if (text === "") return new Int32Array(0);
  const { ids } = library.encode(text, { add_special_tokens: false });
  if (unknown !== null && ids.includes(unknown.id) && !text.includes(unknown.text)) {
    throw new KelvinError("input", `the model's vocabulary cannot spell ${JSON.stringify(text)}`, SPELLING_HINT);
  }
  return Int32Array.from(ids);
}

function decode(library: HuggingFaceTokenizer, tokens: ArrayLike<number>): string {
  if (tokens.length === 0) return "";
  return library.decode(Array.from(tokens), { skip_special_tokens: false, clean_up_tokenization_spaces: false });
}

const SPELLING_HINT = "Use the task language only: one function f(x), the variables x, a and i, numbers up to 99.";

interface UnknownToken {
  readonly id: number;
  readonly text: string;
}

interface TokenizerFile {
  readonly model: { readonly vocab: object; readonly unk_token?: unknown };
}

const MODEL_TYPES: ReadonlySet<string> = new Set(["WordPiece", "BPE", "Unigram"]);

function checkShape(json: unknown): asserts json is TokenizerFile {
  const model = isRecord(json) ? json["model"] : undefined;
  if (!isRecord(model)) throw malformed(`it has no "model"`);
  const type = model["type"];
  if (type !== undefined && !MODEL_TYPES.has(String(type)))
    throw malformed(`its model is of type ${JSON.stringify(type)}`);
  const vocabulary = model["vocab"];
  if (!isRecord(vocabulary) && !Array.isArray(vocabulary)) throw malformed(`its model has no "vocab"`);
  if (Array.isArray(vocabulary)) return;
  const ids = Object.values(vocabulary);
  if (ids.length === 0) throw malformed("its vocabulary is empty");
  const bad = Object.entries(vocabulary).find(([, id]) => !Number.isInteger(id) || (id as number) < 0);
  if (bad) throw malformed(`the id of ${JSON.stringify(bad[0])} is ${JSON.stringify(bad[1])}, not a whole number`);
  if (new Set(ids).size !== ids.length) throw malformed("two tokens share one id");
}

function openLibrary(json: TokenizerFile): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(json, {});
  } catch (error) {
    // The library's own messages speak of its internals; ours name the file.
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

function unknownToken(json: TokenizerFile, vocabulary: Map<string, number>): UnknownToken | null {
  const text = json.model.unk_token;
  if (typeof text !== "string") return null;
  const id = vocabulary.get(text);
  if (id === undefined) throw malformed(`its unknown token ${JSON.stringify(text)} is not in the vocabulary`);
  return { id, text };
}

function findEnd(vocabulary: Map<string, number>): number {
  const name = END_TOKENS.find((token) => vocabulary.has(token));
  if (name === undefined) throw malformed(`none of ${END_TOKENS.join(" ")} ends a completion`);
  return vocabulary.get(name) as number;
}

function malformed(what: string): KelvinError {
  return new KelvinError("model", `tokenizer.json cannot be used: ${what}`, "Expected a Hugging Face tokenizer file.");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
