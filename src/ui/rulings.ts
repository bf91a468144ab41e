/** The ruling as a list of checks, for the card: which check a verdict comes from, and what it means when passed. */
import type { Verdict, VerdictName } from "../contracts";
import type { IconName } from "./icons";

export interface Check {
  readonly name: string;
  readonly finding: string;
  readonly state: "passed" | "failed" | "not reached";
}

interface CheckKind {
  readonly name: string;
  readonly passed: string;
  readonly refusedBy: readonly VerdictName[];
}

/** In the order the verifier asks. */
const CHECKS: readonly CheckKind[] = [
  { name: "Well formed", passed: "a program and its input", refusedBy: ["FORMAT"] },
  { name: "Runs", passed: "legal, no error, a value comes out", refusedBy: ["INVALID PROGRAM", "CRASH", "DENIED"] },
  {
    name: "Within limits",
    passed: "steps, time and memory",
    refusedBy: ["LIMIT steps", "LIMIT time", "LIMIT memory", "HANG"],
  },
  { name: "Deterministic", passed: "same output twice", refusedBy: ["NONDETERMINISTIC", "STATEFUL"] },
  { name: "In domain", passed: "values the tasks are made of", refusedBy: ["OUT OF DOMAIN"] },
  {
    name: "Worth asking",
    passed: "not trivial, not given away",
    refusedBy: ["TRIVIAL constant", "TRIVIAL identity", "LEAK", "TOO LONG", "TOO HEAVY"],
  },
  { name: "New", passed: "not held out, not seen before", refusedBy: ["DUPLICATE", "HELD OUT"] },
];

/** The checks of one ruling: passed up to the one that refused, the rest not reached. */
export function checksOf(verdict: Verdict): Check[] {
  const refused = CHECKS.findIndex(({ refusedBy }) => refusedBy.includes(verdict.verdict));
  return CHECKS.map(({ name, passed }, index) => {
    if (refused < 0 || index < refused) return { name, finding: passed, state: "passed" };
    if (index > refused) return { name, finding: "not reached", state: "not reached" };
    return { name, finding: explain(verdict), state: "failed" };
  });
}

/** A verdict's own words: its reason, else its name in lower case. */
export function explain({ verdict, reason }: Verdict): string {
  return reason !== "" ? reason : verdict.toLowerCase();
}

/** How a verdict on an attempt is said in one word, with its shape. */
export function attemptWord({ verdict }: Verdict): { icon: IconName; word: string } {
  if (verdict === "CORRECT") return { icon: "right", word: "right" };
  if (verdict === "WRONG") return { icon: "wrong", word: "wrong" };
  if (verdict === "INVALID ANSWER" || verdict === "FORMAT") return { icon: "none", word: "no answer" };
  return { icon: "none", word: verdict.toLowerCase() };
}
