/**
 * Parses and writes Python literals without Python, for gold values, which must never enter an interpreter, and for answers to
 * "predict the output". The language: None, booleans, ints, finite floats, strings, a sign in front of a number, lists, tuples,
 * sets, dicts and `set()`. Canonical text equals what the guard's encoder writes: equal exactly if type and value are equal. The
 * escape `\N{…}` is missing: it needs Unicode's table of names.
 */
import { floatText, stringText } from "./literal-text";

/** Canonical text of a literal, or the reason why it has none. */
export type Canonical =
  | { readonly text: string; readonly refused?: undefined }
  | { readonly text?: undefined; readonly refused: string };

/** Python's parser reads as many. */
const MOST_BRACKETS = 200;
const INT_BOUND = 1n << 1024n;

/** Characters removed by Python's `str.strip`; a byte order mark and a zero-width space are not. */
const BLANKS = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const OUTER_BLANKS = new RegExp(`^${BLANKS}|${BLANKS}$`, "g");

/** A value: its canonical text, and its key in sets and dicts (1, 1.0 and True are equal); null if unhashable. */
interface Value {
  readonly text: string;
  readonly key: string | null;
  /** Depth of nesting: 0 without items, else one more than the deepest item. */
  readonly height: number;
  /** Why it has no canonical text. An item that a set or dict drops (`{1: 9**999, 1: 2}` written out) is no fault of the whole. */
  readonly fault?: string | undefined;
  /** Only for numbers without a sign, which may get one. */
  readonly number?: bigint | number;
}

class LiteralError extends Error {}

/** Why a text with `\N{…}` is refused: its value needs Unicode's table of names. */
export const NAMED_CHARACTER = "named character";

/** Size limits of a literal. */
export interface LiteralLimits {
  readonly characters: number;
  readonly depth: number;
}
export const ANSWER_LIMITS: LiteralLimits = { characters: 4000, depth: 20 };
/** Outputs may be larger than answers; the rule on long outputs refuses such a task. */
export const GOLD_LIMITS: LiteralLimits = { characters: 100_000, depth: 41 };

/** The canonical text of `source`, which is parsed as one Python expression and never evaluated. */
export function canonicalLiteral(source: string, limits = ANSWER_LIMITS): Canonical {
  if (source.length > limits.characters) return { refused: "size" };
  if (/\0|\p{Surrogate}/u.test(source)) return { refused: "syntax" };
  const text = source.replace(/\r\n?/g, "\n").replace(OUTER_BLANKS, "");
  try {
    return { text: new Parser(text, limits.depth).parse().text };
  } catch (error) {
    if (error instanceof LiteralError) return { refused: error.message };
    throw error;
  }
}

const NUMBER =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+)|((?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[0-9](?:_?[0-9])*\.(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[0-9](?:_?[0-9])*[eE][+-]?[0-9](?:_?[0-9])*)|(?:[1-9](?:_?[0-9])*|0(?:_?0)*)/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const STRING_START = /([uUrR]?)('''|"""|'|")/y;
/** Text that occurs in functions and classes printed as values; never a valid output. The guard refuses it too. */
const ADDRESSES = / at 0x|<function |<built-in |<class /;
const SIMPLE_ESCAPES = new Map([
  ["\\", 0x5c],
  ["'", 0x27],
  ['"', 0x22],
  ["a", 7],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
]);
const HEX_ESCAPES = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

function fail(reason = "syntax"): never {
  throw new LiteralError(reason);
}

function plain(text: string, key: string | null): Value {
  return { text, key, height: 0 };
}

/** `kept`: the items that are part of the value; a set or dict drops some. */
function container(text: string, key: string | null, items: readonly Value[], kept = items): Value {
  const height = items.reduce((most, item) => Math.max(most, item.height + 1), 0);
  return { text, key, height, fault: kept.find(({ fault }) => fault)?.fault };
}

/** The name `set`. It is no value without a call. */
const SET_NAME = plain("set", null);

function numberValue(number: bigint | number): Value {
  if (typeof number === "number") {
    if (!Number.isFinite(number)) fail("not finite");
    return { ...plain(floatText(number), `n${Number.isInteger(number) ? BigInt(number) : number}`), number };
  }
  const fault = number >= INT_BOUND || -number >= INT_BOUND ? "int too long" : undefined;
  return { ...plain(String(number), `n${number}`), number, fault };
}

function tupleValue(items: readonly Value[]): Value {
  const texts = items.map((item) => item.text);
  const hashable = items.every((item) => item.key !== null);
  return container(
    `(${texts.join(", ")}${items.length === 1 ? "," : ""})`,
    hashable ? `(${items.map((item) => item.key).join(",")})` : null,
    items,
  );
}

function hashKey(value: Value): string {
  return value.key ?? fail("unhashable");
}

function setValue(items: readonly Value[]): Value {
  const kept = new Map<string, Value>();
  for (const item of items) if (!kept.has(hashKey(item))) kept.set(hashKey(item), item);
  // The guard orders a set by these texts as soon as it reads it.
  for (const { fault } of kept.values()) if (fault) fail(fault);
  const texts = [...kept.values()].map(({ text }) => text);
  return { ...container(`{${texts.sort().join(", ")}}`, null, items), fault: undefined };
}

/** An equal key keeps its first spelling and gets the last value. */
function dictValue(entries: readonly (readonly [Value, Value])[]): Value {
  const kept = new Map<string, [Value, Value]>();
  for (const [key, value] of entries) kept.set(hashKey(key), [kept.get(hashKey(key))?.[0] ?? key, value]);
  const texts = [...kept.values()].map(([key, value]) => `${key.text}: ${value.text}`);
  return container(`{${texts.sort().join(", ")}}`, null, entries.flat(), [...kept.values()].flat());
}

/** Recursive descent over one expression. Every method starts at a token and moves the position after it. */
class Parser {
  private at = 0;
  private brackets = 0;

  constructor(
    private readonly source: string,
    private readonly maxDepth: number,
  ) {}

  parse(): Value {
    this.toFirstToken();
    const first = this.value();
    const value = this.peek() === "," ? tupleValue(this.rest(first, "")) : first;
    this.skip(true);
    if (this.at < this.source.length) fail();
    if (value.fault) fail(value.fault);
    return value.height > this.maxDepth ? fail("literal depth") : value;
  }

  /** Skips lines without code. The line of the first token must not be indented. A form feed resets the indentation. */
  private toFirstToken(): void {
    while (this.match(/(?:[ \t\f]|\\\n)*(?:#[^\n]*)?\n/y));
    while (this.match(/[ \t]*\f|\\\n/y));
    if (this.match(/[ \t]/y)) fail();
  }

  /** Skips spaces, comments and joined lines; inside brackets also line breaks. */
  private skip(lines = this.brackets > 0): void {
    const blank = lines ? /(?:[ \t\f\n]|\\\n|#[^\n]*)*/y : /(?:[ \t\f]|\\\n|#[^\n]*)*/y;
    blank.lastIndex = this.at;
    blank.test(this.source);
    this.at = blank.lastIndex;
  }

  private peek(): string {
    this.skip();
    return this.source[this.at] ?? "";
  }

  private take(character: string): boolean {
    if (this.peek() !== character || character === "") return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  private value(): Value {
    const value = this.valueOrSet();
    return value === SET_NAME ? fail("not a literal") : value;
  }

  private valueOrSet(): Value {
    const sign = this.peek();
    if (sign === "-" || sign === "+") return this.signed(sign);
    const value = this.atom();
    return value === SET_NAME && this.peek() === "(" ? this.call() : value;
  }

  private signed(sign: "-" | "+"): Value {
    this.at++;
    const { number } = this.atom();
    if (number === undefined) fail("not a literal");
    const { text, key, fault } = numberValue(sign === "-" ? -number : number);
    return { ...plain(text, key), fault };
  }

  /** The brackets after the name `set`. */
  private call(): Value {
    this.at++;
    this.brackets++;
    if (!this.take(")")) fail("not a literal");
    this.brackets--;
    return plain("set()", null);
  }

  private atom(): Value {
    const next = this.peek();
    if (next === "[" || next === "(" || next === "{") return this.bracket(next);
    if (/[0-9.]/.test(next)) return this.number();
    const start = this.at;
    if (this.match(STRING_START)) {
      this.at = start;
      return this.strings();
    }
    return this.name();
  }

  private name(): Value {
    const name = this.match(NAME)?.[0] ?? fail();
    if (name === "None") return plain(name, "None");
    if (name === "True" || name === "False") return plain(name, name === "True" ? "n1" : "n0");
    return name === "set" ? SET_NAME : fail("not a literal");
  }

  private number(): Value {
    const found = this.match(NUMBER) ?? fail();
    if (/[A-Za-z0-9_.]|[^\0-\x7f]/.test(this.source[this.at] ?? " ")) fail();
    const digits = found[0].replaceAll("_", "");
    return numberValue(found[1] === undefined ? BigInt(digits) : Number(digits));
  }

  private bracket(open: "[" | "(" | "{"): Value {
    if (++this.brackets > MOST_BRACKETS) fail("literal depth");
    this.at++;
    const value = open === "[" ? this.list() : open === "(" ? this.parenthesis() : this.braces();
    this.brackets--;
    return value;
  }

  private list(): Value {
    const items = this.take("]") ? [] : this.rest(this.value(), "]");
    return container(`[${items.map((item) => item.text).join(", ")}]`, null, items);
  }

  /** A tuple, or one value in redundant parentheses. */
  private parenthesis(): Value {
    if (this.take(")")) return tupleValue([]);
    const first = this.valueOrSet();
    if (this.take(")")) return first;
    return first === SET_NAME ? fail("not a literal") : tupleValue(this.rest(first, ")"));
  }

  private braces(): Value {
    if (this.take("}")) return plain("{}", null);
    const first = this.value();
    if (this.peek() !== ":") return setValue(this.rest(first, "}"));
    const entries: [Value, Value][] = [];
    let key = first;
    for (;;) {
      if (!this.take(":")) fail();
      entries.push([key, this.value()]);
      if (this.take("}")) return dictValue(entries);
      if (!this.take(",")) fail();
      if (this.take("}")) return dictValue(entries);
      key = this.value();
    }
  }

  /** The items after the first, up to `close` ("" means the end of the text); a trailing comma is allowed. */
  private rest(first: Value, close: string): Value[] {
    const items = [first];
    const ended = (): boolean => (close === "" ? this.peek() === "" || this.peek() === "\n" : this.take(close));
    while (!ended()) {
      if (!this.take(",")) fail();
      if (ended()) break;
      items.push(this.value());
    }
    return items;
  }

  /** Adjacent strings are one constant. */
  private strings(): Value {
    const points: number[] = [];
    for (;;) {
      this.skip();
      const start = this.match(STRING_START);
      if (!start) break;
      this.string(start[2] ?? "'", start[1]?.toLowerCase() === "r", points);
    }
    const text = stringText(points);
    return { ...plain(text, `s${text}`), fault: ADDRESSES.test(text) ? "text of an object" : undefined };
  }

  private string(quote: string, raw: boolean, points: number[]): void {
    while (!this.source.startsWith(quote, this.at)) {
      const point = this.source.codePointAt(this.at) ?? fail();
      if (point === 0x0a && quote.length === 1) fail();
      if (point === 0x5c) this.escape(raw, points);
      else {
        points.push(point);
        this.at += point > 0xffff ? 2 : 1;
      }
    }
    this.at += quote.length;
  }

  private escape(raw: boolean, points: number[]): void {
    const next = String.fromCodePoint(this.source.codePointAt(this.at + 1) ?? fail());
    const hexLength = HEX_ESCAPES.get(next);
    const octal = /^[0-7]{1,3}/.exec(this.source.slice(this.at + 1, this.at + 4))?.[0];
    const simple = SIMPLE_ESCAPES.get(next);
    this.at += 1 + next.length;
    if (raw) points.push(0x5c, next.codePointAt(0) ?? 0);
    else if (next === "\n") return;
    else if (simple !== undefined) points.push(simple);
    else if (octal !== undefined) {
      points.push(Number.parseInt(octal, 8));
      this.at += octal.length - 1;
    } else if (hexLength !== undefined) points.push(this.hex(hexLength));
    else if (next === "N") fail(NAMED_CHARACTER);
    else points.push(0x5c, next.codePointAt(0) ?? 0);
  }

  private hex(length: number): number {
    const digits = this.source.slice(this.at, this.at + length);
    if (digits.length < length || /[^0-9a-fA-F]/.test(digits)) fail();
    this.at += length;
    const point = Number.parseInt(digits, 16);
    return point > 0x10ffff ? fail() : point;
  }
}
