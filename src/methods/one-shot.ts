import {
  ADVANTAGE,
  CLIP_FRACTION,
  COMPLETION_LENGTH,
  ENTROPY,
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
import { EXAMPLE_REWARDS } from "../reward/reward";
import { EXAMPLE_RULES, type ExampleRule } from "./example-rules";

/** Settings; `describe` below explains each. */
export interface OneShotConfig extends MethodConfig {
  readonly groups: number;
  readonly samplesPerGroup: number;
  readonly exampleRule: ExampleRule;
  readonly candidates: number;
  readonly exampleProgram: string;
  readonly exampleInput: string;
  readonly rewardSource: (typeof EXAMPLE_REWARDS)[number];
  readonly learningRate: number;
  readonly klCoefficient: number;
  readonly entropyCoefficient: number;
  readonly clip: number;
  readonly temperature: number;
}

/** Reinforcement learning with a verifiable reward on a single example. arXiv 2504.20571. */
export const oneShot: Method<OneShotConfig> = {
  name: "one-shot",
  title: "1-shot RLVR",
  summary:
    "Group-relative policy optimisation on one repeated deduction task, with a small KL to the frozen base and an entropy bonus (Wang et al. 2025, arXiv 2504.20571).",
  defaults: {
    groups: 4,
    samplesPerGroup: 16,
    exampleRule: "lowest-direct-logprob",
    candidates: 128,
    exampleProgram: "",
    exampleInput: "",
    rewardSource: "verifier",
    learningRate: 1.5e-4,
    klCoefficient: 0.001,
    entropyCoefficient: 0.001,
    clip: 0.2,
    temperature: 1,
  },
  describe: {
    groups: "Groups per step, all of the same example.",
    samplesPerGroup: "Answers per group; they share one baseline.",
    exampleRule:
      "How the example is found: the task whose direct answer is least likely while its trace is reliable, the one whose answers vary most or (controls) least, one at random, or the one given by hand.",
    candidates: "Tasks to choose from: those that ship with the suites, else the untrained policy's own.",
    exampleProgram: "By hand: the program, with \\n for its line ends.",
    exampleInput: "By hand: the input.",
    rewardSource:
      "The verifier, or (controls) coin flips, the form of the answer alone, a wrong output as the right one, or nothing: the KL and entropy terms alone.",
    learningRate: "Constant learning rate.",
    klCoefficient: "Weight of the k3 estimate of KL(policy ‖ frozen base).",
    entropyCoefficient: "Weight of the entropy bonus.",
    clip: "How far a token's probability ratio may leave 1 before it stops counting.",
    temperature: "Sampling temperature of answers.",
  },
  choices: { exampleRule: EXAMPLE_RULES, rewardSource: EXAMPLE_REWARDS },
  presets: { small: { groups: 1, candidates: 64 } },
  phases: [SOLVE, REWARD, ADVANTAGE, UPDATE],
  gauges: [TRACE_SHARE, COMPLETION_LENGTH, SOLVER_REWARD, ENTROPY, KL, GRADIENT_NORM, CLIP_FRACTION],
  words: {
    "the-example": {
      title: "The example",
      text: "The one task that 1-shot RLVR trains on, step after step. It is chosen before the first step and stays the same.",
      see: ["group", "held-out"],
    },
  },
  stage: "tasks",
  needs: ({ klCoefficient }) => ({ reference: klCoefficient !== 0 }),

  async *prepare(step) {
    yield* (await running()).prepare(step);
  },
  async *collect(step) {
    return yield* (await running()).collect(step);
  },
};

/** What a run does is loaded when one begins: the page shows a method long before it trains. */
const running = () => import("./one-shot-run");
