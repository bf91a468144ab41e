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

const MOST_BRACKETS = 100;
const INT_BOUND = 1n << 1024n;

/** Characters removed by Python's `str.strip`; a byte order mark and a zero-width space are not. */
const OUTER_BLANKS = /^(?:(?!\ufeff)\s)+|(?:(?!\ufeff)\s)+$/g;

/** A value: its canonical text, and its key in sets and dicts (1, 1.0 and True are equal); null if unhashable. */
interface Value {
  readonly text: string;
  readonly key: string | null;
  /** For numbers without a sign; only these can take a sign. */
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
  return { text, key };
}

function numberValue(number: bigint | number): Value {
  if (typeof number === "number") {
    if (!Number.isFinite(number)) fail("not finite");
    return { text: floatText(number), key: `n${Number.isInteger(number) ? BigInt(number) : number}`, number };
  }
  if (number >= INT_BOUND || -number >= INT_BOUND) fail("int too long");
  return { text: String(number), key: `n${number}`, number };
}

function tupleValue(items: readonly Value[]): Value {
  const texts = items.map((item) => item.text);
  const hashable = items.every((item) => item.key !== null);
  return plain(
    `(${texts.join(", ")}${items.length === 1 ? "," : ""})`,
    hashable ? `(${items.map((item) => item.key).join(",")})` : null,
  );
}

function hashKey(value: Value): string {
  return value.key ?? fail("unhashable");
}

function setValue(items: readonly Value[]): Value {
  const kept = new Map<string, string>();
  for (const item of items) if (!kept.has(hashKey(item))) kept.set(hashKey(item), item.text);
  return plain(`{${[...kept.values()].sort().join(", ")}}`, null);
}

/** An equal key keeps its first spelling and gets the last value. */
function dictValue(entries: readonly (readonly [Value, Value])[]): Value {
  const kept = new Map<string, [string, string]>();
  for (const [key, value] of entries) kept.set(hashKey(key), [kept.get(hashKey(key))?.[0] ?? key.text, value.text]);
  const texts = [...kept.values()].map(([key, value]) => `${key}: ${value}`);
  return plain(`{${texts.sort().join(", ")}}`, null);
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
    this.skip(true);
    const first = this.value(0);
    const value = this.peek() === "," ? tupleValue(this.rest(first, "", 0)) : first;
    this.skip(true);
    return this.at === this.source.length ? value : fail();
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

  private value(depth: number): Value {
    if (depth > this.maxDepth) fail("literal depth");
    const sign = this.peek();
    if (sign !== "-" && sign !== "+") return this.atom(depth);
    this.at++;
    const { number } = this.atom(depth);
    if (number === undefined) fail("not a literal");
    const signed = numberValue(sign === "-" ? -number : number);
    return plain(signed.text, signed.key);
  }

  private atom(depth: number): Value {
    const next = this.peek();
    if (next === "[" || next === "(" || next === "{") return this.bracket(next, depth);
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
    if (name === "set" && this.take("(") && this.take(")")) return plain("set()", null);
    return fail("not a literal");
  }

  private number(): Value {
    const found = this.match(NUMBER) ?? fail();
    if (/[A-Za-z0-9_.]|[^\0-\x7f]/.test(this.source[this.at] ?? " ")) fail();
    const digits = found[0].replaceAll("_", "");
    return numberValue(found[1] === undefined ? BigInt(digits) : Number(digits));
  }

  private bracket(open: "[" | "(" | "{", depth: number): Value {
    if (++this.brackets > MOST_BRACKETS) fail("literal depth");
    this.at++;
    const value = open === "[" ? this.list(depth) : open === "(" ? this.parenthesis(depth) : this.braces(depth);
    this.brackets--;
    return value;
  }

  private list(depth: number): Value {
    const items = this.take("]") ? [] : this.rest(this.value(depth + 1), "]", depth + 1);
    return plain(`[${items.map((item) => item.text).join(", ")}]`, null);
  }

  /** A tuple, or one value in redundant brackets. */
  private parenthesis(depth: number): Value {
    if (this.take(")")) return tupleValue([]);
    const first = this.value(depth + 1);
    return this.take(")") ? first : tupleValue(this.rest(first, ")", depth + 1));
  }

  private braces(depth: number): Value {
    if (this.take("}")) return plain("{}", null);
    const first = this.value(depth + 1);
    if (this.peek() !== ":") return setValue(this.rest(first, "}", depth + 1));
    const entries: [Value, Value][] = [];
    let key = first;
    for (;;) {
      if (!this.take(":")) fail();
      entries.push([key, this.value(depth + 1)]);
      if (this.take("}")) return dictValue(entries);
      if (!this.take(",")) fail();
      if (this.take("}")) return dictValue(entries);
      key = this.value(depth + 1);
    }
  }

  /** The items after the first, up to `close` ("" means the end of the text); a trailing comma is allowed. */
  private rest(first: Value, close: string, depth: number): Value[] {
    const items = [first];
    const ended = (): boolean => (close === "" ? this.peek() === "" || this.peek() === "\n" : this.take(close));
    while (!ended()) {
      if (!this.take(",")) fail();
      if (ended()) break;
      items.push(this.value(depth));
    }
    return items;
  }

  /** Neighbouring strings are one constant. */
  private strings(): Value {
    const points: number[] = [];
    for (;;) {
      this.skip();
      const start = this.match(STRING_START);
      if (!start) break;
      this.string(start[2] ?? "'", start[1]?.toLowerCase() === "r", points);
    }
    const text = stringText(points);
    if (ADDRESSES.test(text)) fail("text of an object");
    return plain(text, `s${text}`);
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
