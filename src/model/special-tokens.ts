/** Texts of the special tokens of a model, from every file that may name them, in transformers' order. */
import { isObject } from "./config-fields";

/** What the small files of a model say beside its `tokenizer.json`. */
export interface SpecialTokens {
  /** By name: `bos_token`, `eos_token` and their like. */
  readonly texts: Readonly<Record<string, string>>;
  /** Whether `bos_token` begins every text; null leaves it to `tokenizer.json`. */
  readonly addsBeginning: boolean | null;
}

const NAMES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"] as const;

const LLAMA = { bos_token: "<s>", eos_token: "</s>", unk_token: "<unk>" };
const END_OF_TEXT = "<|endoftext|>";

/** What a tokenizer's class takes where no file names a token. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Llama: LLAMA,
  CodeLlama: LLAMA,
  Qwen2: { eos_token: END_OF_TEXT, unk_token: END_OF_TEXT, pad_token: END_OF_TEXT },
  GPT2: { bos_token: END_OF_TEXT, eos_token: END_OF_TEXT, unk_token: END_OF_TEXT },
  Gemma: { bos_token: "<bos>", eos_token: "<eos>", unk_token: "<unk>", pad_token: "<pad>" },
};

/** Classes that put `bos_token` in front unless they are told not to, whatever `tokenizer.json` says. */
const BEGINS: ReadonlySet<string> = new Set(["Llama", "CodeLlama", "Gemma"]);

/**
 * @param config parsed `tokenizer_config.json`; null if missing
 * @param map parsed `special_tokens_map.json`; null if missing
 */
export function specialTokens(config: unknown, map: unknown): SpecialTokens {
  const own = isObject(config) ? config : {};
  const kind = String(own["tokenizer_class"] ?? "").replace(/Tokenizer(?:Fast)?$/, "");
  const defaults = Object.hasOwn(DEFAULTS, kind) ? (DEFAULTS[kind] ?? {}) : {};
  // Newer files list the added tokens; the map beside them is a leftover and not read.
  const later = isObject(map) && own["added_tokens_decoder"] === undefined ? map : {};
  const named = { ...defaults, ...own, ...later };
  const names = [...new Set([...NAMES, ...Object.keys(named).filter((name) => name.endsWith("_token"))])];
  const texts = names.flatMap((name): [string, string][] => {
    const text = textOf(Object.hasOwn(named, name) ? (named as Record<string, unknown>)[name] : null);
    return text === null ? [] : [[name, text]];
  });
  const adds = own["add_bos_token"];
  return {
    texts: Object.fromEntries(texts),
    addsBeginning: typeof adds === "boolean" && (adds || BEGINS.has(kind)) ? adds : BEGINS.has(kind) ? true : null,
  };
}

/** Older files have objects with a `content`. */
function textOf(value: unknown): string | null {
  const text = isObject(value) ? value["content"] : value;
  return typeof text === "string" && text !== "" ? text : null;
}
