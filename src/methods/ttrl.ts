import {
  ADVANTAGE,
  COMPLETION_LENGTH,
  ENTROPY,
  type GaugeInfo,
  GRADIENT_NORM,
  type Method,
  type MethodConfig,
  type PhaseInfo,
  SOLVE,
  TRACE_SHARE,
  UPDATE,
} from "../contracts";
import { PRACTICE_TYPES, type PracticeTypes } from "./practice-types";

const LABELS = ["majority", "true", "random"] as const;

/** Settings; `describe` below explains each. */
export interface TtrlConfig extends MethodConfig {
  readonly types: PracticeTypes;
  readonly pool: number;
  readonly tasks: number;
  readonly samples: number;
  readonly labels: (typeof LABELS)[number];
  readonly monitor: boolean;
  readonly learningRate: number;
  readonly temperature: number;
}

const VOTE: PhaseInfo = {
  name: "vote",
  work: "judging",
  title: "Vote",
  heading: "The answers vote",
  note: "The answers to a prompt vote. What most of them say counts as right and earns 1, all else 0. Nobody tells the model whether it is right.",
  caption: "Most votes win. Nobody says whether they are right.",
};

const MAJORITY: GaugeInfo = {
  name: "majority",
  term: "majority",
  title: "Majority",
  short: "votes for the most frequent answer",
  metric: "vote/ratio",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of readable answers that agree with the most frequent one. It rises when the model learns, and it rises when it collapses: only the labels' truth tells which.",
};

const LABEL_TRUTH: GaugeInfo = {
  name: "label-truth",
  term: "label-truth",
  title: "Labels that are true",
  short: "looked up, never trained on",
  metric: "vote/true",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of labels that the verifier finds right. Training does not see it. If it falls while the majority rises, the model learns to agree on something wrong.",
};

const TRACE_PAYS: GaugeInfo = {
  name: "trace-pays",
  term: "majority",
  title: "What a trace earns",
  short: "more than a bare answer",
  metric: "vote/tracePays",
  range: [-0.5, 0.5],
  decimals: 2,
  meaning:
    "The mean reward of answers with a trace, less that of bare ones. Its sign foretells the run, and no label is needed: above 0 traces spread, and with them the skill; below 0 they vanish, and the model agrees on guesses.",
};

/** Test-time reinforcement learning: the majority of the model's own answers is the label. arXiv 2504.16084. */
export const ttrl: Method<TtrlConfig> = {
  name: "ttrl",
  title: "TTRL",
  summary:
    "Learning without labels: the model answers each prompt many times, and the majority of its own answers counts as right (Zuo et al. 2025, arXiv 2504.16084).",
  defaults: {
    types: "deduction",
    pool: 256,
    tasks: 16,
    samples: 16,
    labels: "majority",
    monitor: true,
    learningRate: 1.5e-4,
    temperature: 1,
  },
  describe: {
    types: "Task types of the prompts. Many inputs solve an abduction, so its votes split and the labels go wrong.",
    pool: "Prompts, without their answers.",
    tasks: "Prompts per step.",
    samples: "Answers per prompt; all of them vote.",
    labels: "The majority of the answers, or (controls) the true answer, or coin flips.",
    monitor: "Whether the run stops when answers agree more and more and traces become rare.",
    learningRate: "Constant learning rate.",
    temperature: "Sampling temperature of answers.",
  },
  choices: { types: PRACTICE_TYPES, labels: LABELS },
  presets: { small: { pool: 64, tasks: 8, samples: 8 } },
  phases: [SOLVE, VOTE, ADVANTAGE, UPDATE],
  gauges: [TRACE_SHARE, MAJORITY, TRACE_PAYS, LABEL_TRUTH, COMPLETION_LENGTH, ENTROPY, GRADIENT_NORM],
  words: {
    majority: {
      title: "Majority",
      text: "The answer that most of the tries at one prompt give. In test-time reinforcement learning it is the label: who agrees with it earns 1. A tie has no label, and the prompt teaches nothing.",
      see: ["group", "reward"],
    },
    "label-truth": {
      title: "Label truth",
      text: "How often the majority is right. It is looked up beside the run, by the verifier, and nothing learns from it.",
      see: ["majority", "verifier"],
    },
  },
  stage: "tasks",
  teacher: "itself",
  needs: () => ({}),

  async *prepare(step) {
    yield* (await running()).prepare(step);
  },
  async *collect(step) {
    return yield* (await running()).collect(step);
  },
};

/** What a run does is loaded when one begins: the page shows a method long before it trains. */
const running = () => import("./ttrl-run");
