/**
 * The task language of the small models: one function of one variable in real Python, written without blanks around
 * operators; values are ints up to 99 in size and lists of at most six of them. A line is a statement.
 */

/** Largest absolute value of an int. */
const LARGEST_INT = 99;
/** Longest list. */
const LONGEST_LIST = 6;
/** Longest program, in characters. */
const LONGEST_PROGRAM = 160;

const INT = /^(?:0|-?[1-9]\d?)$/;

/** Literal text without blanks, as the models write it: `[1, 2]` → `[1,2]`. */
export function canonical(literal: string): string {
  return literal.replaceAll(/\s+/g, "");
}

/** Is this canonical text a value of the language? `True`, floats, nested lists, `-0` and `007` are not. */
export function isValue(text: string): boolean {
  if (INT.test(text)) return true;
  if (!text.startsWith("[") || !text.endsWith("]")) return false;
  const inner = text.slice(1, -1);
  if (inner === "") return true;
  const items = inner.split(",");
  return items.length <= LONGEST_LIST && items.every((item) => INT.test(item));
}

/**
 * What keeps `program` out of the language, or null. Only its shape is looked at: whether it is Python, runs and
 * may become a task is the verifier's to say. Comments are refused because a `#` in a listing starts a traced value.
 */
export function programFault(program: string): string | null {
  if (!program.startsWith("def f(x):\n ")) return "does not start with def f(x): and a body";
  if (program.length > LONGEST_PROGRAM) return `longer than ${LONGEST_PROGRAM} characters`;
  if (program.includes("#")) return "carries a comment";
  if (/\d{3,}/.test(program)) return `has a constant above ${LARGEST_INT}`;
  return null;
}

/** Words that end in a blank in this language. */
const OPENS = /\b(?:return|if|elif|else|in|not|and|or|for|while)$/;

/**
 * A program as the models write it: one blank of indentation per level, blanks only between words. Lines that hold a
 * string keep theirs; the language has no strings, so what they are is for the verifier to say.
 */
export function compact(program: string): string {
  const lines = program
    .replaceAll("\t", "    ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const levels: number[] = [];
  return lines.map((line) => " ".repeat(levelOf(line, levels)) + compactLine(line.trim())).join("\n");
}

/** Level of a line; `levels` holds the widths of the open ones. */
function levelOf(line: string, levels: number[]): number {
  const width = line.length - line.trimStart().length;
  while ((levels.at(-1) ?? -1) > width) levels.pop();
  if ((levels.at(-1) ?? -1) < width) levels.push(width);
  return levels.length - 1;
}

function compactLine(line: string): string {
  if (/["']/.test(line)) return line;
  return line.replaceAll(/\s+/g, (blank, at: number) => {
    const before = line.slice(0, at);
    const betweenWords = /[\w)\]]$/.test(before) && /\w/.test(line[at + blank.length] ?? "");
    return betweenWords || OPENS.test(before) ? " " : "";
  });
}

/** Statements in the body: its lines, and those after a `;`. */
export function countStatements(program: string): number {
  const body = program.slice(program.indexOf("\n") + 1);
  return body.split(/[\n;]/).filter((line) => line.trim() !== "").length;
}

/** What an induction message may name, longest first so that `//` is not read as two of `/`. */
const OPERATORS: readonly string[] = [
  ...[
    "for i in range(",
    " for a in x",
    "sorted(",
    "[::-1]",
    "[:-1]",
    "[-1]",
    "[1:]",
    "[0]",
    "sum(",
    "len(",
    "max(",
    "min(",
  ],
  ...["if ", "//", "+", "-", "*", "%", "<", ">"],
];

/** The operators of `text` in order of appearance, or null when anything else occurs in it. */
export function readOperators(text: string): string[] | null {
  const found: string[] = [];
  for (let rest = text; rest !== ""; ) {
    const operator = OPERATORS.find((candidate) => rest.startsWith(candidate));
    if (operator === undefined) return null;
    found.push(operator);
    rest = rest.slice(operator.length);
  }
  return found;
}

/** Most operators a message may name: it is a hint and must not become the program. */
const LONGEST_MESSAGE = 6;

/**
 * What keeps `message` from being a hint to `program`, or null: it is empty, or names a few operators of the program.
 * Anything freer could carry the program itself, and a hint to what is not there only misleads.
 */
export function messageFault(message: string, program: string): string | null {
  const operators = readOperators(message);
  if (operators === null) return "the message is not a list of operators";
  if (operators.length > LONGEST_MESSAGE) return `the message names more than ${LONGEST_MESSAGE} operators`;
  const foreign = operators.find((operator) => !program.includes(operator));
  return foreign === undefined ? null : `the message names ${foreign}, which the program does not use`;
}
