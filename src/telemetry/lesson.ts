/** The few events that supply the numbers in formulas, for a page that has not loaded the whole log. */
import { isSolver, type TrainEvent } from "../contracts";

type Of<T extends TrainEvent["type"]> = Extract<TrainEvent, { readonly type: T }>;

/** Lengths of an answer whose log-probabilities fit on one line as a sum. */
const SHORT = { least: 3, most: 6 };

/**
 * Selects `run.start` and, from the last step in which some solvers' rewards differ, the baselines, one rewarded proposal with
 * its solve rate, one short answer, and the step's metrics. The state reduced from these events has the formulas' numbers and no
 * earlier history. Empty if no step qualifies.
 */
export function lessonOf(events: readonly TrainEvent[]): TrainEvent[] {
  const credited = events.findLast(isTelling);
  const start = events.find((event) => event.type === "run.start");
  if (!credited || !start) return [];
  const ofStep = events.filter((event) => "step" in event && event.step === credited.step);
  const samples = ofStep.filter(
    (event) => event.type === "rollout.sample" && event.purpose !== "evaluate",
  ) as Sampled[];
  const paid = ofStep.find(isPaid);
  const chosen = new Set([paid?.sampleId, samples.find(isShort)?.sample.id]);
  return [start, ...ofStep.filter((event) => belongs(event, chosen))];
}

type Sampled = Of<"rollout.sample">;

function isTelling(event: TrainEvent): event is Of<"credit.group"> {
  return event.type === "credit.group" && !event.credit.group.startsWith("proposer") && event.credit.deviation > 0;
}

function isPaid(event: TrainEvent): event is Of<"reward.proposal"> {
  return event.type === "reward.proposal" && event.solveRate !== null && event.solveRate > 0 && event.solveRate < 1;
}

function isShort({ prompt, sample }: Sampled): boolean {
  const { length } = sample.pieces;
  return isSolver(prompt) && length >= SHORT.least && length <= SHORT.most;
}

function belongs(event: TrainEvent, samples: ReadonlySet<string | undefined>): boolean {
  switch (event.type) {
    case "rollout.sample":
      return samples.has(event.sample.id);
    case "verify.verdict":
    case "reward.sample":
    case "reward.proposal":
      return samples.has(event.sampleId);
    default:
      return event.type === "credit.group" || event.type === "step.end";
  }
}
