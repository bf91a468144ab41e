/** What a run of RLVR does. */
import { credited, isComparable } from "../advantage/family";
import { type Group, type Lesson, largest, type PolicyGradient, type Stage, type Step, type Task } from "../contracts";
import { penalizeKl } from "../reward/kl";
import { penalizeLength } from "../reward/overlong";
import { rewardSolvers } from "../reward/reward";
import { phase } from "../rollout/phase";
import { rollout } from "../rollout/rollout";
import { Judging } from "../tasks/judge";
import { policyGradient, policyLesson } from "./lesson";
import { answerDraws, drawTasks, fillPool, readPool, typesOf } from "./practice";
import type { RlvrConfig } from "./rlvr";

type RlvrStep = Step<RlvrConfig>;

/** Rounds in which groups without a difference are drawn anew. arXiv 2503.14476 §3.2. */
const MOST_ROUNDS = 10;

export const prepare = (step: RlvrStep): Stage<void> => fillPool(step, typesOf(step.config.types), step.config.pool);

/** One step: answers, their rewards, and the updates. */
export async function* collect(step: RlvrStep): Stage<readonly Lesson[]> {
  const { config } = step;
  const drawn = config.dynamicSampling ? yield* differing(step) : yield* answered(step, drawnTasks(step), 0);
  yield* phase("advantage", credited(drawn, config.baseline));
  const lesson = policyLesson(drawn, rlvrLoss(config, drawn), config.learningRate, "drawn");
  return new Array<Lesson>(config.updatesPerRollout).fill(lesson);
}

/** The loss of one update. Dr. GRPO divides every answer by the longest that is allowed. arXiv 2503.20783 §3.2. */
export function rlvrLoss(config: RlvrConfig, groups: readonly Group[]): PolicyGradient {
  const { clipLow, clipHigh, klPlace, klCoefficient, aggregation, temperature } = config;
  const constantLength = largest(
    groups.map(({ prompt }) => prompt.maxNewTokens),
    1,
  );
  const kl = klPlace === "loss" ? klCoefficient : 0;
  return policyGradient({ clipLow, clipHigh, klCoefficient: kl, aggregation, constantLength, temperature });
}

/** The tasks of a step. */
function drawnTasks({ config, memory, rng }: RlvrStep): Task[] {
  const pool = readPool(memory, typesOf(config.types), config.pool);
  return drawTasks(pool, config.tasks, rng.child("tasks"));
}

/** Groups of answers with their rewards. */
async function* answered(step: RlvrStep, tasks: readonly Task[], round: number): Stage<Group[]> {
  const { config, rng, verifier, policy, index } = step;
  const judging = new Judging(verifier);
  const draws = answerDraws(policy, `${index}/solve/${round}`, tasks, config);
  const sampling = { temperature: config.temperature, rng, ahead: judging };
  const groups = yield* phase("solve", rollout(policy, draws, sampling));
  yield* phase("reward", rewarded());
  return groups;

  async function* rewarded(): Stage<void> {
    yield* judging.settle(groups);
    yield* rewardSolvers(groups, config.rewardSource, rng.child("reward"));
    yield* penalizeLength(groups, config.overlongBuffer);
    if (config.klPlace !== "reward" || config.klCoefficient === 0) return;
    if (!step.reference) throw new Error("rlvr: the reward has a KL coefficient, and there is no reference policy");
    yield* penalizeKl(groups, step.reference, { coefficient: config.klCoefficient });
  }
}

/** DAPO: draws on until as many groups as wanted have a difference; groups without one are left out. */
async function* differing(step: RlvrStep): Stage<Group[]> {
  const { config, memory, rng } = step;
  const pool = readPool(memory, typesOf(config.types), config.pool);
  const order = drawTasks(pool, pool.length, rng.child("tasks"));
  const kept: Group[] = [];
  for (let round = 0; round < MOST_ROUNDS && kept.length < config.tasks && order.length > 0; round++) {
    const groups = yield* answered(step, order.splice(0, config.tasks - kept.length), round);
    for (const group of groups) if (isComparable(group.samples)) kept.push(group);
  }
  return kept;
}
