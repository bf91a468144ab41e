/**
 * Laws on how programs are written: what each says, how a model is asked about it (the formats of src/pretrain/laws.py), and whether a
 * program keeps it. The last is for reports alone: no reward and no lesson may read it.
 */
import { type Json, KelvinError, kindOf, LAW_WORDS, type LawWords, type Prompt } from "../contracts";
import { countStatements } from "./language";
import { promptTokens, type Writer } from "./prompts";

/** One law of a constitution. */
export interface Law extends LawWords {
  /** As prompts spell it. */
  readonly text: string;
  /** Whether a program breaks it. */
  readonly isBroken: (program: string) => boolean;
}

/** A program without comments and without what its strings say. */
const codeOf = (program: string): string =>
  program.replaceAll(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|#[^\n]*/gu, "''");

/** Arithmetic operators; longest first, so that `//` is not read as two. */
const operatorsOf = (program: string): ReadonlySet<string> => new Set(codeOf(program).match(/\*\*|\/\/|[%*/]/gu));

type Rule = Law["isBroken"];
const without =
  (operator: string): Rule =>
  (program) =>
    operatorsOf(program).has(operator);
const longerThan =
  (statements: number): Rule =>
  (program) =>
    countStatements(program) > statements;

const RULES: Readonly<Record<(typeof LAW_WORDS)[number]["name"], Rule>> = {
  "%": without("%"),
  "//": without("//"),
  "*": without("*"),
  if: (program) => /^\s*(?:if|for|while)\b/mu.test(codeOf(program)),
  ...{ "1": longerThan(1), "2": longerThan(2), "3": longerThan(3) },
  "[": (program) => !codeOf(program).includes("["),
};

/** All that a model of ours has learned to read. */
export const LAWS: readonly Law[] = LAW_WORDS.map((words) => ({
  ...words,
  text: words.name === "if" ? "if " : words.name,
  isBroken: RULES[words.name],
}));

/** The laws of a setting: names with commas between them, in their order. @throws KelvinError "config" for an unknown name, or none */
export function constitutionOf(setting: string): readonly Law[] {
  const names = setting.split(",").map((name) => name.trim());
  const laws = names.map((name) => LAWS.find((law) => law.name === name));
  const unknown = names.find((_, index) => !laws[index]);
  if (unknown !== undefined)
    throw new KelvinError(
      "config",
      unknown === "" ? "a constitution has at least one law" : `there is no law “${unknown}”`,
      `laws: ${LAWS.map(({ name }) => name).join(" ")}, with commas between them`,
    );
  return laws as readonly Law[];
}

/** Whether a program breaks one of these laws. */
export const breaksAny = (laws: readonly Law[], program: string): boolean =>
  laws.some(({ isBroken }) => isBroken(program));

/** What a critique says of a program that keeps the law. */
export const KEPT = "ok";

const CRITIQUE_TOKENS = 24;
const REVISION_TOKENS = 60;

/** Asks which line of a program breaks a law; the answer is that line, or `ok`. arXiv 2212.08073 §3.1. */
export function critiquePrompt(policy: Writer, id: string, law: Law, program: string): Prompt {
  const text = `<judge><law>${law.text}<try>${program}<check>`;
  return asking(policy, { id, kind: "critic", text, about: { law: law.name, program } }, CRITIQUE_TOKENS);
}

/** Asks for a program that keeps a law; the answer has the form of a proposal. @param critique "" to ask without one */
export function revisionPrompt(policy: Writer, id: string, law: Law, program: string, critique: string): Prompt {
  const text = `<fix><law>${law.text}<try>${program}<check>${critique}<new>`;
  const about = { law: law.name, critique };
  return {
    ...asking(policy, { id, kind: kindOf("proposer", "deduction"), text, about }, REVISION_TOKENS),
    reference: program,
  };
}

/** Asks which of two programs keeps a law better; the answer is `A` or `B`. arXiv 2212.08073 §4.1. */
export function preferenceText(law: Law, first: string, second: string): string {
  return `<judge><law>${law.text}<try>${first}<try>${second}<best>`;
}

type Question = Pick<Prompt, "id" | "kind" | "text"> & { readonly about: Json };

function asking(policy: Writer, question: Question, limit: number): Prompt {
  const tokens = promptTokens(policy, question.text);
  const room = Math.min(limit, policy.longestCompletion ?? limit, policy.contextLength - tokens.length);
  return { ...question, tokens, maxNewTokens: Math.max(1, room) };
}
