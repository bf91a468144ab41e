/**
 * The task language of the small models: one function of one variable in real Python, written without spaces around operators.
 * Values are ints of at most 99 in size and lists of at most six of them. Each line is a statement.
 */

/** Largest absolute value of an int. */
const LARGEST_INT = 99;
/** Longest list. */
const LONGEST_LIST = 6;
/** Longest program, in characters. */
const LONGEST_PROGRAM = 160;

const INT = /^(?:0|-?[1-9]\d?)$/;

/** Removes spaces from literal text, as the models write it: `[1, 2]` → `[1,2]`. */
export function canonical(literal: string): string {
  return literal.replaceAll(/\s+/g, "");
}

/** Whether this canonical text is a value of the language. `True`, floats, nested lists, `-0` and `007` are not. */
export function isValue(text: string): boolean {
  if (INT.test(text)) return true;
  if (!text.startsWith("[") || !text.endsWith("]")) return false;
  const inner = text.slice(1, -1);
  if (inner === "") return true;
  const items = inner.split(",");
  return items.length <= LONGEST_LIST && items.every((item) => INT.test(item));
}

/** Another value of the same kind: the next number, in a list the next first number. For controls with wrong labels. */
export function spoilt(value: string): string {
  const next = (number: number) => (number >= LARGEST_INT ? 0 : number + 1);
  if (!value.startsWith("[")) return String(next(Number(value)));
  const items = value.slice(1, -1);
  if (items === "") return "[0]";
  const [first = "0", ...others] = items.split(",");
  return `[${[next(Number(first)), ...others].join(",")}]`;
}

/**
 * Why `program` is not in the language; null if it is. Checks the form only; the verifier decides whether it is Python, runs and
 * may become a task. Comments are refused because `#` starts a traced value in a listing.
 */
export function programFault(program: string): string | null {
  if (!program.startsWith("def f(x):\n ")) return "does not start with def f(x): and a body";
  if (program.length > LONGEST_PROGRAM) return `longer than ${LONGEST_PROGRAM} characters`;
  if (program.includes("#")) return "carries a comment";
  if (/\d{3,}/.test(program)) return `has a constant above ${LARGEST_INT}`;
  return null;
}

/** Keywords followed by a space. */
const OPENS = /\b(?:return|if|elif|else|in|not|and|or|for|while)$/;

/**
 * Formats a program as the models write it: one space of indentation per level, spaces only between words. Lines that contain a
 * string stay unchanged: the language has no strings, and the verifier reports them.
 */
export function compact(program: string): string {
  const lines = program
    .replaceAll("\t", "    ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const levels: number[] = [];
  return lines.map((line) => " ".repeat(levelOf(line, levels)) + compactLine(line.trim())).join("\n");
}

/** Nesting level of a line; `levels` holds the indentation widths of the open blocks. */
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

/** Statements in the body: its lines, and parts separated by `;`. */
export function countStatements(program: string): number {
  const body = program.slice(program.indexOf("\n") + 1);
  return body.split(/[\n;]/).filter((line) => line.trim() !== "").length;
}

/** Operators that an induction message may name; longest first, so that `//` is not parsed as two `/`. */
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

/** The operators of `text` in order; null if it contains anything else. */
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

/** Most operators in a message: it is a hint and must not become the program. */
const LONGEST_MESSAGE = 6;

/**
 * Why `message` is not a valid hint to `program`; null if it is. A hint names a few operators of the program. Freer text could
 * contain the program itself, and an operator that the program lacks would mislead.
 */
export function messageFault(message: string, program: string): string | null {
  const operators = readOperators(message);
  if (operators === null) return "the message is not a list of operators";
  if (operators.length > LONGEST_MESSAGE) return `the message names more than ${LONGEST_MESSAGE} operators`;
  const foreign = operators.find((operator) => !program.includes(operator));
  return foreign === undefined ? null : `the message names ${foreign}, which the program does not use`;
}
