/** A fixed pool of tasks that a method practises on: the policy's own proposals, checked before the first step. */
import type { Policy, Rng, Stage, Step, Task } from "../contracts";
import type { RewardSource } from "../reward/reward";
import { drawWithout } from "../rollout/rng";
import type { Draw } from "../rollout/rollout";
import { readBuffer } from "../tasks/buffer";
import { TASK_RULES } from "../tasks/check";
import { mislabelled, solverPrompt } from "../tasks/prompts";
import { identityTask } from "../tasks/seeds";
import type { PracticeType, PracticeTypes } from "./practice-types";
import { fillSome } from "./seeding";

export function typesOf(types: PracticeTypes): readonly PracticeType[] {
  return types === "both" ? ["deduction", "abduction"] : [types];
}

/** Fills the pool: `count` tasks, in equal shares of the types. */
export function fillPool(step: Step, types: readonly PracticeType[], count: number): Stage<void> {
  const seedTasks = Math.ceil(count / types.length) + 1; // the identity is not practised
  return fillSome(step, types, { seedTasks, inductionStatements: 0, temperature: 1, rules: TASK_RULES });
}

/** The tasks of the pool, the same in every step. */
export function readPool(memory: Step["memory"], types: readonly PracticeType[], count: number): Task[] {
  const share = Math.ceil(count / types.length);
  return types.flatMap((type) => {
    const { id } = identityTask(type);
    return readBuffer(memory, type)
      .filter((task) => task.id !== id)
      .slice(0, share);
  });
}

/** Several answers to each of these tasks, to train on; `name` begins the ids of their prompts. */
export function answerDraws(
  policy: Policy,
  name: string,
  tasks: readonly Task[],
  { samples, rewardSource }: { readonly samples: number; readonly rewardSource?: RewardSource },
): Draw[] {
  return tasks.map((task, slot) => {
    const prompt = solverPrompt(policy, `${name}/${slot}`, task);
    return { prompt: rewardSource === "wrong-label" ? mislabelled(prompt) : prompt, samples, purpose: "train" };
  });
}

/** Draws tasks of the pool without repetition, as long as it lasts. */
export function drawTasks(pool: readonly Task[], count: number, rng: Rng): Task[] {
  return drawWithout(rng, pool, Math.min(count, pool.length));
}
