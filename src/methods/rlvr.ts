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
  KL,
  type Method,
  type MethodConfig,
  REWARD,
  SOLVE,
  SOLVER_REWARD,
  TRACE_SHARE,
  UPDATE,
} from "../contracts";
import { ANSWER_REWARDS, type RewardSource } from "../reward/reward";
import { PRACTICE_TYPES, type PracticeTypes } from "./practice-types";

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

  async *prepare(step) {
    yield* (await running()).prepare(step);
  },
  async *collect(step) {
    return yield* (await running()).collect(step);
  },
};

/** What a run does is loaded when one begins: the page shows a method long before it trains. */
const running = () => import("./rlvr-run");
