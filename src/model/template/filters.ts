/** Filters and tests of jinja2 that chat templates use; others are refused by name. */
import { toJson } from "./json";
import { capitalize, methodOf, replace, strip, textOf, title } from "./texts";
import {
  type Callable,
  compareTexts,
  Float,
  fault,
  isDictionary,
  isEqual,
  isList,
  isTrue,
  itemsOf,
  numberOf,
  print,
  Tuple,
  typeOf,
  Undefined,
  type Value,
} from "./values";

type Named = ReadonlyMap<string, Value>;
type Filter = (value: Value, args: readonly Value[], named: Named) => Value;

/** Attribute or key, as a dot reads it; the evaluator's. */
export type Getter = (value: Value, name: Value) => Value;

function text(value: Value): string {
  return print(value);
}

function length(value: Value): number {
  if (typeof value === "string") return [...value].length;
  if (isDictionary(value)) return value.size;
  if (isList(value) || value instanceof Tuple || value instanceof Undefined) return itemsOf(value).length;
  return fault(`object of type '${typeOf(value)}' has no len()`);
}

function only(named: Named, ...names: readonly string[]): void {
  const other = [...named.keys()].find((name) => !names.includes(name));
  if (other !== undefined) fault(`a filter is given ${other}, which is not supported`);
}

function usual(value: Value, [fallback = "", boolean = false]: readonly Value[], named: Named): Value {
  only(named, "default_value", "boolean");
  const missing = value instanceof Undefined || (isTrue(named.get("boolean") ?? boolean) && !isTrue(value));
  return missing ? (named.get("default_value") ?? fallback) : value;
}

function indent(value: Value, args: readonly Value[], named: Named): string {
  only(named, "width", "first", "blank");
  const width = args[0] ?? named.get("width") ?? 4;
  const by = typeof width === "number" ? " ".repeat(Math.min(1000, Math.max(0, width))) : textOf(width, "a width");
  const [first, blank] = [args[1] ?? named.get("first") ?? false, args[2] ?? named.get("blank") ?? false];
  const [head = "", ...lines] = text(value).split("\n");
  const rest = lines.map((line) => (line === "" && !isTrue(blank) ? line : by + line));
  return [(isTrue(first) ? by : "") + head, ...rest].join("\n");
}

function whole(value: Value): number {
  const number = numberOf(value);
  if (number) return Math.trunc(number.number);
  const written = /^\s*([+-]?\d{1,15})\s*$/.exec(
    typeof value === "string" ? value : fault("int of what is no text"),
  )?.[1];
  return written === undefined ? fault(`int of ${JSON.stringify(value)} is not supported`) : Number(written);
}

function sorted(value: Value, args: readonly Value[], named: Named): Value {
  if (args.length > 0 || named.size > 0) fault("sort is given options, which is not supported");
  const items = [...itemsOf(value)];
  if (items.every((one) => typeof one === "string"))
    return items.sort((a, b) => compareTexts(String(a).toLowerCase(), String(b).toLowerCase()));
  if (!items.every((one) => typeof one === "number")) fault("only texts, or only numbers, are sorted");
  return items.sort((a, b) => Number(a) - Number(b));
}

function round(value: Value): Value {
  return fault(`${typeOf(value)} is rounded, which is not supported`);
}

/** All of them take what stands before the bar first. */
export function filtersOf(get: Getter): Readonly<Record<string, Filter>> {
  const tested = (value: Value, [name, ...rest]: readonly Value[]): boolean =>
    name === undefined ? isTrue(value) : test(textOf(name, "a test"), value, rest);
  const choose =
    (wanted: boolean): Filter =>
    (value, args) =>
      itemsOf(value).filter((one) => tested(one, args) === wanted);
  const chooseBy =
    (wanted: boolean): Filter =>
    (value, [name = "", ...args]) =>
      itemsOf(value).filter((one) => tested(get(one, name), args) === wanted);
  const map: Filter = (value, [name, ...args], named) => {
    only(named, "attribute", "default");
    const attribute = named.get("attribute");
    if (attribute === undefined)
      return itemsOf(value).map((one) => filter(get, textOf(name, "a filter"), one, args, new Map()));
    const read = (one: Value): Value =>
      String(attribute)
        .split(".")
        .reduce<Value>((from, part) => get(from, part), one);
    return itemsOf(value).map((one) => {
      const found = read(one);
      return found instanceof Undefined && named.has("default") ? (named.get("default") as Value) : found;
    });
  };
  const join: Filter = (value, [by = ""], named) => {
    only(named, "attribute", "d");
    const attribute = named.get("attribute");
    return itemsOf(value)
      .map((one) => print(attribute === undefined ? one : get(one, attribute)))
      .join(print(named.get("d") ?? by));
  };
  return {
    ...{ tojson: toJson, default: usual, d: usual, length, count: length, indent, sort: sorted, map, join, round },
    ...{ select: choose(true), reject: choose(false), selectattr: chooseBy(true), rejectattr: chooseBy(false) },
    safe: (value) => value,
    string: text,
    trim: (value, [set]) => strip(text(value), set, true, true),
    upper: (value) => text(value).toUpperCase(),
    lower: (value) => Array.from(text(value), (character) => character.toLowerCase()).join(""),
    title: (value) => title(text(value)),
    capitalize: (value) => capitalize(text(value)),
    replace: (value, args) => replace(text(value), args),
    list: (value) => [...itemsOf(value)],
    first: (value) => itemsOf(value)[0] ?? (itemsOf(value).length > 0 ? null : new Undefined("first")),
    last: (value) => itemsOf(value).at(-1) ?? (itemsOf(value).length > 0 ? null : new Undefined("last")),
    reverse: (value) => (typeof value === "string" ? [...value].reverse().join("") : [...itemsOf(value)].reverse()),
    items: (value) =>
      value instanceof Undefined
        ? []
        : (methodOf(value, "items")?.([], new Map()) ?? fault("items of what is no dictionary")),
    dictsort: (value, args, named) => {
      if (!isDictionary(value) || args.length > 0 || named.size > 0) fault("dictsort is given what is not supported");
      const entries = [...(value as ReadonlyMap<Value, Value>)];
      return entries
        .sort(([a], [b]) => compareTexts(String(a).toLowerCase(), String(b).toLowerCase()))
        .map((pair) => new Tuple(pair));
    },
    unique: (value) => {
      const items = itemsOf(value);
      if (!items.every((one) => typeof one === "number")) fault("unique of what are no numbers");
      return [...new Set(items)];
    },
    int: whole,
    abs: (value) => {
      const number = numberOf(value) ?? fault("abs of what is no number");
      return number.isFloat ? new Float(Math.abs(number.number)) : Math.abs(number.number);
    },
  };
}

/** @throws TemplateFault for a filter that is not known */
export function filter(get: Getter, name: string, value: Value, args: readonly Value[], named: Named): Value {
  const filters = filtersOf(get);
  const one = Object.hasOwn(filters, name) ? filters[name] : undefined;
  return one ? one(value, args, named) : fault(`the filter ${name} is not supported`);
}

const TESTS: Readonly<Record<string, (value: Value, args: readonly Value[]) => boolean>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: (value) => value === null,
  string: (value) => typeof value === "string",
  number: (value) => numberOf(value) !== null,
  integer: (value) => typeof value === "number",
  float: (value) => value instanceof Float,
  boolean: (value) => typeof value === "boolean",
  true: (value) => value === true,
  false: (value) => value === false,
  mapping: isDictionary,
  callable: (value) => typeof value === "function",
  sequence: (value) =>
    typeof value === "string" ||
    isList(value) ||
    isDictionary(value) ||
    value instanceof Tuple ||
    value instanceof Undefined,
  iterable: (value) =>
    typeof value === "string" ||
    isList(value) ||
    isDictionary(value) ||
    value instanceof Tuple ||
    value instanceof Undefined,
  odd: (value) => Math.abs(wholeOf(value)) % 2 === 1,
  even: (value) => wholeOf(value) % 2 === 0,
  eq: (value, [other = null]) => isEqual(value, other),
  equalto: (value, [other = null]) => isEqual(value, other),
  "==": (value, [other = null]) => isEqual(value, other),
  ne: (value, [other = null]) => !isEqual(value, other),
  "!=": (value, [other = null]) => !isEqual(value, other),
  in: (value, [place = []]) => itemsOf(place).some((one) => isEqual(one, value)),
};

function wholeOf(value: Value): number {
  const number = numberOf(value);
  return number && !number.isFloat ? number.number : fault(`a ${typeOf(value)} is odd or even`);
}

/** @throws TemplateFault for a test that is not known */
export function test(name: string, value: Value, args: readonly Value[] = []): boolean {
  const one = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
  return one ? one(value, args) : fault(`the test ${name} is not supported`);
}

/** Functions that every template has. */
export function globals(day: Date): ReadonlyMap<string, Value> {
  const range: Callable = (args) => {
    const [from, to, step] = args.length === 1 ? [0, args[0], 1] : [args[0], args[1], args[2] ?? 1];
    if (typeof from !== "number" || typeof to !== "number" || typeof step !== "number" || step === 0)
      return fault("range of what are no whole numbers");
    const count = Math.max(0, Math.ceil((to - from) / step));
    // As jinja2's sandbox.
    if (count > 100_000) fault("range of more than 100000 numbers");
    return Array.from({ length: count }, (_, index) => from + index * step);
  };
  return new Map<string, Value>([
    ...(["true", "True"].map((name) => [name, true]) as [string, Value][]),
    ...(["false", "False"].map((name) => [name, false]) as [string, Value][]),
    ...(["none", "None"].map((name) => [name, null]) as [string, Value][]),
    ["range", range],
    ["raise_exception", ([message]) => fault(print(message ?? null))],
    ["strftime_now", ([format]) => written(day, textOf(format, "a format"))],
    ["dict", (args, named) => (args.length === 0 ? new Map(named) : fault("dict of something is not supported"))],
  ]);
}

const PARTS: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  ...{ d: { day: "2-digit" }, m: { month: "2-digit" }, Y: { year: "numeric" }, y: { year: "2-digit" } },
  ...{ b: { month: "short" }, B: { month: "long" }, a: { weekday: "short" }, A: { weekday: "long" } },
};

function written(day: Date, format: string): string {
  return format.replaceAll(/%(.)/gs, (_, letter: string) => {
    if (letter === "%") return "%";
    if ("HMS".includes(letter)) return "00";
    const part = Object.hasOwn(PARTS, letter) ? PARTS[letter] : fault(`strftime_now with %${letter} is not supported`);
    return new Intl.DateTimeFormat("en-US", { ...part, timeZone: "UTC" }).format(day);
  });
}
