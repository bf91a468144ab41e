/** Rewards of a run's solver per step, and the held-out results: data for the pictures of a shipped log. */
import { isSolver, KelvinError, type ModelInfo, type TaskType, type TrainEvent, typeOf } from "../contracts";
import { titleOf } from "./older-logs";
import type { Evaluation } from "./state";

/** Number of answers in one step with this reward. */
export interface RewardCount {
  readonly reward: number;
  readonly count: number;
}

/** Rewards of the answers trained on, per task type and step; each step in ascending order. */
export interface RewardField {
  readonly method: string;
  /** Of the method; older files do not say. */
  readonly title?: string;
  readonly seed: number;
  readonly model: ModelInfo;
  readonly device: string;
  readonly steps: number;
  readonly rewards: Readonly<Partial<Record<TaskType, readonly (readonly RewardCount[])[]>>>;
}

/** The rewards of a whole log. @throws KelvinError "input" for a log without `run.start`. */
export function rewardField(events: readonly TrainEvent[]): RewardField {
  const [start] = events;
  if (start?.type !== "run.start")
    throw new KelvinError("input", "the log has no run.start", "name a run's events.jsonl");
  const types = new Map<string, TaskType>();
  const rewards: Counts = {};
  for (const event of events) {
    if (event.type === "rollout.sample" && event.purpose === "train" && isSolver(event.prompt)) {
      const type = typeOf(event.prompt.kind);
      if (type) types.set(event.sample.id, type);
    }
    const type = event.type === "reward.sample" ? types.get(event.sampleId) : undefined;
    if (event.type === "reward.sample" && type) count(rewards, type, event);
  }
  const { method, seed, model, device, steps } = start;
  // A step that a log only names has no column: it may be any number.
  const columns = 1 + events.filter(({ type }) => type === "step.end" || type === "step.skip").length;
  const fields = Object.entries(rewards).map(([type, ofType]) => [type, sorted(ofType, columns)]);
  return { method, title: titleOf(start), seed, model, device, steps, rewards: Object.fromEntries(fields) };
}

/** The held-out results of a log, in order. */
export function evaluationsOf(events: readonly TrainEvent[]): Evaluation[] {
  return events.flatMap((event) =>
    event.type === "evaluate.result" ? [{ suite: event.suite, step: event.step, measures: event.measures }] : [],
  );
}

/** Per type and step: number of answers per reward. */
type Counts = Partial<Record<TaskType, Map<number, Map<number, number>>>>;

function count(counts: Counts, type: TaskType, { step, reward }: { step: number; reward: number }): void {
  const steps = counts[type] ?? new Map<number, Map<number, number>>();
  counts[type] = steps;
  const ofStep = steps.get(step) ?? new Map<number, number>();
  steps.set(step, ofStep);
  ofStep.set(reward, (ofStep.get(reward) ?? 0) + 1);
}

/** From step 0 to the last one with an answer, of at most `most` columns. */
function sorted(steps: ReadonlyMap<number, ReadonlyMap<number, number>>, most: number): RewardCount[][] {
  const length = Math.min(most, 1 + [...steps.keys()].reduce((last, step) => Math.max(last, step), 0));
  return Array.from({ length }, (_, step) =>
    [...(steps.get(step) ?? [])].sort(([a], [b]) => a - b).map(([reward, count]) => ({ reward, count })),
  );
}
