/** Counts for the safety sheet: refusals, stops and recognised attacks. */
import { isProposer, type Kind, type Verdict, type VerdictName } from "../contracts";
import { counted } from "./counts";
import type { Safety } from "./state";

/**
 * Verdicts on programs that were stopped from outside. A solver's program is WRONG instead, and its reason begins with
 * the stop.
 */
const STOPS: readonly VerdictName[] = ["LIMIT steps", "LIMIT time", "LIMIT memory", "CRASH", "HANG", "DENIED"];

/** Reasons contain names that a model made up; further kinds are counted together. */
const MOST_KINDS = 200;
const OTHERS = "other reasons";

/** Adds one verdict. */
export function countSafety(safety: Safety, kind: Kind, verdict: Verdict): Safety {
  if (verdict.verdict === "VALID" || verdict.verdict === "CORRECT") return safety;
  const stop = stopOf(verdict);
  return {
    refusals: isProposer({ kind }) ? counted(safety.refusals, refusalOf(verdict, safety.refusals)) : safety.refusals,
    attacks: verdict.attack ? counted(safety.attacks, verdict.attack) : safety.attacks,
    stops: stop ? counted(safety.stops, stop) : safety.stops,
  };
}

function stopOf({ verdict, reason }: Verdict): VerdictName | undefined {
  const ended = verdict === "WRONG" ? reason.replace(/^input \d+: /, "") : verdict;
  return STOPS.find((stop) => ended.startsWith(stop));
}

/** Verdict and reason without numbers, so that equal reasons count as one kind. */
function refusalOf({ verdict, reason }: Verdict, known: Safety["refusals"]): string {
  const words = reason.replace(/\d+/g, "…");
  const kind = words ? `${verdict}: ${words}` : verdict;
  return Object.hasOwn(known, kind) || Object.keys(known).length < MOST_KINDS ? kind : OTHERS;
}
