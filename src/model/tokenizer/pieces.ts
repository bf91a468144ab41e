/** A text on its way to tokens, and how patterns split it. */
import type { CharacterSet } from "./character-sets";
import { type Expression, parseExpression } from "./expression";
import { finder, type Span } from "./matcher";
import { type Part, refuse } from "./part";

/** A piece of a text. */
export interface Piece {
  readonly text: string;
  /** It stands at the very beginning. */
  readonly isFirst: boolean;
}

/** Splits a text into consecutive parts and says for each whether the pattern matched; in code points. */
export type Pattern = (codes: readonly number[]) => Cut[];

interface Cut {
  readonly span: Span;
  readonly matched: boolean;
}

/** What happens to matches of a pattern. */
export type Behavior = (typeof BEHAVIORS)[number];
export const BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"] as const;

export function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) as number);
}

/** The pattern of a `{ "String": … }` or `{ "Regex": … }`. @throws KelvinError "model" */
export function readPattern(part: Part): Pattern {
  part.only("String Regex");
  const text = part.value("String");
  return text === null ? expressionPattern(part.text("Regex"), part.path) : textPattern(part.text("String"), part.path);
}

export function expressionPattern(source: string, path: string): Pattern {
  return matchedBy(parseExpression(source, path));
}

export function matchedBy(expression: Expression): Pattern {
  const find = finder(expression);
  return (codes) => cover(codes, find(codes));
}

function textPattern(text: string, path: string): Pattern {
  if (text === "") refuse(`${path} matches nothing`);
  const wanted = codesOf(text);
  return (codes) => {
    const spans: Span[] = [];
    for (let at = 0; at < codes.length; ) {
      const found = wanted.every((code, index) => codes[at + index] === code);
      if (found) spans.push([at, at + wanted.length]);
      at += found ? wanted.length : 1;
    }
    return cover(codes, spans);
  };
}

/** Every character of the set is a match by itself. */
export function setPattern(set: CharacterSet): Pattern {
  return (codes) =>
    cover(
      codes,
      codes.flatMap((code, at): Span[] => (set(code) ? [[at, at + 1]] : [])),
    );
}

/** The matches and the text between them. */
function cover(codes: readonly number[], spans: readonly Span[]): Cut[] {
  const cuts: Cut[] = [];
  let before = 0;
  for (const span of spans) {
    if (before < span[0]) cuts.push({ span: [before, span[0]], matched: false });
    cuts.push({ span, matched: true });
    before = span[1];
  }
  if (before < codes.length) cuts.push({ span: [before, codes.length], matched: false });
  return cuts;
}

export function inverted(pattern: Pattern): Pattern {
  return (codes) => pattern(codes).map(({ span, matched }) => ({ span, matched: !matched }));
}

/** The text with every match replaced. */
export function replaced(text: string, pattern: Pattern, content: string): string {
  const codes = codesOf(text);
  return pattern(codes)
    .map(({ span, matched }) => (matched ? content : textOf(codes, span)))
    .join("");
}

/** Pieces of a piece. */
export function split({ text, isFirst }: Piece, pattern: Pattern, behavior: Behavior): Piece[] {
  const codes = codesOf(text);
  const spans = joined(pattern(codes), behavior);
  return spans.map((span) => ({ text: textOf(codes, span), isFirst: isFirst && span[0] === 0 }));
}

/** Much the fastest way for the short spans of a text. */
function textOf(codes: readonly number[], [start, end]: Span): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCodePoint(codes[at] as number);
  return text;
}

function joined(cuts: readonly Cut[], behavior: Behavior): Span[] {
  switch (behavior) {
    case "Isolated":
      return cuts.map(({ span }) => span);
    case "Removed":
      return cuts.filter(({ matched }) => !matched).map(({ span }) => span);
    case "Contiguous":
      return folded(cuts, (matched, before) => matched === before);
    case "MergedWithPrevious":
      return folded(cuts, (matched, before) => matched && !before);
    case "MergedWithNext":
      return folded(cuts.toReversed(), (matched, before) => matched && !before).toReversed();
    default:
      return behavior satisfies never;
  }
}

/** Adds a part to its neighbour where `joins` says so. Before the first, nothing matched. */
function folded(cuts: readonly Cut[], joins: (matched: boolean, before: boolean) => boolean): Span[] {
  const spans: Span[] = [];
  let before = false;
  for (const { span, matched } of cuts) {
    const last = spans.at(-1);
    if (last && joins(matched, before))
      spans[spans.length - 1] = [Math.min(last[0], span[0]), Math.max(last[1], span[1])];
    else spans.push(span);
    before = matched;
  }
  return spans;
}
