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
import { CRITICISE, JUDGE_SCORE, JUDGED, OBEDIENCE, READ_REVISIONS, UNIQUE } from "./rlaif-display";
import { DISTANCE } from "./rlhf-display";

const LABELS = ["judge", "shuffled"] as const;

/** Settings; `describe` below explains each. */
export interface RlaifConfig extends MethodConfig {
  readonly laws: string;
  readonly programs: number;
  readonly critique: boolean;
  readonly fineTuneSteps: number;
  readonly batch: number;
  readonly fineTuneRate: number;
  readonly comparisons: number;
  readonly labels: (typeof LABELS)[number];
  readonly direct: boolean;
  readonly layer: number;
  readonly proposals: number;
  readonly samples: number;
  readonly gate: boolean;
  readonly klCoefficient: number;
  readonly learningRate: number;
}

/** Constitutional AI, arXiv 2212.08073, and its direct variant, arXiv 2309.00267. */
export const rlaif: Method<RlaifConfig> = {
  name: "rlaif",
  title: "Constitutional AI",
  summary:
    "A model criticises and revises its own programs under a few laws, learns from that, and is then rewarded by its own judgement of which program keeps them better (Bai et al. 2022, arXiv 2212.08073).",
  defaults: {
    laws: "%,//,if",
    programs: 384,
    critique: true,
    fineTuneSteps: 40,
    batch: 32,
    fineTuneRate: 3e-4,
    comparisons: 384,
    labels: "judge",
    direct: false,
    layer: 2,
    proposals: 48,
    samples: 4,
    gate: true,
    klCoefficient: 0.05,
    learningRate: 1.5e-4,
  },
  describe: {
    laws: "The constitution, in order: % // * if 1 2 3 [ with commas between them. The first three are operators that are not used, `if` forbids branches and loops, a number is the most statements, [ wants a list.",
    programs: "Programs of the untrained policy that are criticised and revised before the first step.",
    critique: "Whether a revision is told what the critique found; if not (control), every program is revised blindly.",
    fineTuneSteps: "Steps of supervised learning from the revisions, before reinforcement learning begins. 0: none.",
    batch: "Revisions per step of that.",
    fineTuneRate: "Learning rate of its first step; it falls in a line to a tenth at the last.",
    comparisons: "Pairs of programs that the untrained policy judges when reinforcement learning begins.",
    labels: "The judgements, or (control) the same judgements of other pairs.",
    direct: "Whether the reward is the judge's own probability that a program keeps the laws, without a reward model.",
    layer: "Layer of the frozen base whose mean over a program the reward model reads.",
    proposals: "Prompts per step.",
    samples: "Programs per prompt; they are one group.",
    gate: "Whether a program that cannot become a task, or was written before in the step, earns 3 deviations less than the mean.",
    klCoefficient: "What one nat away from the base costs.",
    learningRate: "Constant learning rate of reinforcement learning.",
  },
  choices: { labels: LABELS },
  presets: { small: { programs: 96, comparisons: 96, proposals: 16, fineTuneSteps: 12, batch: 16 } },
  phases: [CRITICISE, READ_REVISIONS, PROPOSE, VERIFY, JUDGED, ADVANTAGE, UPDATE],
  gauges: [OBEDIENCE, JUDGE_SCORE, VALID_RATE, UNIQUE, DISTANCE, ENTROPY, GRADIENT_NORM],
  words: {
    constitution: {
      title: "Constitution",
      text: "A few laws, written down, by which a model judges and changes what it writes. People write the laws; they judge nothing.",
      see: ["evasion", "reward-model"],
    },
    evasion: {
      title: "Evasion",
      text: "Keeping every law by doing nothing: a program that returns its input breaks none. A model that refuses every question is harmless in the same way. So obedience is only worth something beside helpfulness.",
      see: ["constitution", "reward-hacking"],
    },
  },
  model: "kelvin-nano-judge",
  stage: "text",
  teacher: "itself",
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
const running = () => import("./rlaif-run");
