/**
 * The form of the texts that a method declares for its phases.
 *
 * - `{name}` is a figure of the moment: a number or a text.
 * - `{name:noun}` counts: "1 proposal", "2 proposals".
 * - `{name?is|are}` is one word for 1 and the other for any other number.
 * - `[text]` is left out where a figure in it is not known; `[text|instead]` says something else then. Brackets nest.
 *
 * Outside brackets a figure that is not known is 0.
 */

/** What is known at a moment; a figure that is not is left out. */
export type Figures = Readonly<Record<string, number | string | undefined>>;

/** A piece of the text; `figure` is the name of the figure that it is, null for the words between. */
export interface Said {
  readonly text: string;
  readonly figure: string | null;
}

type Part = string | { readonly figure: string; readonly form: string } | { readonly choices: readonly Part[][] };

/** A text with its figures put in, as one string. */
export function sayNote(template: string, figures: Figures): string {
  return sayParts(template, figures)
    .map(({ text }) => text)
    .join("");
}

/** The same in pieces, so that a page may show figures otherwise than words. */
export function sayParts(template: string, figures: Figures): Said[] {
  return say(parseNote(template), figures, false) ?? [];
}

/** Names of the figures that a text speaks of. @throws on a bracket that is not closed */
export function figuresIn(template: string): string[] {
  const names = (parts: readonly Part[]): string[] =>
    parts.flatMap((part) => {
      if (typeof part === "string") return [];
      return "figure" in part ? [part.figure] : part.choices.flatMap(names);
    });
  return names(parseNote(template));
}

/** Whether a text has that form. */
export function isNote(template: string): boolean {
  try {
    parse(template, { at: 0 }, false);
    return true;
  } catch {
    return false;
  }
}

/** null where `strict` and a figure is missing. */
function say(parts: readonly Part[], figures: Figures, strict: boolean): Said[] | null {
  const said: Said[] = [];
  for (const part of parts) {
    const piece = sayOne(part, figures, strict);
    if (piece === null) return null;
    for (const one of piece) said.push(one);
  }
  return said;
}

function sayOne(part: Part, figures: Figures, strict: boolean): Said[] | null {
  if (typeof part === "string") return [{ text: part, figure: null }];
  if ("choices" in part) {
    const [wanted = [], instead = []] = part.choices;
    return say(wanted, figures, true) ?? say(instead, figures, false) ?? [];
  }
  const value = figures[part.figure];
  if (value === undefined && strict) return null;
  return [{ text: formed(value ?? 0, part.form), figure: part.figure }];
}

function formed(value: number | string, form: string): string {
  if (typeof value === "string") return value;
  const number = Math.round(value).toLocaleString("en-US");
  if (form.startsWith("?")) return form.slice(1).split("|")[value === 1 ? 0 : 1] ?? "";
  return form === "" ? number : `${number} ${form.slice(1)}${value === 1 ? "" : "s"}`;
}

const parsed = new Map<string, readonly Part[]>();

function parseNote(template: string): readonly Part[] {
  const known = parsed.get(template) ?? parse(template, { at: 0 }, false)[0] ?? [];
  parsed.set(template, known);
  return known;
}

/** The alternatives from `cursor` on: up to the bracket that closes them, or to the end. */
function parse(text: string, cursor: { at: number }, inside: boolean): Part[][] {
  const choices: Part[][] = [[]];
  const add = (part: Part) => choices[choices.length - 1]?.push(part);
  while (cursor.at < text.length) {
    const sign = text[cursor.at];
    if (sign === "[") {
      cursor.at += 1;
      add({ choices: parse(text, cursor, true) });
    } else if (inside && sign === "]") {
      cursor.at += 1;
      return choices;
    } else if (inside && sign === "|") {
      cursor.at += 1;
      choices.push([]);
    } else add(sign === "{" ? readFigure(text, cursor) : readWords(text, cursor, inside));
  }
  if (inside) throw new Error(`a bracket is not closed: ${text}`);
  return choices;
}

function readFigure(text: string, cursor: { at: number }): Part {
  const [all = "", figure = "", form = ""] = /^\{([^{}:?]+)([:?][^{}]*)?\}/u.exec(text.slice(cursor.at)) ?? [];
  if (all === "") throw new Error(`a figure is not closed: ${text}`);
  cursor.at += all.length;
  return { figure, form };
}

function readWords(text: string, cursor: { at: number }, inside: boolean): string {
  const [words = ""] = (inside ? /^[^[\]{|]+/u : /^[^[{]+/u).exec(text.slice(cursor.at)) ?? [];
  cursor.at += words.length;
  return words;
}
