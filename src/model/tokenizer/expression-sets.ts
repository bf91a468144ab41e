/** Sets and escapes of an expression: `[^\r\n\p{L}]`, `\s`, `\x{3000}`. */
import {
  anyOf,
  type CharacterSet,
  classOf,
  DIGIT,
  except,
  only,
  property,
  range,
  WHITE_SPACE,
  WORD,
} from "./character-sets";
import type { Reader } from "./expression";

/** A set, and the one character where it is only that: ranges need one. */
interface Member {
  readonly set: CharacterSet;
  readonly character: string | null;
}

const HEX = classOf("[0-9A-Fa-f]");

/** Outside of brackets, some signs that stand for numbers are of a word too. */
const BARE_WORD = anyOf([WORD, classOf("[\\u00b2\\u00b3\\u00b9\\u00bc-\\u00be]")]);
const BARE: Readonly<Record<string, CharacterSet>> = { w: BARE_WORD, W: except(BARE_WORD) };

const CLASSES: Readonly<Record<string, CharacterSet>> = {
  s: WHITE_SPACE,
  S: except(WHITE_SPACE),
  d: DIGIT,
  D: except(DIGIT),
  w: WORD,
  W: except(WORD),
  h: HEX,
  H: except(HEX),
};

const CHARACTERS: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  f: "\f",
  v: "\v",
  a: "\x07",
  e: "\x1b",
};

function one(character: string): Member {
  return { set: only(character), character };
}

/** What stands behind a backslash. @throws KelvinError "model" for what is not supported */
export function parseEscape(reader: Reader, inBrackets = false): Member {
  const named = reader.match(/([pP])\{(\^?)([A-Za-z]+)\}/y);
  if (named) {
    const set =
      property(named[3] as string) ?? reader.refuse(`names the characters \\p{${named[3]}}, which is not known`);
    return { set: (named[1] === "P") !== (named[2] === "^") ? except(set) : set, character: null };
  }
  const coded = reader.match(/x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})/y);
  if (coded) {
    const code = Number.parseInt(coded.slice(1).find((digits) => digits !== undefined) as string, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) reader.refuse("names a code that is no character");
    return one(String.fromCodePoint(code));
  }
  const next = reader.next();
  const classes = inBrackets ? CLASSES : { ...CLASSES, ...BARE };
  const set = Object.hasOwn(classes, next) ? classes[next] : undefined;
  if (set) return { set, character: null };
  const character = Object.hasOwn(CHARACTERS, next) ? CHARACTERS[next] : undefined;
  if (character !== undefined) return one(character);
  if (/[A-Za-z0-9]/.test(next) || next > "\x7f") reader.refuse(`has \\${next}, which is not supported`);
  return one(next);
}

/** A set in brackets, which may hold others. @throws KelvinError "model" for what is not supported */
export function parseSet(reader: Reader, depth = 0): CharacterSet {
  if (depth > 10) reader.refuse("has too many sets in sets");
  reader.take("[");
  const negated = reader.take("^");
  if (reader.sees("]")) reader.refuse("has an empty set, or one that begins with ]");
  const members: CharacterSet[] = [];
  while (!reader.take("]")) members.push(parseMember(reader, depth, members.length === 0));
  const set = members.length === 1 ? (members[0] as CharacterSet) : anyOf(members);
  return negated ? except(set) : set;
}

function parseMember(reader: Reader, depth: number, isFirst: boolean): CharacterSet {
  if (reader.sees("&&")) reader.refuse("has an intersection of sets, which is not supported");
  if (reader.match(/\[[:.=]/y)) reader.refuse("has a POSIX set, which is not supported");
  if (reader.sees("[")) return parseSet(reader, depth + 1);
  if (reader.sees("-") && !isFirst && !reader.match(/(?=-\])/y))
    reader.refuse("has a - in a set that could be read in two ways");
  const { set, character } = parsePoint(reader);
  if (!reader.match(/-(?!\])/y)) return set;
  if (reader.match(/(?=\[|&&)/y) || character === null) reader.refuse("has a range that does not end in a character");
  const last = parsePoint(reader).character ?? reader.refuse("has a range that does not end in a character");
  const [from, to] = [character.codePointAt(0) as number, last.codePointAt(0) as number];
  return from <= to ? range(from, to) : reader.refuse("has a range that ends before it begins");
}

function parsePoint(reader: Reader): Member {
  return reader.take("\\") ? parseEscape(reader, true) : one(reader.next());
}
