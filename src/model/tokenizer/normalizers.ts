/** Changes to a text before it is split. */
import { toByteLevel } from "./bytes";
import { except, MARKS, WHITE_SPACE } from "./character-sets";
import { Part, refuse, shown } from "./part";
import { readPattern, replaced, setPattern } from "./pieces";

/** Text → text. */
export type Normalizer = (text: string) => string;

const FORMS = ["NFC", "NFD", "NFKC", "NFKD"] as const;
/** Parts in parts; real files have two. */
const DEEPEST = 10;

/** Normalizers that keep the first character in place. */
const KEEPS_FIRST: ReadonlySet<string> = new Set([...FORMS, "Lowercase"]);

/** Whether a text still begins where it began: what "first" in a pre-tokenizer is about. */
export function keepsBeginning(value: unknown): boolean {
  if (value === null) return true;
  const part = Part.of(value, "normalizer");
  if (part.text("type") === "Sequence") return part.list("normalizers").every(keepsBeginning);
  return KEEPS_FIRST.has(part.text("type"));
}

/** @throws KelvinError "model" for a kind that is not computed as the reference library does */
export function readNormalizer(value: unknown, path = "normalizer", depth = 0): Normalizer {
  if (value === null) return (text) => text;
  if (depth > DEEPEST) refuse(`${path} holds too many parts in parts`);
  const part = Part.of(value, path);
  const type = part.text("type");
  const form = FORMS.find((name) => name === type);
  if (form) {
    part.only("type");
    return (text) => text.normalize(form);
  }
  switch (type) {
    case "Sequence": {
      part.only("type normalizers");
      const all = part.list("normalizers").map((one, i) => readNormalizer(one, `${path}.normalizers[${i}]`, depth + 1));
      return (text) => all.reduce((before, normalize) => normalize(before), text);
    }
    case "Prepend": {
      const prefix = part.only("type prepend").text("prepend");
      return (text) => (text === "" ? "" : prefix + text);
    }
    case "Replace": {
      const pattern = readPattern(part.only("type pattern content").part("pattern"));
      const content = part.text("content");
      return (text) => replaced(text, pattern, content);
    }
    case "Strip":
      return strip(part);
    case "StripAccents":
      part.only("type");
      return (text) => replaced(text, setPattern(MARKS), "");
    case "Lowercase":
      part.only("type");
      // Letter by letter, without the rules for whole texts, such as that of the final sigma.
      return (text) => Array.from(text, (character) => character.toLowerCase()).join("");
    case "ByteLevel":
      part.only("type");
      return toByteLevel;
    default:
      return refuse(`${path} of type ${shown(type)} is not supported`);
  }
}

function strip(part: Part): Normalizer {
  part.only("type strip_left strip_right");
  const [left, right] = [part.flag("strip_left"), part.flag("strip_right")];
  const isInk = except(WHITE_SPACE);
  return (text) => {
    const characters = [...text];
    const inked = (character: string): boolean => isInk(character.codePointAt(0) as number);
    const start = left ? characters.findIndex(inked) : 0;
    const end = right ? characters.findLastIndex(inked) + 1 : characters.length;
    return start < 0 ? "" : characters.slice(start, end).join("");
  };
}
