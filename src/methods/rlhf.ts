import {
  ADVANTAGE,
  ENTROPY,
  GRADIENT_NORM,
  type Method,
  type MethodConfig,
  PROPOSE,
  UPDATE,
  VALID_RATE,
  VERIFY,
} from "../contracts";
import { ANNOTATORS } from "../reward/annotator";
import type { Judge } from "./preferences";
import { CHOOSE, DISTANCE, GOLD, PROXY, SCORE } from "./rlhf-display";

const JUDGES = [...ANNOTATORS, "you"] as const satisfies readonly Judge[];
const REWARDS = ["model", "gold"] as const;

/** Settings; `describe` below explains each. */
export interface RlhfConfig extends MethodConfig {
  readonly judge: Judge;
  readonly choices: number;
  readonly candidates: number;
  readonly layer: number;
  readonly proposals: number;
  readonly samples: number;
  readonly rewardSource: (typeof REWARDS)[number];
  readonly gate: boolean;
  readonly klCoefficient: number;
  readonly learningRate: number;
}

/** Reinforcement learning from human feedback. arXiv 2203.02155; over-optimization: arXiv 2210.10760. */
export const rlhf: Method<RlhfConfig> = {
  name: "rlhf",
  title: "RLHF",
  summary:
    "Somebody says which of two programs is better; a reward model learns it from the choices, and the policy learns to please the reward model (Ouyang et al. 2022, arXiv 2203.02155).",
  defaults: {
    judge: "mixed",
    choices: 128,
    candidates: 512,
    layer: 2,
    proposals: 64,
    samples: 4,
    rewardSource: "model",
    gate: true,
    klCoefficient: 0.05,
    learningRate: 1.5e-4,
  },
  describe: {
    judge: "Who chooses: a simulated annotator, `coin` (control), or you.",
    choices: "Pairs that are asked before the first step.",
    candidates: "Programs of the untrained policy, of which the pairs are made.",
    layer: "Layer of the frozen base whose mean over a program the reward model reads.",
    proposals: "Prompts per step.",
    samples: "Programs per prompt; they are one group.",
    rewardSource: "The reward model, or (control) what the annotator really likes.",
    gate: "Whether a program earns 3 deviations less than the base's mean if it cannot become a task, or was written before in the step.",
    klCoefficient: "What one nat away from the base costs.",
    learningRate: "Constant learning rate.",
  },
  choices: { judge: JUDGES, rewardSource: REWARDS },
  presets: {
    small: { choices: 32, candidates: 128, proposals: 16 },
    you: { judge: "you", choices: 24, candidates: 128, proposals: 16 },
  },
  phases: [CHOOSE, PROPOSE, VERIFY, SCORE, ADVANTAGE, UPDATE],
  gauges: [PROXY, GOLD, DISTANCE, VALID_RATE, ENTROPY, GRADIENT_NORM],
  words: {
    annotator: {
      title: "Annotator",
      text: "Who says which of two things is better. A simulated one has a taste that is known, and errs where two are close; so a run can be measured against what it really likes.",
      see: ["reward-model", "over-optimization"],
    },
  },
  stage: "text",
  teacher: "you",
  needs: () => ({ reference: true }),

  async *prepare(step) {
    yield* (await running()).prepare(step);
  },
  async *collect(step) {
    return yield* (await running()).collect(step);
  },
  async *measure(step) {
    return yield* (await running()).measure(step);
  },
};

/** What a run does is loaded when one begins: the page shows a method long before it trains. */
const running = () => import("./rlhf-run");
