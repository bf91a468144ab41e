import { type Pair, type Role, type Sample, SHOWN_PAIRS, type Task, type TaskType } from "../contracts";

/**
 * The six formats: what each role is asked for each task type, and how its completion is read. Role tokens are
 * written as text (`<ded>`); the tokenizer turns them into single tokens. The end token is not part of any text here.
 */

/** Longest completion of each role and type, in tokens, the end token included. */
export const COMPLETION_LIMITS: Readonly<Record<Role, Readonly<Record<TaskType, number>>>> = {
  solver: { deduction: 72, abduction: 100, induction: 44 },
  proposer: { deduction: 52, abduction: 52, induction: 60 },
};

/** Inputs an induction proposer writes. */
export const INDUCTION_INPUTS = 5;

/** The start of a worked trace. */
export const TRACE_START = "<think>";

const PROPOSER_TOKENS: Readonly<Record<TaskType, string>> = {
  deduction: "<pded>",
  abduction: "<pabd>",
  induction: "<pind>",
};

/** The proposer's prompt: vary this program, or (induction) write inputs for it. */
export function proposerText(type: TaskType, reference: string): string {
  return `${PROPOSER_TOKENS[type]}${reference}<new>`;
}

/** The solver's prompt for a task. */
export function solverText(task: Pick<Task, "type" | "program" | "pairs" | "message">): string {
  const first = task.pairs[0];
  if (!first) throw new Error(`a ${task.type} task without a pair`);
  switch (task.type) {
    case "deduction":
      return `<ded>${task.program}<in>${first.input}<out>`;
    case "abduction":
      return `<abd>${task.program}<out>${first.output}<in>`;
    case "induction":
      return `<ind>${task.pairs.slice(0, SHOWN_PAIRS).map(shownPair).join(";")}<msg>${task.message}`;
    default:
      return task.type satisfies never;
  }
}

function shownPair({ input, output }: Pair): string {
  return `${input}<out>${output}`;
}

/** The direct completion that gives `answer` (an output, an input or a program). */
export function directText(answer: string): string {
  return `<ans>${answer}`;
}

type Written = Pick<Sample, "text" | "stop">;

/**
 * The solver's answer, or null when the completion is malformed: it must end by itself and be `<ans>answer`, with a
 * trace before it or nothing, and no other role token.
 */
export function parseAnswer({ text, stop }: Written): string | null {
  if (stop !== "eos") return null;
  const match = /^(?:<think>(?<trace>[\s\S]*?))?<ans>(?<answer>[\s\S]*)$/.exec(text);
  const { trace = "", answer = "" } = match?.groups ?? {};
  if (!match || answer === "" || hasRoleToken(trace) || hasRoleToken(answer)) return null;
  return answer;
}

/** What a proposer wrote: a program and its inputs, and for induction a message. */
export interface Proposal {
  readonly program: string;
  readonly inputs: readonly string[];
  readonly message: string;
}

/** Reads a proposal; null when it does not have the form of its type. `reference` is the program induction describes. */
export function parseProposal(type: TaskType, written: Written, reference: string): Proposal | null {
  if (written.stop !== "eos") return null;
  const parts = written.text.split(type === "induction" ? "<msg>" : "<in>");
  const [left = "", right = ""] = parts;
  if (parts.length !== 2 || hasRoleToken(left) || hasRoleToken(right)) return null;
  if (type === "induction") return inductionProposal(reference, left, right);
  return left === "" || right === "" ? null : { program: left, inputs: [right], message: "" };
}

function inductionProposal(program: string, list: string, message: string): Proposal | null {
  const inputs = list.split(";");
  if (inputs.length !== INDUCTION_INPUTS || inputs.includes("")) return null;
  return { program, inputs, message };
}

function hasRoleToken(text: string): boolean {
  return /<(?:pad|eos|ded|abd|ind|pded|pabd|pind|in|out|think|ans|new|msg)>/.test(text);
}
