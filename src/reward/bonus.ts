/** Optional rewards of a proposal for how its program is written. arXiv 2505.03335 App. D.4. Pure. */
import type { Task } from "../contracts";

/** What each measure is multiplied by; 0 switches it off. */
export interface BonusWeights {
  readonly complexity: number;
  readonly distance: number;
  readonly surprise: number;
}

/** Most that one bonus adds, as released. */
const MOST = 0.5;
/** Cognitive complexity that counts as 1, as released. */
const COMPLEX = 15;

/** What a learnable task earns on top: each measure times its weight, at most 0.5 each, added up. */
export function bonusOf(task: Task, reference: string, known: readonly Task[], weights: BonusWeights): number {
  const parts = [
    weights.complexity === 0 ? 0 : weights.complexity * (complexityOf(task.program) / COMPLEX),
    weights.distance === 0 ? 0 : weights.distance * distanceOf(task.program, reference),
    weights.surprise === 0 ? 0 : weights.surprise * surpriseOf(task, known),
  ];
  return parts.reduce((sum, part) => sum + Math.min(part, MOST), 0);
}

/**
 * Cognitive complexity (Campbell 2018) of a program of the task language: 1 for each branch and loop, 1 more for each level that
 * it is nested in, 1 for each run of `and` or `or`.
 */
export function complexityOf(program: string): number {
  const lines = program.split("\n").slice(1);
  return lines.reduce((sum, line) => {
    const nesting = Math.max(0, line.length - line.trimStart().length - 1);
    const text = line.trim();
    const opens = /^(?:if|for|while)\b/.test(text) ? 1 + nesting : /^(?:elif|else)\b/.test(text) ? 1 : 0;
    const inside = text.replace(/^(?:if|elif|for|while|else)\b/, "");
    const conditional = (inside.match(/\bif\b/g) ?? []).length * (1 + nesting);
    const loops = (inside.match(/\bfor\b/g) ?? []).length * (1 + nesting);
    const runs = new Set(inside.match(/\b(?:and|or)\b/g) ?? []).size;
    return sum + opens + conditional + loops + runs;
  }, 0);
}

/** 1 − 2·L / (a + b), of the longest common subsequence of two programs: 0 for a copy, 1 for nothing in common. */
export function distanceOf(program: string, reference: string): number {
  const both = program.length + reference.length;
  return both === 0 ? 0 : 1 - (2 * commonLength(program, reference)) / both;
}

function commonLength(a: string, b: string): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const letter of a) {
    const next = [0];
    for (let at = 1; at <= b.length; at++)
      next.push(letter === b[at - 1] ? (row[at - 1] ?? 0) + 1 : Math.max(row[at] ?? 0, next[at - 1] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** 1 − how often the answer is an answer of the buffer. 1 if the buffer is empty. */
export function surpriseOf(task: Task, known: readonly Task[]): number {
  const answer = answerOf(task);
  const same = known.filter((other) => answerOf(other) === answer).length;
  return known.length === 0 ? 1 : 1 - same / known.length;
}

/** What a solver has to answer: the output, the input, or for induction every output. */
function answerOf({ type, pairs }: Task): string {
  if (type === "abduction") return pairs[0]?.input ?? "";
  return type === "deduction" ? (pairs[0]?.output ?? "") : pairs.map(({ output }) => output).join(";");
}
