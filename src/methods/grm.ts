import {
  ADVANTAGE,
  ENTROPY,
  GRADIENT_NORM,
  KL,
  type Method,
  type MethodConfig,
  PROPOSE,
  UPDATE,
  VERIFY,
} from "../contracts";
import { COMPARE, GAP, JUDGE, JUDGED_RIGHT, READ_JUDGEMENTS, READABLE, TIES, TRY } from "./grm-display";

const JUDGEMENTS = ["worked", "score"] as const;
const PRINCIPLES = ["own", "none", "random"] as const;
const HINTS = ["tenth", "none", "only"] as const;
const REWARDS = ["best", "threshold"] as const;
const LEARNERS = ["judge", "solver"] as const;

/** Settings; `describe` below explains each. */
export interface GrmConfig extends MethodConfig {
  readonly learner: (typeof LEARNERS)[number];
  readonly queries: number;
  readonly judgement: (typeof JUDGEMENTS)[number];
  readonly principles: (typeof PRINCIPLES)[number];
  readonly fineTuneSteps: number;
  readonly hints: (typeof HINTS)[number];
  readonly reward: (typeof REWARDS)[number];
  readonly tasks: number;
  readonly samples: number;
  readonly solverVotes: number;
  readonly klCoefficient: number;
  readonly learningRate: number;
  readonly exam: number;
  readonly votes: number;
  readonly copies: boolean;
  readonly metaQueries: number;
  readonly longTasks: number;
}

/** A generative reward model trained by self-principled critique tuning. arXiv 2504.02495. */
export const grm: Method<GrmConfig> = {
  name: "grm",
  title: "GRM",
  summary:
    "The model learns to judge: it writes what counts, checks a try line by line and gives a score; many judgements of one try are added up (Liu et al. 2025, SPCT, arXiv 2504.02495).",
  defaults: {
    learner: "judge",
    queries: 512,
    judgement: "worked",
    principles: "own",
    fineTuneSteps: 24,
    hints: "tenth",
    reward: "best",
    tasks: 32,
    samples: 4,
    solverVotes: 4,
    klCoefficient: 0.02,
    learningRate: 1e-4,
    exam: 64,
    votes: 32,
    copies: false,
    metaQueries: 64,
    longTasks: 48,
  },
  describe: {
    learner: "Who learns: the judge, or a solver whose only reward is the mean score that the frozen judge gives.",
    queries: "Queries with two tries each: answers, programs and proposals of the untrained policy.",
    judgement: "Worked out, with what counts and a check of each line, or (control) the score at once.",
    principles: "What counts: written by the judge, or (controls) left out, or that of another kind of query.",
    fineTuneSteps: "First steps, in which the model reads its own right judgements (rejective fine-tuning).",
    hints:
      "How many of these judgements were told their score: a tenth, none, or (a failure to see) all. Others are kept only if they are right.",
    reward: "+1 if the better try has the strictly higher score, or if each score is on the right side of 5; else −1.",
    tasks: "Queries per step, of which both tries are judged, or tasks.",
    samples: "Judgements per try, or answers per task; they are one group.",
    solverVotes: "Judgements per answer, where a solver learns.",
    klCoefficient: "Weight of the k3 estimate of KL(policy ‖ frozen base). At 0 scores may become constant.",
    learningRate: "Constant learning rate.",
    exam: "Held-out queries at each evaluation; at most a quarter of all queries are kept for it.",
    votes: "Most judgements per try that are added up, before the first step and after the last one.",
    copies: "Control: all votes are copies of one judgement.",
    metaQueries: "Training queries whose judgements teach the meta reward model; 0: there is none.",
    longTasks: "Tasks of each suite of long programs, where a run has some, whose solver is compared with its judge.",
  },
  choices: { learner: LEARNERS, judgement: JUDGEMENTS, principles: PRINCIPLES, hints: HINTS, reward: REWARDS },
  presets: {
    small: { queries: 96, fineTuneSteps: 8, tasks: 8, exam: 24, votes: 8, metaQueries: 16, longTasks: 16 },
  },
  phases: [PROPOSE, VERIFY, TRY, READ_JUDGEMENTS, JUDGE, COMPARE, ADVANTAGE, UPDATE],
  gauges: [JUDGED_RIGHT, TIES, READABLE, GAP, ENTROPY, KL, GRADIENT_NORM],
  words: {
    judgement: {
      title: "Judgement",
      text: "What the model writes about a try: what counts, a check of each line from the value before it, and a score from 0 to 10. Each try is judged by itself.",
      see: ["vote", "verifier"],
    },
    vote: {
      title: "Vote",
      text: "Several judgements of each try, drawn at temperature 1, whose scores are added up. The try with the larger sum wins; equal sums draw.",
      see: ["judgement", "meta-model"],
    },
    "meta-model": {
      title: "Meta reward model",
      text: "A small model that reads judgements and says which to trust. Guided votes add up only the better half.",
      see: ["vote", "judgement"],
    },
  },
  model: "kelvin-nano-judge",
  stage: "text",
  teacher: "itself",
  needs: ({ klCoefficient, learner }) => ({ reference: klCoefficient !== 0 || learner === "solver" }),

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
const running = () => import("./grm-run");
