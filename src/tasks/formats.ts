import {
  type Pair,
  type PROPOSER,
  type Sample,
  SHOWN_PAIRS,
  type SOLVER,
  type Task,
  type TaskType,
} from "../contracts";

/** The two roles of the task formats. */
export type TaskRole = typeof PROPOSER | typeof SOLVER;

/**
 * The formats: the prompt of each role and task type, and the parser of its completion. Role tokens are written as text
 * (`<ded>`); the tokenizer encodes each as one token. No text here contains the end token.
 */

type Limits = Readonly<Record<TaskRole, Readonly<Record<TaskType, number>>>>;

/** Of models planned for this many new tokens or fewer: programs of four statements. */
const SHORT_PLAN = 112;
const SHORT_LIMITS: Limits = {
  solver: { deduction: 72, abduction: 100, induction: 44, integration: 96 },
  proposer: { deduction: 52, abduction: 52, induction: 60, integration: 52 },
};
/** Of models planned for more: programs of eight statements, and answers that are as long as the plan has room for. */
const LONG_LIMITS: Limits = {
  solver: { deduction: Number.POSITIVE_INFINITY, abduction: Number.POSITIVE_INFINITY, induction: 88, integration: 96 },
  proposer: { deduction: 96, abduction: 96, induction: 60, integration: 96 },
};

/** Longest completion of a role and type, in tokens, the end token included, of a model planned for `longest` new tokens. */
export function completionLimit(role: TaskRole, type: TaskType, longest = SHORT_PLAN): number {
  const limits = longest > SHORT_PLAN ? LONG_LIMITS : SHORT_LIMITS;
  return Math.min(longest, limits[role][type]);
}

/** Inputs that an induction proposer must write. */
export const INDUCTION_INPUTS = 5;

/** The start of a worked trace. */
export const TRACE_START = "<think>";

/** Asks for an antiderivative. */
export const INTEGRAL_START = "<int>";

/** Asks for an easier task: a program with the same input, or an integrand. */
export const EASIER_START = "<easy>";

/** Asks to judge a try. */
export const JUDGE_START = "<judge>";

const PROPOSER_TOKENS: Readonly<Record<TaskType, string>> = {
  deduction: "<pded>",
  abduction: "<pabd>",
  induction: "<pind>",
  integration: EASIER_START,
};

/** The proposer's prompt: asks to vary this program or, for induction, to write inputs for it. */
export function proposerText(type: TaskType, reference: string): string {
  return `${PROPOSER_TOKENS[type]}${reference}<new>`;
}

/** The prompt that asks to make a task easier; the completion has the form of a proposal. */
export function easierText({ type, program, pairs }: Pick<Task, "type" | "program" | "pairs">): string {
  if (type === "integration") return proposerText(type, program);
  return `${EASIER_START}${proposalText(program, pairs[0]?.input ?? "")}<new>`;
}

/** A proposal of a program with one input, as proposers write it. */
export function proposalText(program: string, input: string): string {
  return `${program}<in>${input}`;
}

/** The solver's prompt for a task. */
export function solverText(task: Pick<Task, "type" | "program" | "pairs" | "message">): string {
  if (task.type === "integration") return `${INTEGRAL_START}${task.program}<out>`;
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

/** The completion that gives `answer` (an output, an input or a program) without a trace. */
export function directText(answer: string): string {
  return `<ans>${answer}`;
}

type Written = Pick<Sample, "text" | "stop">;

/**
 * Parses the solver's answer; null if the completion is malformed. It must end by itself and be `<ans>answer`, optionally after a
 * trace, without other role tokens.
 */
export function parseAnswer({ text, stop }: Written): string | null {
  if (stop !== "eos") return null;
  const match = /^(?:<think>(?<trace>[\s\S]*?))?<ans>(?<answer>[\s\S]*)$/.exec(text);
  const { trace = "", answer = "" } = match?.groups ?? {};
  if (!match || answer === "" || hasRoleToken(trace) || hasRoleToken(answer)) return null;
  return answer;
}

/** A parsed proposal: a program and its inputs, and for induction a message. */
export interface Proposal {
  readonly program: string;
  readonly inputs: readonly string[];
  readonly message: string;
}

/** Parses a proposal; null if it does not have the form of its type. `reference` is the program that induction describes. */
export function parseProposal(type: TaskType, written: Written, reference: string): Proposal | null {
  if (written.stop !== "eos") return null;
  if (type === "integration")
    return written.text === "" || hasRoleToken(written.text)
      ? null
      : { program: written.text, inputs: [], message: "" };
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

/** Whether a text has a token of the formats, so that it is no program, value or list of lines. */
export function hasRoleToken(text: string): boolean {
  return /<(?:pad|eos|int|ded|abd|ind|pded|pabd|pind|in|out|think|ans|new|msg|easy|judge|try|rule|check|score|law|fix|best)>/.test(
    text,
  );
}
