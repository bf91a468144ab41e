import { type GaugeInfo, GRADIENT_NORM, type Method, type MethodConfig, type PhaseInfo, UPDATE } from "../contracts";
import { PRACTICE_TYPES, type PracticeTypes } from "./practice-types";

const ANSWERS = ["worked", "direct", "wrong", "leak"] as const;
export type Answers = (typeof ANSWERS)[number];

/** Settings; `describe` below explains each. */
export interface SftConfig extends MethodConfig {
  readonly types: PracticeTypes;
  readonly pairs: number;
  readonly answers: Answers;
  readonly batch: number;
  readonly learningRate: number;
}

const READ: PhaseInfo = {
  name: "read",
  work: "comparing",
  title: "Read",
  heading: "Examples are read",
  note: "The model reads [{samples:example}|examples] with their answers and says how likely each token is to it. The less likely a token, the more it counts.",
  caption: "It reads answers that others wrote.",
};

const LEARN: PhaseInfo = {
  ...UPDATE,
  note: "One gradient step moves all weights, so that every token of the answers becomes a little likelier.[ It was made from {tokens} tokens[; the gradient had norm {norm}].]",
};

const LOSS: GaugeInfo = {
  name: "loss",
  term: "likelihood",
  title: "Loss",
  short: "nats per token of the answers",
  metric: "policy/loss",
  range: [0, 0.5],
  decimals: 3,
  meaning:
    "How unlikely the model finds the answers it is shown, in nats per token. It goes on falling after the skill has stopped growing: then the pairs are learned by heart.",
};

/** Supervised fine-tuning on few examples. arXiv 2305.11206 (LIMA). */
export const sft: Method<SftConfig> = {
  name: "sft",
  title: "Few-shot SFT",
  summary:
    "Supervised fine-tuning on a few worked examples: no reward, no search, the honest rival of every method here (Zhou et al. 2023, LIMA, arXiv 2305.11206).",
  defaults: { types: "both", pairs: 256, answers: "worked", batch: 32, learningRate: 3e-4 },
  describe: {
    types: "Task types of the examples.",
    pairs:
      "Examples: tasks that the untrained policy proposes, with answers made by running them. A file of pairs takes their place.",
    answers:
      "Worked step by step, or (controls) the bare answer, worked with wrong values, or the name of the right value in place of it, which only a lenient verifier takes.",
    batch: "Examples per step.",
    learningRate: "Learning rate of the first step; it falls in a line to a tenth at the last.",
  },
  choices: { types: PRACTICE_TYPES, answers: ANSWERS },
  presets: { small: { pairs: 64, batch: 16 } },
  phases: [READ, LEARN],
  gauges: [LOSS, GRADIENT_NORM],
  words: {
    likelihood: {
      title: "Likelihood",
      text: "How probable the model finds an answer that it is shown. Supervised fine-tuning raises it, token by token; no reward is involved.",
      see: ["token", "loss"],
    },
  },
  stage: "text",
  teacher: "examples",
  needs: () => ({}),

  async *prepare(step) {
    yield* (await running()).prepare(step);
  },
  async *collect(step) {
    return yield* (await running()).collect(step);
  },
};

/** What a run does is loaded when one begins: the page shows a method long before it trains. */
const running = () => import("./sft-run");
