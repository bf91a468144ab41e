/** Worked examples from a file: tasks with the answers that a model is to learn. */
import * as v from "valibot";
import { KelvinError, type WorkedPair } from "../contracts";
import { parseAnswer } from "../tasks/formats";
import { programFault } from "../tasks/language";
import { makeTask } from "../tasks/task";

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
  const { type, program, input, output, answer } = parsed.output;
  const fault = programFault(program);
  if (fault) throw fail(`the program ${fault}`);
  if (answer !== undefined && parseAnswer({ text: answer, stop: "eos" }) === null)
    throw fail("the answer does not end with <ans> and a value");
  const id = `pair/${number}`;
  const task = makeTask({ id, type, program, inputs: [input], outputs: [output], normalized: "" });
  return { task, ...(answer === undefined ? {} : { answer }) };
}

/** One line of such a file. */
export function pairLine({ task: { type, program, pairs }, answer }: WorkedPair): string {
  const { input = "", output = "" } = pairs[0] ?? {};
  return `${JSON.stringify({ type, program, input, output, ...(answer === undefined ? {} : { answer }) })}\n`;
}
