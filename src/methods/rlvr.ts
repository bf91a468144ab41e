import { credited, isComparable } from "../advantage/family";
import {
  ADVANTAGE,
  type Aggregation,
  BASELINES,
  type Baseline,
  CLIP_FRACTION,
  COMPLETION_LENGTH,
  ENTROPY,
  FAMILY,
  GRADIENT_NORM,
  type Group,
  KL,
  type Lesson,
  largest,
  type Method,
  type MethodConfig,
  type PolicyGradient,
  REWARD,
  SOLVE,
  SOLVER_REWARD,
  type Stage,
  type Step,
  type Task,
  TRACE_SHARE,
  UPDATE,
} from "../contracts";
import { penalizeKl } from "../reward/kl";
import { penalizeLength } from "../reward/overlong";
import { ANSWER_REWARDS, type RewardSource, rewardSolvers } from "../reward/reward";
import { phase } from "../rollout/phase";
import { rollout } from "../rollout/rollout";
import { Judging } from "../tasks/judge";
import { policyGradient, policyLesson } from "./lesson";
import { answerDraws, drawTasks, fillPool, PRACTICE_TYPES, type PracticeTypes, readPool, typesOf } from "./practice";

const AGGREGATIONS = ["token-mean", "sequence-mean", "constant-length"] as const satisfies readonly Aggregation[];
const KL_PLACES = ["none", "loss", "reward"] as const;

/** Settings; `describe` below explains each. */
export interface RlvrConfig extends MethodConfig {
  readonly types: PracticeTypes;
  readonly pool: number;
  readonly tasks: number;
  readonly samples: number;
  readonly baseline: Baseline;
  readonly aggregation: (typeof AGGREGATIONS)[number];
  readonly klPlace: (typeof KL_PLACES)[number];
  readonly klCoefficient: number;
  readonly clipLow: number;
  readonly clipHigh: number;
  readonly dynamicSampling: boolean;
  readonly overlongBuffer: number;
  readonly updatesPerRollout: number;
  readonly rewardSource: RewardSource;
  readonly learningRate: number;
  readonly temperature: number;
}

/** Rounds in which groups without a difference are drawn anew. arXiv 2503.14476 §3.2. */
const MOST_ROUNDS = 10;

/** Reinforcement learning with verifiable rewards: the GRPO family, one switch for each of its differences. */
export const rlvr: Method<RlvrConfig> = {
  name: "rlvr",
  title: "RLVR",
  summary:
    "Reinforcement learning with verifiable rewards on a fixed pool of tasks: GRPO and its family, told apart by five switches (Shao et al. 2024, arXiv 2402.03300).",
  defaults: {
    types: "both",
    pool: 256,
    tasks: 16,
    samples: 8,
    baseline: "group",
    aggregation: "sequence-mean",
    klPlace: "loss",
    klCoefficient: 0.001,
    clipLow: 0.2,
    clipHigh: 0.2,
    dynamicSampling: false,
    overlongBuffer: 0,
    updatesPerRollout: 1,
    rewardSource: "verifier",
    learningRate: 1.5e-4,
    temperature: 1,
  },
  describe: {
    types: "Task types of the pool.",
    pool: "Tasks of the pool. The untrained policy proposes them, and the verifier checks them, before the first step.",
    tasks: "Tasks per step.",
    samples: "Answers per task; they are one group.",
    baseline: "What a reward is compared with, and what the difference is divided by.",
    aggregation:
      "What the loss is a mean of: all tokens, the means of all answers, or a constant length of every answer.",
    klPlace: "Where the distance to the frozen base counts: nowhere, in the loss, or in the reward.",
    klCoefficient: "Its weight.",
    clipLow: "How far below 1 a token's probability ratio counts.",
    clipHigh: "How far above 1.",
    dynamicSampling: "Whether groups that are all right or all wrong are replaced by others.",
    overlongBuffer: "Tokens before the limit in which an answer loses up to 1; 0 switches it off.",
    updatesPerRollout: "Updates from the same answers. From the second on ratios are live.",
    rewardSource:
      "The verifier, or (controls) coin flips, the form of the answer alone, or a wrong output as the right one.",
    learningRate: "Constant learning rate.",
    temperature: "Sampling temperature of answers.",
  },
  choices: {
    types: PRACTICE_TYPES,
    baseline: BASELINES,
    aggregation: AGGREGATIONS,
    klPlace: KL_PLACES,
    rewardSource: ANSWER_REWARDS,
  },
  presets: {
    small: { pool: 64, tasks: 8 },
    grpo: { ...FAMILY.grpo },
    "dr-grpo": { ...FAMILY["dr-grpo"], klPlace: "none", klCoefficient: 0 },
    rloo: { ...FAMILY.rloo, klPlace: "reward", klCoefficient: 0.05 },
    "reinforce++": { ...FAMILY["reinforce++"], klPlace: "reward", klCoefficient: 0.001 },
    "reinforce++-baseline": { ...FAMILY["reinforce++-baseline"] },
    dapo: {
      ...{ ...FAMILY.dapo, klPlace: "none", klCoefficient: 0, clipHigh: 0.28 },
      ...{ dynamicSampling: true, overlongBuffer: 16 },
    },
  },
  phases: [SOLVE, REWARD, ADVANTAGE, UPDATE],
  gauges: [TRACE_SHARE, COMPLETION_LENGTH, SOLVER_REWARD, ENTROPY, KL, GRADIENT_NORM, CLIP_FRACTION],
  words: {
    pool: {
      title: "Pool",
      text: "The tasks that a run of RLVR practises on, the same from the first step to the last. The model proposed them itself before training; held-out tasks are others.",
      see: ["group", "held-out"],
    },
  },
  stage: "tasks",
  needs: ({ klPlace, klCoefficient }) => ({ reference: klPlace !== "none" && klCoefficient !== 0 }),

  prepare: (step) => fillPool(step, typesOf(step.config.types), step.config.pool),

  async *collect(step) {
    const { config } = step;
    const drawn = config.dynamicSampling ? yield* differing(step) : yield* answered(step, drawnTasks(step), 0);
    yield* phase("advantage", credited(drawn, config.baseline));
    const lesson = policyLesson(drawn, rlvrLoss(config, drawn), config.learningRate, "drawn");
    return new Array<Lesson>(config.updatesPerRollout).fill(lesson);
  },
};

type RlvrStep = Step<RlvrConfig>;

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
