/** Counts for the safety sheet: what was refused, stopped, and recognised as an attack. */
import type { Role, Verdict, VerdictName } from "../contracts";
import type { Safety } from "./state";

/** Stops that only the outside brings about. A solver's program is WRONG, and its reason begins with the stop. */
const STOPS: readonly VerdictName[] = ["LIMIT steps", "LIMIT time", "LIMIT memory", "CRASH", "HANG", "DENIED"];

/** Reasons hold names a model made up; beyond this many kinds they are counted together. */
const MOST_KINDS = 200;
const OTHERS = "other reasons";

/** One more verdict. */
export function countSafety(safety: Safety, role: Role, verdict: Verdict): Safety {
  if (verdict.verdict === "VALID" || verdict.verdict === "CORRECT") return safety;
  const stop = stopOf(verdict);
  return {
    refusals: role === "proposer" ? increment(safety.refusals, kindOf(verdict, safety.refusals)) : safety.refusals,
    attacks: verdict.attack ? increment(safety.attacks, verdict.attack) : safety.attacks,
    stops: stop ? increment(safety.stops, stop) : safety.stops,
  };
}

function stopOf({ verdict, reason }: Verdict): VerdictName | undefined {
  const ended = verdict === "WRONG" ? reason.replace(/^input \d+: /, "") : verdict;
  return STOPS.find((stop) => ended.startsWith(stop));
}

/** Ruling and reason; numbers are left out, so that equal reasons are one kind. */
function kindOf({ verdict, reason }: Verdict, known: Safety["refusals"]): string {
  const words = reason.replace(/\d+/g, "…");
  const kind = words ? `${verdict}: ${words}` : verdict;
  return Object.hasOwn(known, kind) || Object.keys(known).length < MOST_KINDS ? kind : OTHERS;
}

function increment<K extends string>(
  counts: Readonly<Partial<Record<K, number>>>,
  key: K,
): Readonly<Record<K, number>> {
  return { ...counts, [key]: (counts[key] ?? 0) + 1 } as Record<K, number>;
}
