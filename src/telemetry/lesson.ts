/** The few events of a log that put numbers into formulas, for a page on which nobody has opened the whole log. */
import type { TrainEvent } from "../contracts";

type Of<T extends TrainEvent["type"]> = Extract<TrainEvent, { readonly type: T }>;

/** An answer short enough for its log-probabilities to be added up on one line. */
const SHORT = { least: 3, most: 6 };

/**
 * `run.start`, and of the last step in which some solvers' rewards differ its baselines, one proposal that was paid with
 * its solve rate, one short answer, and the step's figures. Nothing else: the state reduced from it has the formulas'
 * numbers and no history before that step. Empty for a log without such a step.
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
  return prompt.role === "solver" && length >= SHORT.least && length <= SHORT.most;
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
