/** How good a try is by rules: the truth that a judge is measured by. Pure. */
import type { ProgramType, Task } from "../contracts";
import type { QueryKind } from "./judgements";
import { HIGHEST_SCORE, RIGHT_FROM } from "./judgements";
import { countStatements } from "./language";
import { statementsOf, tracedStatements } from "./traces";

/** What the rules look at. */
export interface Standing {
  readonly right: boolean;
  /** Whether a trace lists every statement; false where a format has none. */
  readonly complete: boolean;
  /** Of the program that a try is; 0 for values. */
  readonly statements: number;
}

/** Positive if the first is the better, 0 if the rules do not tell: right before wrong, then a complete trace, then the shorter. */
export function compareStandings(a: Standing, b: Standing): number {
  if (a.right !== b.right) return a.right ? 1 : -1;
  if (!a.right) return 0;
  if (a.complete !== b.complete) return a.complete ? 1 : -1;
  return b.statements - a.statements;
}

/** Of an answer to a task, whose verdict is known. */
export function answerStanding(
  { type, program }: Pick<Task, "type" | "program">,
  text: string,
  right: boolean,
): Standing {
  if (type === "induction") return { right, complete: false, statements: countStatements(text) };
  return { right, complete: isComplete(type as ProgramType, program, text), statements: 0 };
}

/** A deduction is traced forwards, an abduction backwards. */
function isComplete(type: ProgramType, program: string, text: string): boolean {
  const statements = statementsOf(program);
  const wanted = type === "abduction" ? statements.reverse() : statements;
  const traced = tracedStatements(text, false);
  return traced?.length === wanted.length && wanted.every((statement, index) => traced[index] === statement);
}

/** Of a proposal `P<in>x`. */
export function proposalStanding(text: string, right: boolean): Standing {
  return { right, complete: false, statements: countStatements(text.split("<in>", 1)[0] ?? "") };
}

/** Scores of the corpus: a right answer with a trace, a bare one, and a wrong one. */
const [SHOWN, BARE, WRONG] = [HIGHEST_SCORE, 8, 1];

/** The score that a judge would be told: for hinted judgements. */
export function toldScore(kind: QueryKind, { right, complete, statements }: Standing): number {
  if (!right) return WRONG;
  if (kind === "induction" || kind === "proposal") return Math.max(RIGHT_FROM, HIGHEST_SCORE - (statements - 1));
  return complete ? SHOWN : BARE;
}
