/**
 * How the texts of the six formats are read for showing. The verifier judges; this only finds the parts, and
 * accepts half-written text because completions are shown while they are being sampled.
 */
import { type PromptView, type TaskType, typeOf } from "../contracts";

/** The parts of a proposal. */
export interface ProposalText {
  readonly program: string;
  readonly inputs: readonly string[];
  readonly message: string;
}

/** The parts of an attempt. */
export interface AttemptText {
  /** The values along the worked trace, in order. */
  readonly trace: readonly string[];
  /** null without an answer. */
  readonly answer: string | null;
}

const END = /<eos>.*$/su;

/** Read a proposer's completion; induction proposes inputs for the program in its prompt. */
export function readProposal(prompt: Pick<PromptView, "kind" | "reference">, completion: string): ProposalText {
  const text = completion.replace(END, "");
  if (typeOf(prompt.kind) === "induction") {
    const [inputs = "", message = ""] = text.split("<msg>");
    return { program: prompt.reference ?? "", inputs: split(inputs, ";"), message };
  }
  const [program = "", input = ""] = text.split("<in>");
  return { program, inputs: input === "" ? [] : [input], message: "" };
}

/** Read a solver's completion. */
export function readAttempt(completion: string): AttemptText {
  const text = completion.replace(END, "");
  const start = text.indexOf("<ans>");
  const worked = start < 0 ? text : text.slice(0, start);
  const trace = worked.includes("<think>") ? [...worked.matchAll(/#([^\n#<]*)/gu)].map((match) => match[1] ?? "") : [];
  return { trace, answer: start < 0 ? null : text.slice(start + "<ans>".length) };
}

/** The question of each task type. */
export const TASK_QUESTION: Readonly<Record<TaskType, string>> = {
  deduction: "Given the program and the input, predict the output.",
  abduction: "Given the program and the output, find an input that leads to it.",
  induction: "Given inputs and outputs, write the program.",
  integration: "Given a function, write one whose derivative it is.",
};

export const TASK_TITLE: Readonly<Record<TaskType, string>> = {
  deduction: "Deduction",
  abduction: "Abduction",
  induction: "Induction",
  integration: "Integration",
};

function split(text: string, separator: string): string[] {
  return text.split(separator).filter((part) => part !== "");
}
