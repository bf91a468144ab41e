/** What the page shows of GRM besides what other methods have. */
import { type GaugeInfo, type PhaseInfo, REWARD, SOLVE } from "../contracts";

export const TRY: PhaseInfo = {
  ...SOLVE,
  name: "try",
  title: "Try",
  heading: "The model tries",
  note: "Before the first step the model answers its own tasks several times, and the verifier says which answers are right. From each task two tries are kept, of which rules say which is the better.",
  caption: "It answers its own tasks, rightly and wrongly.",
};

export const READ_JUDGEMENTS: PhaseInfo = {
  name: "read",
  work: "comparing",
  title: "Read",
  heading: "It reads its good judgements",
  note: "In the first steps the model reads [{samples:judgement}|judgements] of its own that were right: those of queries that it judges rightly sometimes, not always.",
  caption: "It reads its own judgements that were right.",
};

export const JUDGE: PhaseInfo = {
  name: "judge",
  work: "writing",
  title: "Judge",
  heading: "The model judges",
  note: "The model judges each try by itself: it writes what counts, checks the try line by line, and gives a score from 0 to 10.[ It has written {samples/judge:judgement}.]",
  caption: "[{samples/judge} judgements: a check line by line, then a score.|It judges its own tries.]",
};

export const COMPARE: PhaseInfo = {
  ...REWARD,
  name: "compare",
  title: "Compare",
  heading: "Scores are compared",
  note: "If the better of two tries has the strictly higher score, both judgements earn +1, else −1; a tie is wrong. Each judgement earns the mean over all judgements of the other try.",
  caption: "The better try must have the higher score. A tie is wrong.",
};

export const JUDGED_RIGHT: GaugeInfo = {
  name: "judged-right",
  term: "judgement",
  title: "Right judgements",
  short: "pairs in which the better try has more",
  metric: "judge/right",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of pairs of judgements in which the better try has the strictly higher score, at temperature 1. Queries that were always right before the first step are left out, so it starts low.",
};

export const TIES: GaugeInfo = {
  name: "ties",
  term: "judgement",
  title: "Ties",
  short: "pairs with equal scores",
  metric: "judge/ties",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of pairs of judgements with equal scores. If it rises towards 1, the judge gives everything the same score, and its verdicts say nothing.",
};

export const READABLE: GaugeInfo = {
  name: "readable",
  term: "judgement",
  title: "Readable",
  short: "judgements in their format",
  metric: "judge/parsed",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of judgements that can be read: their parts in order, then one score. No reward pays for the format; the distance from the base holds it.",
};

export const GAP: GaugeInfo = {
  name: "judge-gap",
  term: "reward-hacking",
  title: "Judge less verifier",
  short: "answers taken for right that are not",
  metric: "solver/gap",
  range: [-0.5, 0.5],
  decimals: 2,
  meaning:
    "Where a solver learns: the share of answers that the judge scores 5 or more, less the share that is right. If it rises, the solver learns to please the judge.",
};
