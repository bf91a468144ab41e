/** Tokenizers of the sizes and kinds that models in use have. Their merges are drawn at random. */
import { createRng } from "../../src/rollout/rng";
import type { Family } from "./families";

/** `tokenizer.json` and what of `tokenizer_config.json` is read. */
export interface Language {
  readonly tokenizer: object;
  readonly tokenizerConfig: object;
}

/** How Llama 3 (`{1,3}` digits to a piece) and Qwen2 (one) cut a text into pieces. */
const cut = (digits: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true };
const inSequence = (...pretokenizers: object[]) => ({ type: "Sequence", pretokenizers });
const split = (digits: string) =>
  inSequence(
    { type: "Split", pattern: { Regex: cut(digits) }, behavior: "Isolated", invert: false },
    { ...byteLevel, use_regex: false },
  );

/** Turns between two marks, with the beginning in front if the model has one. */
const chat = (bos: string) =>
  `${bos}{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`;

const MARKS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
/** A character for each of the 256 bytes, in the order of GPT-2: those that can be printed, then the others. */
const BYTES = [...range(33, 126), ...range(161, 172), ...range(174, 255), ...range(256, 323)].map((code) =>
  String.fromCodePoint(code),
);
/** What programs and their instructions are mostly made of. */
const COMMON = [..."abcdefghijklmnopqrstuvwxyz0123456789()<>=+-*:,.\u0120"];

/** A language of the family's kind and size, the same every time. */
export function generatedLanguage({ name, config }: Family): Language {
  if (name === "Llama 3.2") return llama(config.vocab_size);
  return name.startsWith("Qwen") ? qwen() : small(config.vocab_size);
}

function llama(size: number): Language {
  const named = new Map([
    [0, "<|begin_of_text|>"],
    [1, "<|end_of_text|>"],
    [8, "<|im_start|>"],
    [9, "<|im_end|>"],
  ]);
  const added = [...Array(256).keys()].map((i) => named.get(i) ?? `<|reserved_special_token_${i}|>`);
  const begins = { SpecialToken: { id: "<|begin_of_text|>", type_id: 0 } };
  const text = { Sequence: { id: "A", type_id: 0 } };
  const ids = { id: "<|begin_of_text|>", ids: [size - 256], tokens: ["<|begin_of_text|>"] };
  const post_processor = {
    type: "TemplateProcessing",
    ...{ single: [begins, text], pair: [begins, text], special_tokens: { "<|begin_of_text|>": ids } },
  };
  return {
    tokenizer: {
      ...file(split("{1,3}"), bytePairs(size - 256, 0, { ignore_merges: true })),
      ...{ added_tokens: added.map((content, i) => special(content, size - 256 + i)), post_processor },
    },
    tokenizerConfig: {
      ...{ bos_token: "<|begin_of_text|>", eos_token: "<|im_end|>", chat_template: chat("{{ bos_token }}") },
      tokenizer_class: "PreTrainedTokenizerFast",
    },
  };
}

/** Ends below the table's 151,936 rows, as Qwen's do. */
function qwen(): Language {
  const size = 151_643;
  const extra = [...MARKS, ...[...Array(19).keys()].map((i) => `<|extra_${i}|>`)];
  return {
    tokenizer: {
      ...file(split(""), bytePairs(size, 0, { continuing_subword_prefix: "", end_of_word_suffix: "" })),
      ...{ normalizer: { type: "NFC" }, added_tokens: extra.map((content, i) => special(content, size + i)) },
    },
    tokenizerConfig: {
      ...{ add_bos_token: false, bos_token: null, eos_token: "<|im_end|>", pad_token: "<|endoftext|>" },
      ...{ chat_template: chat(""), tokenizer_class: "Qwen2Tokenizer", unk_token: null },
    },
  };
}

/** Marks first, then bytes; digits stand alone (SmolLM2). */
function small(size: number): Language {
  const digits = { type: "Digits", individual_digits: true };
  return {
    tokenizer: {
      ...file(inSequence(digits, { ...byteLevel, use_regex: true }), bytePairs(size, MARKS.length, {})),
      added_tokens: MARKS.map(special),
    },
    tokenizerConfig: {
      ...{ bos_token: "<|im_start|>", eos_token: "<|im_end|>", pad_token: "<|im_end|>", unk_token: "<|endoftext|>" },
      ...{ chat_template: chat(""), add_prefix_space: false, tokenizer_class: "GPT2Tokenizer" },
    },
  };
}

function file(pre_tokenizer: object, model: object): object {
  const empty = { truncation: null, padding: null, normalizer: null, post_processor: null };
  return { version: "1.0", ...empty, pre_tokenizer, decoder: { ...byteLevel, use_regex: true }, model };
}

const special = (content: string, id: number) => ({
  ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
});

/** Byte pairs of `size` tokens, of which the first `marks` are marks: each merge adds a byte to a token before it. */
function bytePairs(size: number, marks: number, settings: object): object {
  const ids = new Map([...MARKS.slice(0, marks), ...BYTES].map((token, id) => [token, id]));
  const tokens = [...ids.keys()];
  const merges: string[] = [];
  const rng = createRng(7);
  while (tokens.length < size) {
    const left = tokens[marks + rng.below(tokens.length - marks)] as string;
    const rights = rng.below(5) === 0 ? BYTES : COMMON;
    const right = rights[rng.below(rights.length)] as string;
    if (ids.has(left + right)) continue;
    ids.set(left + right, tokens.length);
    tokens.push(left + right);
    merges.push(`${left} ${right}`);
  }
  const plain = { dropout: null, unk_token: null, fuse_unk: false, byte_fallback: false };
  return { type: "BPE", ...plain, ...settings, vocab: Object.fromEntries(ids), merges };
}
