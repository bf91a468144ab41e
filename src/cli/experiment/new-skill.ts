/** Experiments on what the shipped model cannot do at all, and on runs that go on for long. */
import type { Column, Experiment } from "./shape";

const LONG_SUITES = [5, 6, 7, 8].map((statements) => `fresh-long-${statements}`);
/** Right with every statement in the trace, greedily after a forced `<think>`: how far the skill reaches, whatever the habit. */
const REACH: readonly Column[] = [
  { title: "up to 4 statements", suite: "fresh-in-distribution", measure: "deduction/forcedComplete" },
  ...LONG_SUITES.map((suite) => ({ title: suite.slice(-1), suite, measure: "deduction/forcedComplete" })),
];
const NEW_SKILL = {
  model: "kelvin-nano-2",
  suites: ["fresh-long-5", ...LONG_SUITES.slice(1), "fresh-in-distribution"],
  ...{ evaluateTasks: 200, evaluateEvery: 50, columns: REACH },
  curve: {
    suite: "fresh-long-5",
    measure: "deduction/complete",
    title: "programs of five statements, right and complete, percent",
  },
} as const;

/** Climbing rung by rung, and comparing line by line. */
const BY_LINE = { order: "rungs", credit: "line" } as const;

/** Ten tasks of eight statements, their trees, and what is left of it without the parts. */
export const ladder: Experiment = {
  name: "ladder",
  question: "Do tasks that a model makes easier by itself teach it what it could not do?",
  ...NEW_SKILL,
  columns: [...REACH.slice(2), ...REACH.slice(0, 2)],
  arms: [
    { name: "LADDER, as published", short: "LADDER", method: "ladder", settings: {}, steps: 150 },
    { name: "LADDER, rungs and lines", short: "lines", method: "ladder", settings: BY_LINE, steps: 150 },
    {
      ...{ name: "variants by rule", short: "rules", method: "ladder", settings: { variants: "rules" }, steps: 150 },
      ...{ control: true, seeds: 2 },
    },
    {
      ...{ name: "roots alone", short: "roots", method: "ladder", settings: { variants: "none" }, steps: 150 },
      ...{ control: true, seeds: 2 },
    },
    {
      ...{ name: "answers alone are paid, luck too", short: "luck", method: "ladder", steps: 150 },
      ...{ settings: { reward: "answer", rejectRedundant: false }, control: true, seeds: 2 },
    },
  ],
  seeds: 3,
};

/** The same on integrals, the paper's own tasks. */
export const integrals: Experiment = {
  name: "ladder-integrals",
  question: "Does the same teach integrals of eight terms?",
  model: "kelvin-nano-integrals",
  suites: [...LONG_SUITES, "fresh-in-distribution"],
  ...{ evaluateTasks: 200, evaluateEvery: 50 },
  columns: [
    ...LONG_SUITES.toReversed().map((suite) => ({ title: suite.slice(-1), suite, measure: "integration/greedy" })),
    { title: "2 to 4 terms", suite: "fresh-in-distribution", measure: "integration/greedy" },
  ],
  curve: {
    suite: "fresh-long-5",
    measure: "integration/greedy",
    title: "integrals of five terms, right, percent, by step",
  },
  arms: [
    { name: "LADDER", short: "LADDER", method: "ladder", settings: {}, steps: 150 },
    {
      ...{ name: "variants by rule", short: "rules", method: "ladder", settings: { variants: "rules" }, steps: 150 },
      ...{ control: true, seeds: 2 },
    },
    {
      ...{ name: "roots alone", short: "roots", method: "ladder", settings: { variants: "none" }, steps: 150 },
      ...{ control: true, seeds: 2 },
    },
  ],
  seeds: 3,
};

/** Deductions alone; programs grow because a proposal may run on what an earlier short program leaves. */
const GROWING = {
  ...{ abduction: false, induction: false, rejectRedundant: true, longReferences: 0.5, composites: 0.5 },
  ...{ proposals: 128, solverTasks: 192, freshTasks: 128 },
} as const;

/** Self-play whose tasks can grow, against practice on a pool that cannot. */
export const growing: Experiment = {
  name: "growing",
  question: "Does self-play teach longer programs than a fixed pool of short ones does?",
  ...NEW_SKILL,
  columns: [...REACH.slice(1), ...REACH.slice(0, 1)],
  arms: [
    { name: "self-play on composites", short: "self-play", method: "azr", settings: GROWING, steps: 200 },
    {
      ...{ name: "a fixed pool", short: "pool", method: "rlvr", steps: 200, control: true },
      // As many sampled tokens a step, within a tenth.
      settings: { types: "deduction", tasks: 64, samples: 8 },
    },
  ],
  seeds: 3,
};

/** Twenty seeds, three times as long as a usual run. */
export const collapse: Experiment = {
  name: "collapse",
  question: "Does self-play collapse if it goes on for 300 steps?",
  arms: [{ name: "AZR", short: "AZR", method: "azr", settings: {}, steps: 300 }],
  seeds: 20,
  ...{ suites: ["fresh-in-distribution"], evaluateTasks: 200, evaluateEvery: 25 },
};
