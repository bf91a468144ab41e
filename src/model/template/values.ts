/** Values of a chat template as Python has them, and how they are written. */

/** What a template asks for that this reader does not do as jinja2 does, or that jinja2 refuses too. */
export class TemplateFault extends Error {}

export function fault(what: string): never {
  throw new TemplateFault(what);
}

/** A name without a value: it prints nothing, and is nothing in a list. */
export class Undefined {
  constructor(readonly name: string) {}
}

/** A number that was written or computed as a float. */
export class Float {
  constructor(readonly value: number) {}
}

export class Tuple {
  constructor(readonly items: readonly Value[]) {}
}

/** The one kind of value that a template may change. */
export class Namespace {
  readonly fields = new Map<string, Value>();
}

export type Dictionary = ReadonlyMap<Value, Value>;
/** Positional and named arguments → value. */
export type Callable = (args: readonly Value[], named: ReadonlyMap<string, Value>) => Value;
export type Value =
  | null
  | boolean
  | number
  | string
  | Float
  | Tuple
  | Namespace
  | Undefined
  | Dictionary
  | Callable
  | readonly Value[];

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isDictionary(value: Value): value is Dictionary {
  return value instanceof Map;
}

/** Python's name of a value's type. */
export function typeOf(value: Value): string {
  if (value === null) return "NoneType";
  if (value instanceof Float) return "float";
  if (value instanceof Tuple) return "tuple";
  if (value instanceof Namespace) return "Namespace";
  if (value instanceof Undefined) return "Undefined";
  if (isDictionary(value)) return "dict";
  if (isList(value)) return "list";
  return { boolean: "bool", number: "int", string: "str", function: "function" }[typeof value as "boolean"];
}

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (value instanceof Float) return value.value !== 0;
  if (isList(value) || value instanceof Tuple) return itemsOf(value).length > 0;
  if (isDictionary(value)) return value.size > 0;
  return Boolean(value);
}

/** What a loop goes over. */
export function itemsOf(value: Value): readonly Value[] {
  if (isList(value)) return value;
  if (value instanceof Tuple) return value.items;
  if (isDictionary(value)) return [...value.keys()];
  if (typeof value === "string") return [...value];
  if (value instanceof Undefined) return [];
  return fault(`'${typeOf(value)}' object is not iterable`);
}

/** The number a value counts as, and whether it is a float; null for what is no number. */
export function numberOf(value: Value): { readonly number: number; readonly isFloat: boolean } | null {
  if (typeof value === "number") return { number: value, isFloat: false };
  if (typeof value === "boolean") return { number: Number(value), isFloat: false };
  return value instanceof Float ? { number: value.value, isFloat: true } : null;
}

export function isEqual(one: Value, other: Value): boolean {
  const [a, b] = [numberOf(one), numberOf(other)];
  if (a && b) return a.number === b.number;
  if (isList(one) && isList(other)) return areEqual(one, other);
  if (one instanceof Tuple && other instanceof Tuple) return areEqual(one.items, other.items);
  if (isDictionary(one) && isDictionary(other))
    return (
      one.size === other.size &&
      [...one].every(([key, value]) => other.has(key) && isEqual(value, other.get(key) as Value))
    );
  if (one instanceof Undefined && other instanceof Undefined) return true;
  return one === other;
}

function areEqual(one: readonly Value[], other: readonly Value[]): boolean {
  return one.length === other.length && one.every((value, index) => isEqual(value, other[index] as Value));
}

/** As `str()` writes it. */
export function print(value: Value): string {
  if (typeof value === "string") return value;
  return value instanceof Undefined ? "" : represent(value);
}

/** As `repr()` writes it. */
export function represent(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoted(value);
  if (value instanceof Float) return floatText(value.value);
  if (isList(value)) return `[${value.map(represent).join(", ")}]`;
  if (value instanceof Tuple) return `(${value.items.map(represent).join(", ")}${value.items.length === 1 ? "," : ""})`;
  if (isDictionary(value))
    return `{${[...value].map(([key, one]) => `${represent(key)}: ${represent(one)}`).join(", ")}}`;
  if (value instanceof Undefined) return "Undefined";
  return fault(`a ${typeOf(value)} is written out`);
}

/** Very large and small floats are written otherwise in Python. */
export function floatText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 1e16 || (size > 0 && size < 1e-4)) fault(`the float ${value} is written out`);
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = Array.from(text, (character) => {
    if (character === quote) return `\\${quote}`;
    if (character < " " || character === "\x7f")
      return ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
    if (/[\p{C}\p{Z}]/u.test(character) && character !== " ")
      fault("a text with signs that are not printed is written out");
    return ESCAPES[character] ?? character;
  });
  return quote + inner.join("") + quote;
}

/** Texts by code points, as Python orders them. */
export function compareTexts(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  const index = a.findIndex((character, at) => character !== b[at]);
  if (index < 0) return a.length - b.length;
  return index >= b.length ? 1 : (a[index]?.codePointAt(0) as number) - (b[index]?.codePointAt(0) as number);
}

/**
 * Characters and items of a value, with all that is in it: lists that hold each other twice grow without end.
 * @throws TemplateFault above `most`
 */
export function weigh(value: Value, most: number): number {
  if (typeof value === "string") return value.length > most ? fault("it writes too much") : value.length;
  const items = isDictionary(value) ? [...value].flat() : isList(value) || value instanceof Tuple ? itemsOf(value) : [];
  let weight = items.length;
  for (const item of items) {
    if (weight > most) fault("it writes too much");
    weight += weigh(item, most - weight);
  }
  return weight;
}

/** A value of JavaScript: what a conversation is given as. */
export function fromJson(value: unknown): Value {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === "object" && value !== null)
    return new Map(Object.entries(value).map(([key, one]) => [key, fromJson(one)]));
  return value as Value;
}
