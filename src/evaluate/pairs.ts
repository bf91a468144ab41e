/** Worked examples from a file: tasks with the answers that a model is to learn. */
import * as v from "valibot";
import { KelvinError, type WorkedPair } from "../contracts";
import { parseAnswer } from "../tasks/formats";
import { pairRow, workedPair } from "../tasks/given";
import { compact, programFault } from "../tasks/language";

const text = v.pipe(v.string(), v.minLength(1));
const Row = v.object({
  type: v.picklist(["deduction", "abduction"]),
  program: text,
  input: text,
  output: v.optional(v.string(), ""),
  answer: v.optional(text),
});

/** As many tasks of one type as a run remembers. */
const MOST_PAIRS = 2000;

const EXAMPLE =
  'one pair per line: {"type": "deduction", "program": "def f(x):\\n return x+1", "input": "3"}, and "answer" unless it is to be worked out';

/**
 * Parses pairs: JSON lines with `type`, `program`, `input`, and optionally `output` and `answer`. An answer is what the model is
 * to write, for example `<think>\n return x+1#4<ans>4`; without one it is worked out by running the program.
 * Programs may be formatted in any way.
 * @throws KelvinError "input" that names the first line that is no pair, or if there are none or too many
 */
export function parsePairs(file: string, jsonl: string): WorkedPair[] {
  const lines = jsonl.replace(/^\ufeff/, "").split("\n");
  const pairs = lines.flatMap((line, index) => (line.trim() === "" ? [] : [parsePair(file, index + 1, line)]));
  if (pairs.length === 0) throw new KelvinError("input", `${file} has no pairs`, EXAMPLE);
  if (pairs.length > MOST_PAIRS)
    throw new KelvinError("input", `${file} has ${pairs.length} pairs`, `at most ${MOST_PAIRS} are learned from`);
  return pairs;
}

function parsePair(file: string, number: number, line: string): WorkedPair {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Row), line);
  const fail = (why: string) => new KelvinError("input", `${file}, line ${number}: ${why}`, EXAMPLE);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw fail(`${v.getDotPath(issue) ?? "line"}: ${issue.message}`);
  }
  const { type, input, output, answer } = parsed.output;
  const program = compact(parsed.output.program);
  const fault = programFault(program);
  if (fault) throw fail(`the program ${fault}`);
  if (answer !== undefined && parseAnswer({ text: answer, stop: "eos" }) === null)
    throw fail("the answer does not end with <ans> and a value");
  return workedPair({ type, program, input, output, ...(answer === undefined ? {} : { answer }) }, number);
}

/** One line of such a file. */
export function pairLine(pair: WorkedPair): string {
  return `${JSON.stringify(pairRow(pair))}\n`;
}
