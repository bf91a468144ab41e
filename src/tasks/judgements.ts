/** Judgements of tries, in the format of src/pretrain/judging.py: what counts, a check line by line, a score from 0 to 10. */
import { type Json, kindOf, type ProgramType, type Prompt, type Rng, type StopReason } from "../contracts";
import { hasRoleToken, JUDGE_START } from "./formats";
import { promptTokens, type Writer } from "./prompts";

/** What a try is an answer to. A proposal is a new program with an input. */
export type QueryKind = ProgramType | "proposal";
export const QUERY_KINDS: readonly QueryKind[] = ["deduction", "abduction", "induction", "proposal"];

/** What counts for a kind of query, as the corpus writes it. */
const RULES: Readonly<Record<QueryKind, string>> = {
  deduction: "valuelines",
  abduction: "valuelines",
  induction: "fitsshort",
  proposal: "runsvaried",
};

/** The highest score; 0 is the lowest. */
export const HIGHEST_SCORE = 10;
/** The lowest score of a right try. */
export const RIGHT_FROM = 5;

/** How judgements are made: worked out or a score at once, with principles that the judge writes itself, none, or wrong ones. */
export interface JudgingManner {
  readonly judgement: "worked" | "score";
  readonly principles: "own" | "none" | "random";
}

/** A query with one try at it. */
export interface TriedQuery {
  readonly kind: QueryKind;
  /** The query's own prompt, in its format. */
  readonly question: string;
  readonly tried: string;
}

/** A judgement that could be read. */
export interface Judgement {
  /** "" where it was left out. */
  readonly rule: string;
  readonly check: string;
  readonly score: number;
}

/** The beginning of a judgement in this manner, which the judge continues. */
export function judgementStart({ judgement, principles }: JudgingManner, kind: QueryKind, rng: Rng): string {
  if (judgement === "score") return "<score>";
  if (principles === "none") return "<check>";
  if (principles === "own") return "<rule>";
  const others = [...new Set(Object.values(RULES))].filter((rule) => rule !== RULES[kind]);
  return `<rule>${others[rng.below(others.length)]}<check>`;
}

/**
 * The prompt that asks to judge one try. A try is judged by itself: of two, the one with the higher score is the better.
 * @param start see `judgementStart`
 */
export function judgePrompt(policy: Writer, id: string, query: TriedQuery, start: string, about: Json): Prompt {
  const text = `${JUDGE_START}${query.question}<try>${query.tried}${start}`;
  const tokens = promptTokens(policy, text);
  const room = policy.contextLength - tokens.length;
  const maxNewTokens = Math.max(1, Math.min(room, policy.longestCompletion ?? room));
  return { id, kind: kindOf("judge", query.kind as ProgramType), text, tokens, maxNewTokens, about };
}

/** Tokens of a judgement per token of a program, of a trace, and of a program that is checked on three pairs. Nearly all are shorter. */
const [PER_PROGRAM, PER_TRACE, THRICE] = [1.8, 1.5, 4];

/** Whether the context has room for a try and a judgement of it. */
export function fitsJudging({ tokenizer, contextLength }: Writer, { kind, question, tried }: TriedQuery): boolean {
  const [asked, written] = [question, tried].map((text) => tokenizer.encode(text).length) as [number, number];
  const judged = kind === "induction" ? THRICE * written : Math.max(PER_PROGRAM * asked, PER_TRACE * written);
  return asked + written + judged <= contextLength;
}

/** Reads a judgement; null if it is malformed, or did not end by itself. */
export function parseJudgement(start: string, written: string, stop: StopReason): Judgement | null {
  if (stop !== "eos") return null;
  const form = /^(?:(?:<rule>(?<rule>[a-z]+))?<check>(?<check>[\s\S]*))?<score>(?<score>\d|10)$/;
  const { rule = "", check = "", score } = form.exec(`${start}${written}`)?.groups ?? {};
  if (score === undefined || hasRoleToken(check)) return null;
  return { rule, check, score: Number(score) };
}
