/** What a run of 1-shot RLVR does. */
import { groupRelative } from "../advantage/advantage";
import { KelvinError, type Lesson, type PolicyGradient, type Stage, type Step, type Task } from "../contracts";
import { rewardSolvers } from "../reward/reward";
import { phase } from "../rollout/phase";
import { rollout } from "../rollout/rollout";
import { Judging } from "../tasks/judge";
import { chooseExample } from "./example";
import { policyGradient, policyLesson, regularizersLesson } from "./lesson";
import type { OneShotConfig } from "./one-shot";
import { answerDraws } from "./practice";

type OneShotStep = Step<OneShotConfig>;

/** Chooses the example. */
export async function* prepare(step: OneShotStep): Stage<void> {
  const example = yield* chooseExample(step);
  step.memory.set("example", { ...example, pairs: example.pairs.map((pair) => ({ ...pair })) });
  yield { type: "task.add", task: example };
}

/** One step: groups of answers to the example, and one update. */
export async function* collect(step: OneShotStep): Stage<readonly Lesson[]> {
  const { config, rng, verifier, policy } = step;
  const judging = new Judging(verifier);
  const sampling = { temperature: config.temperature, rng, ahead: judging };
  const groups = yield* phase("solve", rollout(policy, draws(step), sampling));
  yield* phase("reward", rewarded());
  yield* phase("advantage", groupRelative(groups));
  const lesson = config.rewardSource === "none" ? regularizersLesson : policyLesson;
  return [lesson(groups, oneShotLoss(config), config.learningRate)];

  async function* rewarded() {
    yield* judging.settle(groups);
    yield* rewardSolvers(groups, config.rewardSource, rng);
  }
}

export function oneShotLoss(config: OneShotConfig): PolicyGradient {
  const { clip, klCoefficient, entropyCoefficient, temperature } = config;
  return policyGradient({ clipLow: clip, clipHigh: clip, klCoefficient, entropyCoefficient, temperature });
}

function draws({ config, memory, policy, index }: OneShotStep) {
  const { groups, samplesPerGroup: samples, rewardSource } = config;
  const examples = new Array<Task>(groups).fill(readExample(memory));
  return answerDraws(policy, `${index}/solve`, examples, { samples, rewardSource });
}

function readExample(memory: Step["memory"]): Task {
  const example = memory.get("example");
  if (!example) throw new KelvinError("internal", "one-shot: no example was chosen", "prepare must run before collect");
  // The cast is safe: only prepare and a checkpoint of this method write the key.
  return example as unknown as Task;
}
