/** Easier variants of a program, made by rule: what a policy's own variants are compared with. */
import type { Rng } from "../contracts";
import { statementsOf } from "./traces";

/** Share of variants that leave statements out; the others stop early. */
const FEWER = 0.7;
/** Most statements that one variant leaves out. */
const MOST_LEFT_OUT = 2;

/** The program without one or two of its statements, or up to one of its assignments; null if this draw gives none. */
export function easierByRule(program: string, rng: Rng): string | null {
  const statements = statementsOf(program);
  const last = statements.length - 1;
  if (last < 1) return null;
  if (rng.next() < FEWER) return withBody(leftOut(statements, rng));
  const at = rng.below(last);
  const expression = /^x=(.*)$/.exec(statements[at] ?? "")?.[1];
  return expression === undefined ? null : withBody([...statements.slice(0, at), `return ${expression}`]);
}

/** Without one or two statements, the last one always stays. */
function leftOut(statements: readonly string[], rng: Rng): string[] {
  const last = statements.length - 1;
  const gone = new Set<number>();
  const count = Math.min(last, 1 + rng.below(MOST_LEFT_OUT));
  while (gone.size < count) gone.add(rng.below(last));
  return statements.filter((_, index) => !gone.has(index));
}

function withBody(statements: readonly string[]): string {
  return `def f(x):\n ${statements.join("\n ")}`;
}
