/** Turns a worker's report into a verdict. Pure functions; gold values are compared only here. */
import type { Verdict, VerdictName } from "../contracts";
import type { JobResult, Outcome, Stop } from "./jobs";
import { canonicalLiteral } from "./literal";

const STOP_VERDICTS: Readonly<Record<Stop, VerdictName>> = {
  steps: "LIMIT steps",
  time: "LIMIT time",
  memory: "LIMIT memory",
  trap: "CRASH",
  denied: "DENIED",
  hang: "HANG",
};

const CORRECT: Verdict = { verdict: "CORRECT", reason: "" };

function stopVerdict(stop: Stop, detail: string): Verdict {
  return { verdict: STOP_VERDICTS[stop], reason: detail };
}

/** Verdict on a program that was stopped from outside or refused by the gate; null if it ran. */
export function programVerdict({ report, stop, detail }: JobResult): Verdict | null {
  if (stop) return stopVerdict(stop, detail);
  if (report?.status === "refused") return { verdict: "INVALID PROGRAM", reason: report.reason };
  return null;
}

/** Verdict on a program with this outcome; null if the outcome is a value. */
export function outcomeVerdict(outcome: Outcome): Verdict | null {
  const [kind, text] = outcome;
  switch (kind) {
    case "ok":
      return null;
    case "raised":
      return { verdict: "INVALID PROGRAM", reason: `raises ${text}` };
    case "refused":
      return { verdict: "INVALID PROGRAM", reason: text };
    case "unstable":
      return { verdict: "STATEFUL", reason: text };
    case "unsettled":
      return { verdict: "NONDETERMINISTIC", reason: text };
    case "argument":
      return { verdict: "INVALID PROGRAM", reason: `input is not a literal: ${text}` };
    case "stopped":
      return stopVerdict(outcome[1], outcome[2]);
  }
}

/** Whether the answer equals the gold value. Neither is evaluated. */
export function gradeLiteral(answer: string, gold: string): Verdict {
  const parsed = canonicalLiteral(answer);
  if (parsed.refused !== undefined) return { verdict: "INVALID ANSWER", reason: parsed.refused };
  if (parsed.text === gold) return CORRECT;
  return { verdict: "WRONG", reason: `output is ${shorten(gold)}` };
}

/** Whether this call of the program gave the gold value. `gold` is canonical. */
export function gradeOutcome(outcome: Outcome, gold: string): Verdict {
  const [kind, text] = outcome;
  switch (kind) {
    case "ok":
      return text === gold ? CORRECT : { verdict: "WRONG", reason: `output is ${shorten(text)}` };
    case "raised":
      return { verdict: "WRONG", reason: `raises ${text}` };
    case "refused":
      return { verdict: "WRONG", reason: text };
    case "unstable":
      return { verdict: "WRONG", reason: text };
    case "unsettled":
      // If the answer is right in some order of a set, the task is wrong; if in no order, the answer is.
      return { verdict: outcome[2].includes(gold) ? "INVALID PROGRAM" : "WRONG", reason: text };
    case "argument":
      return { verdict: "INVALID ANSWER", reason: text };
    case "stopped":
      return notSolved(stopVerdict(outcome[1], outcome[2]));
  }
}

/** A solver's program or answer that was stopped or refused is WRONG. The reason contains the verdict. */
export function notSolved(verdict: Verdict): Verdict {
  const reason = verdict.reason ? `${verdict.verdict}: ${verdict.reason}` : verdict.verdict;
  return { verdict: "WRONG", reason };
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
