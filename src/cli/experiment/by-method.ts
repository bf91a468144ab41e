/** Experiments on choosing to work step by step: each method with its controls. */
import { bestOfKl } from "../../reward/annotator";
import type { Arm, Experiment } from "./shape";

const HELD_OUT = { suites: ["fresh-in-distribution"], evaluateTasks: 400, evaluateEvery: 10 };

export const azr: Experiment = {
  name: "azr",
  question: "Does self-play raise held-out accuracy, and do rewards that say nothing leave it where it was?",
  arms: [
    { name: "AZR", short: "AZR", method: "azr", settings: {}, steps: 60 },
    {
      ...{ name: "random rewards on fixed tasks", short: "random", method: "azr", steps: 100, control: true },
      settings: { rewardSource: "random", trainProposer: false, proposals: 0, freshTasks: 0, seedTasks: 128 },
    },
  ],
  seeds: 2,
  ...HELD_OUT,
};

type Change = Pick<Arm, "name" | "short" | "settings" | "seeds">;

/**
 * First of 128 tasks by the variance of its accuracy over a training run (arXiv 2504.20571 §2):
 * `npm run train -- rlvr --adapter cpu --seed 1 --steps 60 --set types=deduction --set pool=128 --out DIR`, then `npm run rank -- DIR`.
 */
const FIRST_BY_HISTORY = {
  exampleRule: "by-hand",
  exampleProgram: "def f(x):\\n x=x+3\\n x=x+7\\n return x+8",
  exampleInput: "12",
};

/** Other examples, and rewards that say nothing true of the answer. */
const EXAMPLE_CONTROLS: readonly Change[] = [
  { name: "first by a run's history", short: "history", settings: FIRST_BY_HISTORY },
  { name: "highest-variance example", short: "variance", settings: { exampleRule: "historical-variance" } },
  { name: "lowest-variance example", short: "lowest", settings: { exampleRule: "lowest-variance" }, seeds: 2 },
  { name: "any example", short: "any", settings: { exampleRule: "random" }, seeds: 2 },
  { name: "reward for form", short: "form", settings: { rewardSource: "format" }, seeds: 2 },
  { name: "wrong label", short: "wrong", settings: { rewardSource: "wrong-label" }, seeds: 2 },
  { name: "entropy alone", short: "entropy", settings: { rewardSource: "none", klCoefficient: 0 }, seeds: 2 },
];

export const oneShot: Experiment = {
  name: "one-shot",
  question: "Does one example suffice, and does it matter which?",
  arms: [
    { name: "the rule's example", short: "rule", method: "one-shot", settings: {}, steps: 45 },
    ...EXAMPLE_CONTROLS.map((arm) => ({ method: "one-shot", steps: 45, control: true, ...arm })),
    {
      ...{ name: "the rule's example for 300 steps", short: "300 steps", method: "one-shot", settings: {}, steps: 300 },
      ...{ control: true, seeds: 2 },
    },
  ],
  seeds: 3,
  ...HELD_OUT,
};

/** Half a batch, one change each. */
const HALF = { proposals: 16, solverTasks: 16, freshTasks: 8 };
const PARTS: readonly Change[] = [
  { name: "deduction alone", short: "deduction", settings: { abduction: false, induction: false } },
  { name: "without induction", short: "no induction", settings: { induction: false } },
  { name: "without references", short: "no references", settings: { references: false } },
  { name: "proposer not trained", short: "solver", settings: { trainProposer: false } },
  { name: "edges punished", short: "edges", settings: { edges: "punished" } },
  { name: "baselines over tokens", short: "tokens", settings: { whitening: "tokens" } },
  { name: "bonus for complexity", short: "complexity", settings: { complexityBonus: 3 } },
  { name: "bonus for distance", short: "distance", settings: { distanceBonus: 0.5 } },
  { name: "bonus for surprise", short: "surprise", settings: { surpriseBonus: 0.3 } },
  { name: "half of the proposals composite", short: "composites", settings: { composites: 0.5 } },
  { name: "seeded by the identity alone", short: "identity", settings: { seedTasks: 1 } },
];

export const azrAblations: Experiment = {
  name: "azr-ablations",
  question: "What does each part of Absolute Zero add, at half a batch?",
  arms: [
    { name: "AZR", short: "AZR", method: "azr", settings: HALF, steps: 60 },
    ...PARTS.map(({ name, short, settings }) => ({
      ...{ name, short, method: "azr", settings: { ...HALF, ...settings }, steps: 60, control: true },
    })),
  ],
  seeds: 2,
  ...HELD_OUT,
  evaluateEvery: 20,
};

/** Every member of the family, and controls that say nothing of the answers. */
export const rlvr: Experiment = {
  name: "rlvr",
  question:
    "Does each member of the GRPO family find the skill, and do rewards that say nothing of the answer leave it?",
  arms: [
    ...["grpo", "dr-grpo", "rloo", "reinforce++", "reinforce++-baseline", "dapo"].map((preset) => ({
      ...{ name: preset, short: preset, method: "rlvr", preset, settings: {}, steps: 60 },
    })),
    {
      ...{ name: "random rewards", short: "random", method: "rlvr", steps: 60, control: true, seeds: 2 },
      settings: { rewardSource: "random" },
    },
    {
      ...{ name: "rewards for form", short: "form", method: "rlvr", steps: 60, control: true, seeds: 2 },
      settings: { rewardSource: "format" },
    },
    {
      ...{ name: "wrong labels", short: "wrong", method: "rlvr", steps: 60, control: true, seeds: 2 },
      settings: { rewardSource: "wrong-label" },
    },
    {
      ...{ name: "eight updates, no clip, 1e-3", short: "unclipped", method: "rlvr", steps: 60, control: true },
      ...{ settings: { updatesPerRollout: 8, clipLow: 1, clipHigh: 1e6, learningRate: 1e-3 }, seeds: 2 },
    },
  ],
  seeds: 3,
  ...HELD_OUT,
  evaluateEvery: 20,
};

/** The majority's labels against the true ones, and the case in which the majority is wrong. */
export const ttrl: Experiment = {
  name: "ttrl",
  question: "Does the majority of a model's own answers teach it, and when does it mislead?",
  arms: [
    { name: "majority", short: "majority", method: "ttrl", settings: {}, steps: 40 },
    { name: "true labels", short: "true", method: "ttrl", settings: { labels: "true" }, steps: 40, control: true },
    { name: "coin flips", short: "coins", method: "ttrl", settings: { labels: "random" }, steps: 40, control: true },
    {
      ...{ name: "majority, abduction alone, unwatched", short: "abduction", method: "ttrl", steps: 40, control: true },
      settings: { types: "abduction", monitor: false },
    },
  ],
  seeds: 3,
  ...HELD_OUT,
  evaluateEvery: 10,
};

/** Six epochs of 256 pairs, forty of 32, and pairs that teach nothing or something wrong. */
export const sft: Experiment = {
  name: "sft",
  question: "How many worked examples does the skill take, and what do bare or wrong answers teach?",
  arms: [
    { name: "256 worked pairs", short: "256", method: "sft", settings: {}, steps: 48 },
    { name: "32 worked pairs", short: "32", method: "sft", settings: { pairs: 32 }, steps: 40 },
    {
      name: "256 bare answers",
      short: "bare",
      method: "sft",
      settings: { answers: "direct" },
      steps: 48,
      control: true,
    },
    {
      name: "256 wrong values",
      short: "wrong",
      method: "sft",
      settings: { answers: "wrong" },
      steps: 48,
      control: true,
    },
  ],
  seeds: 3,
  ...HELD_OUT,
  evaluateEvery: 8,
};

/** How many choices it takes, what the price of distance does, and what pleasing the model is worth to the judge. */
export const rlhf: Experiment = {
  name: "rlhf",
  question:
    "Does the policy learn what a judge likes from choices alone, and when does it learn to please the model instead?",
  arms: [
    { name: "128 choices", short: "128", method: "rlhf", settings: {}, steps: 60 },
    { name: "512 choices", short: "512", method: "rlhf", settings: { choices: 512 }, steps: 60 },
    { name: "32 choices", short: "32", method: "rlhf", settings: { choices: 32 }, steps: 60 },
    {
      ...{ name: "the judge itself", short: "gold", method: "rlhf", steps: 60, control: true },
      settings: { rewardSource: "gold" },
    },
    {
      ...{ name: "coins for choices", short: "coin", method: "rlhf", settings: { judge: "coin" }, steps: 60 },
      ...{ control: true, seeds: 2 },
    },
    ...[0, 0.02, 0.2].map((klCoefficient) => ({
      ...{ name: `32 choices, distance costs ${klCoefficient}`, short: `β ${klCoefficient}`, method: "rlhf" },
      ...{ settings: { choices: 32, klCoefficient }, steps: klCoefficient === 0 ? 150 : 60, control: true, seeds: 2 },
    })),
  ],
  seeds: 3,
  ...{ suites: ["fresh-in-distribution"], evaluateTasks: 100, evaluateEvery: 20 },
  columns: [
    { title: "what the judge likes", metric: "preference/gold" },
    { title: "reward model's score", metric: "preference/proxy" },
    { title: "nats from the base", metric: "preference/kl" },
    { title: "valid", metric: "valid/rate" },
    { title: "different programs", metric: "unique/share" },
    { title: "model's accuracy", suite: "rlhf", measure: "preference/accuracy" },
    { title: "choices foretold", suite: "rlhf", measure: "preference/foretold" },
    { title: "wins over the base", suite: "rlhf", measure: "preference/wins" },
  ],
  curve: {
    suite: "rlhf",
    measure: "preference/wins",
    title: "programs that the judge likes better than the base's, percent",
  },
  plane: {
    across: { metric: "preference/kl", title: "d = √ (nats from the base)" },
    up: ["preference/gold", "preference/proxy"],
    title: "what the judge likes (lines) and what the reward model scores (dotted)",
  },
};

/** The control without training: the base's programs, of which the reward model picks one. */
export const bestOfN: Experiment = {
  name: "best-of-n",
  question: "How far does the reward model of RLHF get by picking among the base's programs, without training?",
  arms: [32, 128, 512].map((choices) => ({
    ...{ name: `${choices} choices`, short: `${choices}`, method: "rlhf", settings: { choices }, steps: 1 },
  })),
  seeds: 3,
  ...{ suites: ["fresh-in-distribution"], evaluateTasks: 24, evaluateEvery: 1 },
  curve: { suite: "rlhf", measure: "preference/wins", title: "wins over the base, percent" },
  columns: [1, 4, 16, 64].map((n) => ({
    title: `best of ${n} (${bestOfKl(n).toFixed(1)} nats) wins over one at random`,
    ...{ suite: "rlhf", measure: `preference/bestOf${n}` },
  })),
};

const FEW_PROPOSALS = { proposals: 16, freshTasks: 8 };
/** The same self-play with a verifier that can be fooled and with one that cannot, from a model that has seen how. */
export const rewardHacking: Experiment = {
  name: "reward-hacking",
  question: "What does a policy that has seen a trick do with it, if the verifier lets it pass, and if not?",
  arms: [
    {
      ...{ name: "lenient verifier", short: "lenient", method: "azr", steps: 40, from: "shown the trick" },
      settings: { ...FEW_PROPOSALS, judging: "lenient", rejectNondeterministic: false },
    },
    {
      ...{ name: "strict verifier", short: "strict", method: "azr", steps: 40, from: "shown the trick", control: true },
      settings: FEW_PROPOSALS,
    },
    {
      ...{ name: "shown the trick", short: "shown", method: "sft", steps: 26, control: true },
      settings: { answers: "leak", types: "deduction", pairs: 32, batch: 16 },
    },
  ],
  seeds: 3,
  ...HELD_OUT,
  evaluateEvery: 20,
  columns: [
    { title: "held-out deduction", suite: "fresh-in-distribution", measure: "deduction/greedy" },
    { title: "held-out abduction", suite: "fresh-in-distribution", measure: "abduction/greedy" },
    { title: "answers that are no value", metric: "answers/expressions" },
    { title: "deductions paid as right", metric: "accuracy/solver/deduction" },
    { title: "reward of deductions", metric: "reward/solver/deduction" },
  ],
};

const SMALL = { method: "azr", preset: "small", steps: 30 };
const FAST = { solverTasks: 16, learningRate: 4e-4 };

export const idleStatements: Experiment = {
  name: "idle-statements",
  question:
    "Does self-play learn more in 30 small updates if proposals with a statement that changes nothing are refused?",
  arms: [
    { name: "refused", short: "refused", ...SMALL, settings: { ...FAST, rejectRedundant: true } },
    { name: "admitted", short: "admitted", ...SMALL, settings: { ...FAST, rejectRedundant: false }, control: true },
  ],
  seeds: 3,
  ...{ suites: ["fresh-in-distribution", "fresh-long-5"], evaluateTasks: 200, evaluateEvery: 10 },
};
