/**
 * Building blocks of schemas for foreign data. Every message says what was expected, for people. Checks never change or copy a
 * value.
 */
import * as v from "valibot";
import { MOST_STEPS } from "../contracts";

type Schema<T> = v.GenericSchema<unknown, T>;

/**
 * A schema for every field of T and no other. The compiler refuses a schema that lacks a field, or that requires an optional one.
 */
export type Fields<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? v.ExactOptionalSchema<Schema<Exclude<T[K], undefined>>, undefined>
    : Schema<T[K]>;
};

/** Characters of a text that is shown: 4,096 tokens of the longest kind fit. */
const MOST_TEXT = 2 ** 20;
/** Characters of a name, and of an id. */
const MOST_NAME = 1000;
/** Most items listed by one event. */
const MOST_LISTED = 2 ** 20;
/** Limits of data that this version does not know, settings included. */
const LOOSE = { depth: 8, values: 4096, text: 65_536 };
const LOOSE_WORDS = `at most ${LOOSE.values} values, ${LOOSE.depth} deep`;

/** An object with these fields. Others are allowed if they are small. */
export function shape<T extends object>(fields: Fields<T>): Schema<T> {
  return object(fields, isLoose, LOOSE_WORDS);
}

/** An object with these fields and no other. */
export function only<T extends object>(fields: Fields<T>): Schema<T> {
  return object(fields, () => false, `none but ${Object.keys(fields).join(", ")}`);
}

function object<T extends object>(fields: Fields<T>, mayBe: (value: unknown) => boolean, words: string): Schema<T> {
  const known: ReadonlySet<string> = new Set(Object.keys(fields));
  const schema = v.pipe(
    v.custom<object>(isRecord, "an object"),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const stray = Object.entries(dataset.value).find(([key, value]) => !known.has(key) && !mayBe(value));
      if (stray) addIssue({ message: words, path: [item(stray[0], stray[1])] });
    }),
    v.object(fields as v.ObjectEntries, "an object"),
  );
  return schema as unknown as Schema<T>;
}

/** A number from `low` to `high`. */
export function number(low: number, high: number): Schema<number> {
  const range = `a number from ${low} to ${high}`;
  return v.custom<number>((value) => typeof value === "number" && value >= low && value <= high, range);
}

/** A whole number from `low` to `high`. */
export function whole(low: number, high: number): Schema<number> {
  const range = `a whole number from ${low} to ${high}`;
  return v.custom<number>((value) => Number.isInteger(value) && Number(value) >= low && Number(value) <= high, range);
}

/** A count. */
export const count = whole(0, Number.MAX_SAFE_INTEGER);
/** A step; -1 is before the first. */
export const step = whole(-1, MOST_STEPS);
/** A figure: JSON has no NaN, it was written as null. */
export const isFigure = (value: unknown): value is number => value === null || Number.isFinite(value);
export const figure = v.custom<number>(isFigure, "a number that is finite, or null");
export const finite = v.custom<number>(Number.isFinite, "a number that is finite");
export const share = number(0, 1);
export const milliseconds = number(0, 1e12);
export const flag = v.custom<boolean>((value) => typeof value === "boolean", "true or false");
export const text = textOf(MOST_TEXT);
export const name = textOf(MOST_NAME);

/** One of the words that `all` names; the compiler requires every one of them. */
export function words<T extends string>(all: Readonly<Record<T, true>>): Schema<T> {
  const known: ReadonlySet<unknown> = new Set(Object.keys(all));
  return v.custom<T>((value) => known.has(value), `one of ${[...known].join(", ")}`);
}

/** A list of plain values, checked in one loop, because a log has millions of them. */
export function plain<T>(holds: (value: unknown) => value is T, what: string): Schema<readonly T[]> {
  const most = `a list of at most ${MOST_LISTED}`;
  return v.pipe(
    v.custom<readonly T[]>((value) => Array.isArray(value) && value.length <= MOST_LISTED, most),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const fault = dataset.value.findIndex((one) => !holds(one));
      if (fault >= 0) addIssue({ message: what, path: [item(fault, dataset.value[fault])] });
    }),
  );
}

export const texts = plain<string>(isText, `a text of at most ${MOST_TEXT} characters`);
export const figures = plain<number>(isFigure, "a number that is finite, or null");
export const counts = plain<number>(
  (value): value is number => Number.isInteger(value) && Number(value) >= 0,
  "a count",
);

/** An object with names for keys, all of one kind. */
export function each(
  holds: (value: unknown) => value is number,
  what: string,
): Schema<Readonly<Record<string, number>>> {
  return v.pipe(
    v.custom<Record<string, number>>(isRecord, "an object"),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const entries = Object.entries(dataset.value);
      const fault = entries.find(([key, value]) => key.length > MOST_NAME || !holds(value));
      if (entries.length > LOOSE.values) addIssue({ message: `at most ${LOOSE.values} of them` });
      if (fault) addIssue({ message: what, path: [item(fault[0], fault[1])] });
    }),
  );
}

/** Any JSON that is small and flat enough to be shown, compared and written again. */
export function loose<T>(): Schema<T> {
  return v.custom<T>(isLoose, LOOSE_WORDS);
}

/** An object of such values, one after the other: settings. */
export function flat<T extends Readonly<Record<string, number | string | boolean>>>(): Schema<T> {
  const isSetting = (value: unknown) => ["number", "string", "boolean"].includes(typeof value);
  return v.custom<T>(
    (value) => isRecord(value) && isLoose(value) && Object.values(value as object).every(isSetting),
    "numbers, texts and switches by name",
  );
}

function isLoose(value: unknown): boolean {
  return valuesIn(value, LOOSE.depth) <= LOOSE.values;
}

/** Number of values within a value, including itself; Infinity if one is too deep or too long. */
function valuesIn(value: unknown, depth: number): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (typeof value === "string") return value.length <= LOOSE.text ? 1 : Number.POSITIVE_INFINITY;
  if (typeof value === "number") return Number.isFinite(value) ? 1 : Number.POSITIVE_INFINITY;
  if (typeof value !== "object" || value === null) return 1;
  const inner = Object.entries(value);
  const isOver = depth === 0 || inner.length > LOOSE.values || inner.some(([key]) => key.length > MOST_NAME);
  return isOver ? Number.POSITIVE_INFINITY : inner.reduce((sum, [, one]) => sum + valuesIn(one, depth - 1), 1);
}

/** The first fault: the field's path ("" for the whole value), and what was expected. */
export interface Fault {
  readonly field: string;
  readonly expected: string;
}

/** null if valid. */
export function faultIn(schema: Schema<unknown>, value: unknown): Fault | null {
  const { issues } = v.safeParse(schema, value, { abortEarly: true });
  const [issue] = issues ?? [];
  if (!issue) return null;
  return { field: v.getDotPath(issue) ?? "", expected: issue.path?.at(-1)?.origin === "key" ? "it" : issue.message };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MOST_TEXT;
}

/** What a text says in JSON; undefined if it is not JSON: no schema takes that. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema's refusal says what was expected; the parser knows a position only.
    return undefined;
  }
}

function textOf(most: number): Schema<string> {
  const range = `a text of at most ${most} characters`;
  return v.custom<string>((value) => typeof value === "string" && value.length <= most, range);
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function item(key: string | number, value: unknown): v.UnknownPathItem {
  return { type: "unknown", origin: "value", input: value, key, value };
}
