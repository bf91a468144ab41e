/** Experiments on what the shipped model cannot do at all, and on runs that go on for long. */
import type { Arm, Column, Experiment } from "./shape";

const LONG_SUITES = [5, 6, 7, 8].map((statements) => `fresh-long-${statements}`);
/** Right with every statement in the trace, greedily after a forced `<think>`: how far the skill reaches, whatever the habit. */
const REACH: readonly Column[] = [
  { title: "up to 4 statements", suite: "fresh-in-distribution", measure: "deduction/forcedComplete" },
  ...LONG_SUITES.map((suite) => ({ title: suite.slice(-1), suite, measure: "deduction/forcedComplete" })),
];
/** The first is measured in between, too. */
const SUITES = ["fresh-long-6", "fresh-long-5", "fresh-long-7", "fresh-long-8", "fresh-in-distribution"];
const NEW_SKILL = {
  model: "kelvin-nano-2",
  suites: SUITES,
  ...{ evaluateTasks: 200, evaluateEvery: 50, columns: REACH },
  curve: {
    suite: "fresh-long-6",
    measure: "deduction/complete",
    title: "programs of six statements, right and complete, percent",
  },
} as const;

/** As many variants of a root as in the paper, and enough answers a step that their mean is no noise. */
const FULL = { branches: 100, tasks: 64 } as const;
/** What is left of LADDER without a part. */
const CONTROLS: readonly Arm[] = [
  { name: "variants by rule", short: "rules", settings: { ...FULL, variants: "rules" } },
  { name: "roots alone", short: "roots", settings: { variants: "none" } },
].map((arm) => ({ ...arm, method: "ladder", steps: 150, control: true, seeds: 2 }));

/** Ten tasks of eight statements, their trees, and what is left of it without the parts. */
export const ladder: Experiment = {
  name: "ladder",
  question: "Do tasks that a model makes easier by itself teach it what it could not do?",
  ...NEW_SKILL,
  columns: [...REACH.slice(2), ...REACH.slice(0, 2)],
  arms: [
    { name: "LADDER", short: "LADDER", method: "ladder", settings: FULL, steps: 150 },
    ...CONTROLS,
    {
      ...{ name: "answers alone are paid, luck too", short: "luck", method: "ladder", steps: 150 },
      ...{ settings: { ...FULL, reward: "answer", rejectRedundant: false }, control: true, seeds: 2 },
    },
  ],
  seeds: 3,
};

/** The same on integrals, the paper's own tasks. */
export const integrals: Experiment = {
  name: "ladder-integrals",
  question: "Does the same teach longer integrals than the model could do?",
  model: "kelvin-nano-integrals",
  suites: SUITES,
  ...{ evaluateTasks: 200, evaluateEvery: 50 },
  columns: [
    ...["6", "7", "8", "5"].map((title) => ({ title, suite: `fresh-long-${title}`, measure: "integration/greedy" })),
    { title: "2 to 4 terms", suite: "fresh-in-distribution", measure: "integration/greedy" },
  ],
  curve: {
    suite: "fresh-long-6",
    measure: "integration/greedy",
    title: "integrals of six terms, right, percent",
  },
  arms: [{ name: "LADDER", short: "LADDER", method: "ladder", settings: FULL, steps: 150 }, ...CONTROLS],
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
      settings: { types: "deduction", tasks: 96, samples: 8 },
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
