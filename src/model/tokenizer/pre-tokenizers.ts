/** Splits a text before its pieces become tokens. */
import { toByteLevel } from "./bytes";
import { anyOf, type CharacterSet, except, NUMERIC, only, PUNCTUATION, RUST_WORD, WHITE_SPACE } from "./character-sets";
import type { Expression } from "./expression";
import { Part, refuse, shown } from "./part";
import {
  BEHAVIORS,
  expressionPattern,
  inverted,
  matchedBy,
  type Pattern,
  type Piece,
  readPattern,
  setPattern,
  split,
} from "./pieces";

/** One piece → its pieces; empty ones are left out by the caller. */
export type PreTokenizer = (piece: Piece) => Piece[];

/** Parts in parts; real files have two. */
const DEEPEST = 10;

/** GPT-2's expression, which byte-level tokenizers cut by. */
const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/**
 * @param keepsBeginning whether normalizers left the text's beginning where it was
 * @throws KelvinError "model" for a kind that is not computed as the reference library does
 */
export function readPreTokenizer(value: unknown, keepsBeginning: boolean): PreTokenizer {
  return readOne(value, "pre_tokenizer", keepsBeginning, 0);
}

function readOne(value: unknown, path: string, keepsBeginning: boolean, depth: number): PreTokenizer {
  if (value === null) return (piece) => [piece];
  if (depth > DEEPEST) refuse(`${path} holds too many parts in parts`);
  const part = Part.of(value, path);
  const type = part.text("type");
  switch (type) {
    case "Sequence":
      return sequence(part, keepsBeginning, depth);
    case "ByteLevel":
      return byteLevel(part);
    case "Split":
      return splitter(part);
    case "Metaspace":
      return metaspace(part, keepsBeginning);
    case "Digits": {
      const each = part.only("type individual_digits").flag("individual_digits");
      return (piece) => split(piece, setPattern(NUMERIC), each ? "Isolated" : "Contiguous");
    }
    case "Punctuation": {
      const behavior = part.only("type behavior").choice("behavior", BEHAVIORS, "Isolated");
      return (piece) => split(piece, setPattern(PUNCTUATION), behavior);
    }
    case "Whitespace":
      part.only("type");
      return (piece) => split(piece, WORDS, "Removed");
    case "WhitespaceSplit":
      part.only("type");
      return (piece) => split(piece, setPattern(WHITE_SPACE), "Removed");
    case "BertPreTokenizer":
      part.only("type");
      return (piece) =>
        split(piece, setPattern(WHITE_SPACE), "Removed")
          .filter(({ text }) => text !== "")
          .flatMap((word) => split(word, setPattern(PUNCTUATION), "Isolated"));
    case "CharDelimiterSplit": {
      const delimiter = only(part.only("type delimiter").character("delimiter"));
      return (piece) => split(piece, setPattern(delimiter), "Removed");
    }
    default:
      return refuse(`${path} of type ${shown(type)} is not supported`);
  }
}

function sequence(part: Part, keepsBeginning: boolean, depth: number): PreTokenizer {
  part.only("type pretokenizers");
  let begins = keepsBeginning;
  const all = part.parts("pretokenizers").map((one) => {
    const type = one.text("type");
    const read = readOne(one.fields, one.path, begins, depth + 1);
    // Both may add a character before the first one.
    if (type === "ByteLevel" || type === "Metaspace" || type === "Sequence") begins = false;
    return read;
  });
  return (piece) => all.reduce((pieces, cut) => pieces.flatMap(cut).filter(({ text }) => text !== ""), [piece]);
}

function byteLevel(part: Part): PreTokenizer {
  part.only("type add_prefix_space trim_offsets use_regex");
  const prefix = part.flag("add_prefix_space");
  const pattern = part.flag("use_regex", true) ? expressionPattern(GPT2, part.path) : null;
  return ({ text, isFirst }) => {
    const whole = { text: prefix && !text.startsWith(" ") ? ` ${text}` : text, isFirst };
    const pieces = pattern ? split(whole, pattern, "Isolated") : [whole];
    return pieces.map((piece) => ({ ...piece, text: toByteLevel(piece.text) }));
  };
}

function splitter(part: Part): PreTokenizer {
  part.only("type pattern behavior invert");
  const pattern = readPattern(part.part("pattern"));
  const chosen = part.flag("invert") ? inverted(pattern) : pattern;
  const behavior = part.choice("behavior", BEHAVIORS);
  return (piece) => split(piece, chosen, behavior);
}

function metaspace(part: Part, keepsBeginning: boolean): PreTokenizer {
  // Older files have str_rep, which says the same as replacement.
  part.only("type replacement add_prefix_space prepend_scheme split str_rep");
  const mark = part.character("replacement");
  const scheme = schemeOf(part);
  if (scheme === "first" && !keepsBeginning)
    refuse(
      `${part.path}.prepend_scheme is "first" behind what may move the beginning of a text, which is not supported`,
    );
  const cuts = part.flag("split", true);
  const pattern = setPattern(only(mark));
  return ({ text, isFirst }) => {
    const marked = text.replaceAll(" ", mark);
    const prepends = !marked.startsWith(mark) && (scheme === "always" || (scheme === "first" && isFirst));
    const whole = { text: prepends ? mark + marked : marked, isFirst };
    return cuts ? split(whole, pattern, "MergedWithNext") : [whole];
  };
}

const SCHEMES = ["always", "never", "first"] as const;

/** Where a mark is put in front. Older files have only `add_prefix_space`. */
export function schemeOf(part: Part): (typeof SCHEMES)[number] {
  if (part.value("add_prefix_space") === null) return part.choice("prepend_scheme", SCHEMES, "always");
  const adds = part.flag("add_prefix_space");
  const scheme = part.choice("prepend_scheme", SCHEMES, adds ? "always" : "never");
  if (!adds && scheme !== "never") refuse(`${part.path}.add_prefix_space does not go with its prepend_scheme`);
  return scheme;
}

const many = (set: CharacterSet): Expression => ({
  kind: "repeat",
  item: { kind: "character", set },
  least: 1,
  most: Number.POSITIVE_INFINITY,
  mode: "greedy",
});

/** What is neither a word nor a run of symbols. */
const WORDS: Pattern = inverted(
  matchedBy({ kind: "choice", options: [many(RUST_WORD), many(except(anyOf([RUST_WORD, WHITE_SPACE])))] }),
);
