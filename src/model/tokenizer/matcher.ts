/** Matches an expression and counts steps, so that every machine gives up at the same step and none runs forever. */
import { KelvinError } from "../../contracts";
import type { Expression } from "./expression";

/** Steps for each character of a text; the expressions of real tokenizers take about ten. */
const STEPS_PER_CHARACTER = 500;
const LEAST_STEPS = 20_000;

/** Where a match begins and ends, in code points. */
export type Span = readonly [start: number, end: number];

/** A text by code points, and the steps that are left for it. */
class Subject {
  private steps: number;

  constructor(readonly codes: readonly number[]) {
    this.steps = LEAST_STEPS + STEPS_PER_CHARACTER * codes.length;
  }

  step(): void {
    if (--this.steps < 0) throw tooLong();
  }
}

function tooLong(): KelvinError {
  return new KelvinError(
    "input",
    "an expression of tokenizer.json takes too many steps for this text",
    "It goes back and forth without end: use another model, or another tokenizer file.",
  );
}

type Rest = (at: number) => number;
/** The end of a match that begins at `at` and is followed by a match of `rest`; −1 if there is no match. */
type Matcher = (subject: Subject, at: number, rest: Rest) => number;

/** All non-empty matches from left to right. @throws KelvinError "input" if it takes too many steps */
export function finder(expression: Expression): (codes: readonly number[]) => Span[] {
  const match = compile(expression);
  return (codes) => {
    try {
      return findAll(match, new Subject(codes));
    } catch (error) {
      // The stack was too small.
      throw error instanceof RangeError ? tooLong() : error;
    }
  };
}

function findAll(match: Matcher, subject: Subject): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < subject.codes.length; ) {
    const end = match(subject, at, (last) => last);
    if (end > at) spans.push([at, end]);
    at = Math.max(end, at + 1);
  }
  return spans;
}

function compile(expression: Expression): Matcher {
  switch (expression.kind) {
    case "character": {
      const { set } = expression;
      return (subject, at, rest) => {
        subject.step();
        const code = subject.codes[at];
        return code !== undefined && set(code) ? rest(at + 1) : -1;
      };
    }
    case "sequence":
      return expression.items.map(compile).reduceRight<Matcher>(
        (second, first) => (subject, at, rest) => first(subject, at, (next) => second(subject, next, rest)),
        (_, at, rest) => rest(at),
      );
    case "choice":
      return choice(expression.options.map(compile));
    case "repeat":
      return repeat(expression);
    case "look":
      return look(expression);
    case "atomic":
      return atomic(compile(expression.item));
    default:
      return expression satisfies never;
  }
}

function choice(options: readonly Matcher[]): Matcher {
  return (subject, at, rest) => {
    for (const option of options) {
      subject.step();
      const end = option(subject, at, rest);
      if (end >= 0) return end;
    }
    return -1;
  };
}

function atomic(item: Matcher): Matcher {
  return (subject, at, rest) => {
    const end = item(subject, at, (last) => last);
    return end < 0 ? -1 : rest(end);
  };
}

function look({ item, behind, wanted }: Extract<Expression, { kind: "look" }>): Matcher {
  const match = compile(item);
  return (subject, at, rest) => {
    const start = behind < 0 ? at : at - behind;
    const found = start >= 0 && match(subject, start, (last) => (behind < 0 || last === at ? last : -1)) >= 0;
    return found === wanted ? rest(at) : -1;
  };
}

function repeat({ item, least, most, mode }: Extract<Expression, { kind: "repeat" }>): Matcher {
  if (mode === "possessive") return atomic(repeat({ kind: "repeat", item, least, most, mode: "greedy" }));
  if (item.kind === "character" && mode === "greedy") return run(item.set, least, most);
  const match = compile(item);
  return (subject, at, rest) => {
    const more = (count: number, from: number): number =>
      count < most ? match(subject, from, (next) => (next === from ? -1 : again(count + 1, next))) : -1;
    const again = (count: number, from: number): number => {
      subject.step();
      if (count < least) return more(count, from);
      const first = mode === "greedy" ? more(count, from) : rest(from);
      if (first >= 0) return first;
      return mode === "greedy" ? rest(from) : more(count, from);
    };
    return again(0, at);
  };
}

/** Takes as many characters of a set as possible, then fewer, without a call per character. */
function run(set: (code: number) => boolean, least: number, most: number): Matcher {
  return (subject, at, rest) => {
    let end = at;
    while (end - at < most && end < subject.codes.length && set(subject.codes[end] as number)) {
      subject.step();
      end++;
    }
    for (; end - at >= least; end--) {
      subject.step();
      const last = rest(end);
      if (last >= 0) return last;
    }
    return -1;
  };
}
