/** Worked traces: the program read again, each statement with `#` and the value that it leaves. */
import type { Prompt, Sample } from "../contracts";
import { TRACE_START } from "./formats";

/** Statements of a program's body, in order, as they are written. */
export function statementsOf(program: string): string[] {
  return program
    .slice(program.indexOf("\n") + 1)
    .split("\n")
    .map((line) => line.trim());
}

/**
 * Statements that a trace names, in order, "" for a line without a value; null for an answer without a trace.
 * @param begun whether the prompt ends with its start
 */
export function tracedStatements(text: string, begun: boolean): string[] | null {
  const written = begun ? `${TRACE_START}${text}` : text;
  const trace = /^<think>([\s\S]*?)<ans>/.exec(written)?.[1];
  if (trace === undefined) return null;
  const lines = trace.split("\n").slice(1);
  return lines.map((line) => line.slice(0, Math.max(0, line.indexOf("#"))).trim());
}

/** Share of the worked answer's lines that this answer's trace repeats, up to the first that differs: 0 to 1. */
export function rightLines(text: string, worked: string): number {
  const [wanted, written] = [worked, text].map((one) => /^<think>\n([\s\S]*?)<ans>/.exec(one)?.[1]?.split("\n") ?? []);
  if (!wanted || wanted.length === 0) return 0;
  const first = wanted.findIndex((line, index) => line !== written?.[index]);
  return first < 0 ? 1 : first / wanted.length;
}

/**
 * Whether the answer to a deduction has a trace with every statement of the program, in order, each with a value. An integral
 * needs none: an answer that leaves a term out is wrong.
 */
export function isComplete({ text, task }: Prompt, sample: Pick<Sample, "text">): boolean {
  if (!task) return false;
  if (task.type === "integration") return true;
  const traced = tracedStatements(sample.text, text.endsWith(TRACE_START));
  const statements = statementsOf(task.program);
  return traced?.length === statements.length && statements.every((statement, index) => traced[index] === statement);
}
