/** What the page shows of RLAIF besides what other methods have. */
import type { GaugeInfo, PhaseInfo } from "../contracts";

export const CRITICISE: PhaseInfo = {
  name: "criticise",
  work: "judging",
  title: "Criticise",
  heading: "The model criticises itself",
  note: "The model reads its own programs under one law at a time, names the line that breaks it, and writes the program anew. No person and no test is asked.",
  caption: "It finds the line that breaks a law, and writes it anew.",
};

export const READ_REVISIONS: PhaseInfo = {
  name: "read",
  work: "comparing",
  title: "Read",
  heading: "Its revisions are read",
  note: "The model reads [{samples:revision}|revisions] as answers to the plain prompt, in which no law stands. So it learns to keep laws that nobody names.",
  caption: "It learns from what it has revised itself.",
};

export const JUDGED: PhaseInfo = {
  name: "score",
  work: "judging",
  title: "Score",
  heading: "A model of its own judgements scores",
  note: "The untrained model has said of many pairs which program keeps a law better. A reward model learned that, and scores every proposal. Distance from the base costs.",
  caption: "A model of its own judgements scores every program.",
};

export const OBEDIENCE: GaugeInfo = {
  name: "obedience",
  term: "constitution",
  title: "Keeps all laws",
  short: "share of valid proposals, never trained on",
  metric: "laws/kept",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of valid proposals that break no law of the constitution, counted from their syntax. Nothing learns from this count.",
};

export const UNIQUE: GaugeInfo = {
  name: "unique",
  term: "evasion",
  title: "Different programs",
  short: "share of valid proposals",
  metric: "laws/unique",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of valid proposals whose program no other proposal of the step has. If it falls while obedience rises, the model has found one harmless program and hides behind it.",
};

export const JUDGE_SCORE: GaugeInfo = {
  name: "judge-score",
  term: "constitution",
  title: "Reward",
  short: "mean, in deviations",
  metric: "laws/score",
  range: [-1, 3],
  decimals: 2,
  meaning:
    "What the reward model thinks of the proposals; 0 is the mean of those that it was fitted on. With `direct` it is the judge's own probability that a program keeps the laws.",
};
