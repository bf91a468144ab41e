import { CREDITS } from "../advantage/credits";
import {
  ADVANTAGE,
  COMPLETION_LENGTH,
  ENTROPY,
  type GaugeInfo,
  GRADIENT_NORM,
  KL,
  type Method,
  type MethodConfig,
  type PhaseInfo,
  PROPOSE,
  REWARD,
  SOLVE,
  SOLVER_REWARD,
  TRACE_SHARE,
  UPDATE,
  VERIFY,
} from "../contracts";

/** Where variants come from: the policy itself, rules, or nowhere (the roots alone). */
const VARIANTS = ["own", "rules", "none"] as const;
/** In which order tasks are drawn: all mixed, as the paper has it, or rung after rung. */
const ORDERS = ["mixed", "rungs"] as const;
export type Order = (typeof ORDERS)[number];
const REWARDS = ["complete", "answer"] as const;

/** Settings; `describe` below explains each. */
export interface LadderConfig extends MethodConfig {
  readonly roots: number;
  readonly variants: (typeof VARIANTS)[number];
  readonly depth: number;
  readonly branches: number;
  readonly rejectRedundant: boolean;
  readonly order: Order;
  readonly tasks: number;
  readonly samples: number;
  readonly reward: (typeof REWARDS)[number];
  readonly denseSteps: number;
  readonly credit: (typeof CREDITS)[number];
  readonly stepsPerRoot: number;
  readonly klCoefficient: number;
  readonly learningRate: number;
  readonly temperature: number;
}

const SIMPLIFY: PhaseInfo = {
  ...PROPOSE,
  heading: "The model makes it easier",
  note: "The model makes easier variants of each hard task, then easier variants of those.[ It has written {proposals:variant}.] All steps in between are its own.",
  caption: "[It made {proposals:easier variant}.|It makes hard tasks easier.]",
};

const WHOLE: PhaseInfo = {
  ...REWARD,
  note: "A right answer whose trace has every statement earns +1, any other that can be read −0.5, an unreadable one −1.[ {right} of {rewarded} trained answers are right.]",
  caption: "Right, with every statement, earns +1: {right} of {rewarded} are right.",
};

const RUNG: GaugeInfo = {
  name: "rung",
  term: "rung",
  title: "Rung",
  short: "statements of the tasks being learned",
  metric: "ladder/rung",
  range: [0, 8],
  decimals: 0,
  meaning:
    "The length of the shortest tasks that are not mostly solved yet. When six of ten answers to them are right, the next length takes their place.",
};

const RUNG_RATE: GaugeInfo = {
  name: "rung-rate",
  term: "rung",
  title: "Solved on this rung",
  short: "moving share, right and complete",
  metric: "ladder/rate",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The moving share of right and complete answers to tasks of that length. At 0.6 the next one takes its place, and the share falls again.",
};

/** LADDER: hard tasks, a tree of easier variants by the model itself, practice from the bottom up. arXiv 2503.00735. */
export const ladder: Method<LadderConfig> = {
  name: "ladder",
  title: "LADDER",
  summary:
    "From a few tasks that it cannot solve the model makes easier and easier ones, and practises its way back up (Simonds and Yoshiyama 2025, arXiv 2503.00735).",
  defaults: {
    roots: 10,
    variants: "own",
    depth: 5,
    branches: 20,
    rejectRedundant: true,
    order: "mixed",
    tasks: 32,
    samples: 8,
    reward: "complete",
    denseSteps: 0,
    credit: "answer",
    stepsPerRoot: 0,
    klCoefficient: 0,
    learningRate: 1.5e-4,
    temperature: 1,
  },
  describe: {
    roots: "Hard tasks to start from, at most 30: programs of eight statements that ship with the method.",
    variants: "Where easier variants come from: the policy itself, or (controls) rules; `none` leaves the roots alone.",
    depth: "Rounds in which variants of variants are made.",
    branches: "Variants per root and round.",
    rejectRedundant: "Refuse variants with a statement that changes nothing.",
    order: "All variants mixed, as published, or rung after rung: half of each step from the highest open one.",
    tasks: "Tasks per step.",
    samples: "Answers per task; they are one group.",
    reward: "What counts as right: the answer with a trace that lists every statement, or (control) the answer alone.",
    denseSteps: "First steps, in which a trace earns the share of its lines that are right.",
    credit: "What is compared: whole answers, or the lines of worked deductions up to the first wrong one.",
    stepsPerRoot:
      "At test time: updates for each root that is not solved yet, on its own variants alone, before the weights are rolled back. 0: one policy learns from all roots.",
    klCoefficient: "Weight of the k3 estimate of KL(policy ‖ frozen base); 0.001 in the paper.",
    learningRate: "Peak learning rate: five warm-up steps, then linear decay to 0.3 of it.",
    temperature: "Sampling temperature of answers.",
  },
  choices: { variants: VARIANTS, order: ORDERS, reward: REWARDS, credit: CREDITS },
  presets: {
    small: { roots: 4, depth: 4, branches: 10, tasks: 8 },
    "test-time": { roots: 20, branches: 15, tasks: 16, stepsPerRoot: 30 },
  },
  phases: [SIMPLIFY, VERIFY, SOLVE, WHOLE, ADVANTAGE, UPDATE],
  gauges: [RUNG, RUNG_RATE, TRACE_SHARE, COMPLETION_LENGTH, SOLVER_REWARD, ENTROPY, KL, GRADIENT_NORM],
  words: {
    rung: {
      title: "Rung",
      text: "Tasks of one length, in statements. Short ones are solved first; what they teach makes the next rung solvable sometimes.",
      see: ["variant", "solver"],
    },
    variant: {
      title: "Variant",
      text: "A task made from a harder one by the model itself: fewer statements, or an earlier end. The {verifier} says what its answer is.",
      see: ["rung", "proposer"],
    },
  },
  model: "kelvin-nano-2",
  integrals: true,
  stage: "tasks",
  needs: ({ klCoefficient, stepsPerRoot }) => ({ reference: klCoefficient !== 0, rollBack: stepsPerRoot > 0 }),

  async *prepare(step) {
    yield* (await working()).prepare(step);
  },
  async *collect(step) {
    return yield* (await working()).collect(step);
  },
  async *measure(step) {
    return yield* (await working()).measure(step);
  },
};

/** What a run does is loaded when one begins: the page shows a method long before it trains. */
const working = () => import("./ladder-step");
