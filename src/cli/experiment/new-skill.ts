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

/** Ten tasks of eight statements, their trees, and what is left of it without the parts. */
export const ladder: Experiment = {
  name: "ladder",
  question: "Do tasks that a model makes easier by itself teach it what it could not do?",
  ...NEW_SKILL,
  arms: [
    { name: "LADDER", short: "LADDER", method: "ladder", settings: {}, steps: 150 },
    {
      ...{ name: "variants by rule", short: "rules", method: "ladder", settings: { variants: "rules" }, steps: 150 },
      control: true,
    },
    {
      ...{ name: "roots alone", short: "roots", method: "ladder", settings: { variants: "none" }, steps: 150 },
      ...{ control: true, seeds: 2 },
    },
    {
      ...{ name: "answers alone are paid, luck too", short: "luck", method: "ladder", steps: 150 },
      ...{ settings: { reward: "answer", rejectRedundant: false }, control: true, seeds: 2 },
    },
    {
      ...{ name: "self-play", short: "AZR", method: "azr", settings: { rejectRedundant: true }, steps: 150 },
      control: true,
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
