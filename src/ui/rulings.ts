/** The ruling as a list of checks: which check gives which verdict, and what passing it means. */
import type { Verdict, VerdictName } from "../contracts";
import type { IconName } from "./icons";

/** One line of the card. */
export interface Check {
  readonly name: string;
  readonly finding: string;
  readonly state: "passed" | "failed" | "not reached";
}

interface CheckKind {
  readonly name: string;
  readonly passed: string;
  readonly refusedBy: readonly VerdictName[];
  /** Order of the rounds: form, language, interpreter, novelty. */
  readonly round: number;
}

const CHECKS: readonly CheckKind[] = [
  { name: "Well formed", passed: "a program and its input", refusedBy: ["FORMAT"], round: 0 },
  { name: "In domain", passed: "language and values of the tasks", refusedBy: ["OUT OF DOMAIN"], round: 1 },
  {
    name: "Runs",
    passed: "legal, no error, a value comes out",
    refusedBy: ["INVALID PROGRAM", "CRASH", "DENIED"],
    round: 2,
  },
  {
    name: "Within limits",
    passed: "steps, time and memory",
    refusedBy: ["LIMIT steps", "LIMIT time", "LIMIT memory", "HANG"],
    round: 2,
  },
  { name: "Deterministic", passed: "same output twice", refusedBy: ["NONDETERMINISTIC", "STATEFUL"], round: 2 },
  {
    name: "Worth asking",
    passed: "not trivial, not given away",
    refusedBy: ["TRIVIAL constant", "TRIVIAL identity", "TRIVIAL statement", "LEAK", "TOO LONG", "TOO HEAVY"],
    round: 2,
  },
  { name: "New", passed: "not held out, not seen before", refusedBy: ["DUPLICATE", "HELD OUT"], round: 4 },
];

/** Round in which outputs are checked, after the program has run. */
const AFTER_RUNNING = 3;

/** The checks of one ruling: passed up to the one that refused, the rest not reached. `ran`: an output was observed. */
export function checksOf(verdict: Verdict, ran: boolean): Check[] {
  const refused = CHECKS.findIndex(({ refusedBy }) => refusedBy.includes(verdict.verdict));
  const by = CHECKS[refused];
  const round = by === undefined ? Number.POSITIVE_INFINITY : ran ? Math.max(by.round, AFTER_RUNNING) : by.round;
  return CHECKS.map((check, index) => {
    const { name } = check;
    if (index === refused) return { name, finding: explain(verdict), state: "failed" };
    const passed = check.round < round || (check.round === round && index < refused);
    return passed
      ? { name, finding: check.passed, state: "passed" }
      : { name, finding: "not reached", state: "not reached" };
  });
}

/** A verdict in words: its reason, or its name in lower case. */
export function explain({ verdict, reason }: Verdict): string {
  return reason !== "" ? reason : verdict.toLowerCase();
}

/** A verdict on an attempt in one word, with an icon. */
export function attemptWord({ verdict }: Verdict): { icon: IconName; word: string } {
  if (verdict === "CORRECT") return { icon: "right", word: "right" };
  if (verdict === "WRONG") return { icon: "wrong", word: "wrong" };
  if (verdict === "INVALID ANSWER" || verdict === "FORMAT") return { icon: "none", word: "no answer" };
  return { icon: "none", word: verdict.toLowerCase() };
}
