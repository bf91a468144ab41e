/** Experiments on models that judge. */
import type { Arm, Column, Experiment } from "./shape";

const measured = (title: string, measure: string): Column => ({ title, suite: "grm", measure });
const LONG = [5, 6, 7, 8];
const COMMON = {
  model: "kelvin-nano-judge",
  suites: ["fresh-in-distribution", ...LONG.map((statements) => `fresh-long-${statements}`)],
  ...{ evaluateTasks: 48, evaluateEvery: 25, seeds: 3 },
} as const;
const GREEDY = { suite: "grm", measure: "judge/greedy", title: "queries judged rightly, greedily, percent" } as const;

/** As many queries as the method's own text has, and an exam whose standard error is 3 points. */
const FULL = { queries: 1024, exam: 192 } as const;
/** Fine-tuning takes 24 of them. */
const STEPS = 124;
const control = (name: string, short: string, settings: Arm["settings"], steps = STEPS): Arm => ({
  ...{ name, short, method: "grm", settings: { ...FULL, ...settings }, steps, control: true, seeds: 2 },
});

/** Judging before and after, beside solving, and what is left of it without the parts. */
export const grm: Experiment = {
  name: "grm",
  question: "Does a model learn to judge its own tries, and can it judge programs that it cannot solve?",
  ...COMMON,
  arms: [
    { name: "GRM", short: "GRM", method: "grm", settings: FULL, steps: STEPS },
    { ...control("fine-tuning alone", "tuned", {}, 24), seeds: 3 },
    control("score at once", "at once", { judgement: "score" }),
    control("no principles", "no rule", { principles: "none" }),
    control("principles of another kind", "other rule", { principles: "random" }),
    control("single tries by a threshold", "threshold", { reward: "threshold" }),
    control("distance for free", "β 0", { klCoefficient: 0 }),
    control("distance costs 0.08", "β 0.08", { klCoefficient: 0.08 }),
    control("hints alone", "hints", { hints: "only" }, 24),
  ],
  columns: [
    measured("judged rightly", "judge/greedy"),
    measured("a linear head, same queries", "head/pairs"),
    measured("a rule that sees the form", "form/pairs"),
    measured("readable", "judge/parsed"),
    measured("ties", "judge/ties"),
    measured("judged twice alike", "judge/repeated"),
    ...LONG.flatMap((statements) => [
      measured(`${statements} statements, judged`, `long${statements}/judge`),
      measured(`${statements} statements, solved`, `long${statements}/solver`),
    ]),
    { title: "deductions solved", suite: "fresh-in-distribution", measure: "deduction/forcedTrace" },
  ],
  curve: GREEDY,
};

/** One judgement against many, added up. */
export const grmVotes: Experiment = {
  name: "grm-votes",
  question: "Are many judgements added up right more often than one, and what if all of them are the same?",
  ...COMMON,
  suites: ["fresh-in-distribution"],
  arms: [
    { name: "GRM", short: "GRM", method: "grm", settings: FULL, steps: STEPS },
    { name: "fine-tuning alone", short: "tuned", method: "grm", settings: FULL, steps: 24 },
    control("copies of one judgement", "copies", { copies: true }, 24),
  ],
  columns: [
    ...[8, 1, 2, 4, 16, 32].map((k) => measured(`${k} vote${k === 1 ? "" : "s"}`, `judge/vote${k}`)),
    measured("greedy", "judge/greedy"),
  ],
  curve: GREEDY,
};

/** Which judgements to trust: learned, or what the judge itself finds probable. */
export const metaRm: Experiment = {
  name: "meta-rm",
  question: "Does a model of judgements say better which to trust than their own probabilities do?",
  ...COMMON,
  suites: ["fresh-in-distribution"],
  arms: [64, 256].map((metaQueries) => ({
    ...{ name: `${metaQueries} queries`, short: `${metaQueries}`, method: "grm", steps: 24 },
    settings: { ...FULL, metaQueries },
  })),
  columns: [
    measured("guided, 8 votes", "guided/vote8"),
    measured("likelier half, 8 votes", "likeliest/vote8"),
    measured("weighted by probability, 8 votes", "weighted/vote8"),
    measured("8 votes", "judge/vote8"),
    measured("guided, 32 votes", "guided/vote32"),
    measured("weighted by probability, 32 votes", "weighted/vote32"),
    measured("32 votes", "judge/vote32"),
    measured("right above wrong, meta", "meta/within"),
    measured("right above wrong, probability", "logprob/within"),
  ],
  curve: GREEDY,
};
