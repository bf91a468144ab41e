/** What Python's texts, dictionaries and lists can do in a chat template. */
import { WHITE_SPACE } from "../tokenizer/character-sets";
import {
  type Callable,
  type Dictionary,
  fault,
  isDictionary,
  isList,
  itemsOf,
  print,
  Tuple,
  typeOf,
  Undefined,
  type Value,
} from "./values";

/** White space of Python's `str`. */
function isSpace(character: string | undefined): boolean {
  const code = character?.codePointAt(0) ?? -1;
  return (code >= 0x1c && code < 0x20) || (code >= 0 && WHITE_SPACE(code));
}

export function textOf(value: Value | undefined, what: string): string {
  return typeof value === "string" ? value : fault(`${what} is no text`);
}

/** Without the characters of `set`, or white space, at its ends. */
export function strip(text: string, set: Value | undefined, left: boolean, right: boolean): string {
  const characters = [...text];
  const drops =
    set === undefined || set === null
      ? isSpace
      : (character: string | undefined) =>
          character !== undefined && [...textOf(set, "a set of characters")].includes(character);
  let start = 0;
  let end = characters.length;
  while (left && start < end && drops(characters[start])) start++;
  while (right && end > start && drops(characters[end - 1])) end--;
  return characters.slice(start, end).join("");
}

function split(text: string, separator: Value | undefined, most: Value | undefined): Value {
  const limit = most === undefined ? -1 : typeof most === "number" ? most : fault("a count is no number");
  if (separator === undefined || separator === null) return splitWords(text, limit);
  const by = textOf(separator, "a separator");
  if (by === "") fault("empty separator");
  const parts = text.split(by);
  return limit < 0 || parts.length <= limit + 1 ? parts : [...parts.slice(0, limit), parts.slice(limit).join(by)];
}

function splitWords(text: string, limit: number): string[] {
  const words: string[] = [];
  let rest = strip(text, null, true, limit < 0);
  while (rest !== "" && words.length !== limit) {
    const end = [...rest].findIndex(isSpace);
    if (end < 0) break;
    words.push([...rest].slice(0, end).join(""));
    rest = strip([...rest].slice(end).join(""), null, true, false);
  }
  return rest === "" ? words : [...words, rest];
}

export function replace(text: string, [from, to, count]: readonly Value[]): string {
  const [old, by] = [textOf(from, "what is replaced"), textOf(to, "a replacement")];
  if (count === undefined || count === null || count === -1) return text.replaceAll(old, () => by);
  if (old === "") fault("nothing is replaced a number of times");
  const parts = text.split(old);
  const most = typeof count === "number" ? Math.max(0, count) : fault("a count is no number");
  return (
    parts.slice(0, most + 1).join(by) +
    parts
      .slice(most + 1)
      .map((part) => old + part)
      .join("")
  );
}

function begins(text: string, with_: Value | undefined, has: (text: string, part: string) => boolean): boolean {
  if (with_ instanceof Tuple) return with_.items.some((one) => has(text, textOf(one, "a beginning")));
  return has(text, textOf(with_, "a beginning"));
}

function ascii(text: string): string {
  return [...text].every((character) => character < "\x80")
    ? text
    : fault("the case of letters beyond ASCII is changed");
}

export function title(text: string): string {
  return ascii(text).replaceAll(/[A-Za-z]+/g, (word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase());
}

export function capitalize(text: string): string {
  return ascii(text).slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
}

/** Each takes the text and its arguments. */
const TEXT: Readonly<Record<string, (text: string, args: readonly Value[]) => Value>> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => Array.from(text, (character) => character.toLowerCase()).join(""),
  strip: (text, [set]) => strip(text, set, true, true),
  lstrip: (text, [set]) => strip(text, set, true, false),
  rstrip: (text, [set]) => strip(text, set, false, true),
  split: (text, [separator, most]) => split(text, separator, most),
  replace,
  startswith: (text, [part]) => begins(text, part, (whole, one) => whole.startsWith(one)),
  endswith: (text, [part]) => begins(text, part, (whole, one) => whole.endsWith(one)),
  title,
  capitalize,
  join: (text, [list]) =>
    itemsOf(list ?? [])
      .map((one) => textOf(one, "what is joined"))
      .join(text),
  removeprefix: (text, [part]) => (text.startsWith(textOf(part, "a prefix")) ? text.slice(String(part).length) : text),
  removesuffix: (text, [part]) =>
    text.endsWith(textOf(part, "a suffix")) ? text.slice(0, text.length - String(part).length) : text,
};

const MOST_ARGUMENTS: Readonly<Record<string, number>> = {
  ...{ upper: 0, lower: 0, strip: 1, lstrip: 1, rstrip: 1, split: 2, replace: 3, startswith: 1, endswith: 1 },
  ...{ title: 0, capitalize: 0, join: 1, removeprefix: 1, removesuffix: 1 },
};

const DICTIONARY: Readonly<Record<string, (of: Dictionary, args: readonly Value[]) => Value>> = {
  items: (of) => [...of].map((pair) => new Tuple(pair)),
  keys: (of) => [...of.keys()],
  values: (of) => [...of.values()],
  get: (of, [key = null, fallback = null]) => of.get(key) ?? (of.has(key) ? null : fallback),
};

/** Names that Python's own values have and this reader does not: to read them as missing would be wrong. */
const OTHERS =
  /^(?:__\w+|casefold|center|count|encode|expandtabs|find|format|format_map|index|is[a-z]+|ljust|maketrans|partition|rfind|rindex|rjust|rpartition|rsplit|splitlines|swapcase|translate|zfill|append|clear|copy|extend|insert|pop|remove|reverse|sort|fromkeys|popitem|setdefault|update|real|imag|numerator|denominator|conjugate|bit_length|bit_count|to_bytes|from_bytes|as_integer_ratio|hex|fromhex)$/;

/** A method of a value; null for a name that it does not have. */
export function methodOf(value: Value, name: string): Callable | null {
  if (typeof value === "string" && Object.hasOwn(TEXT, name)) {
    return (args, named) => {
      if (named.size > 0 || args.length > (MOST_ARGUMENTS[name] ?? 0))
        fault(`${name}() is given arguments that are not known`);
      return TEXT[name]?.(value, args) ?? null;
    };
  }
  if (isDictionary(value) && Object.hasOwn(DICTIONARY, name)) return (args) => DICTIONARY[name]?.(value, args) ?? null;
  if (OTHERS.test(name) && !(value instanceof Undefined)) {
    const has = typeof value === "string" || isList(value) || typeof value === "number";
    if (has || (isDictionary(value) && /^(?:__\w+|clear|copy|fromkeys|pop|popitem|setdefault|update)$/.test(name)))
      fault(`${print(typeOf(value))}.${name} is not supported`);
  }
  return null;
}
