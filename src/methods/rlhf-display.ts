/** What the page shows of RLHF besides what other methods have. */
import type { GaugeInfo, PhaseInfo } from "../contracts";

export const CHOOSE: PhaseInfo = {
  name: "choose",
  work: "judging",
  title: "Choose",
  heading: "Which program is better?",
  note: "Somebody chooses between two programs, again and again. After each choice the reward model is fitted anew, and says beforehand what it expects.",
  caption: "Which of two programs is better? Somebody chooses.",
};

export const SCORE: PhaseInfo = {
  name: "score",
  work: "judging",
  title: "Score",
  heading: "The reward model scores",
  note: "The reward model has learned from the choices what is liked, and scores every proposal. What is far from the base's own writing costs a part of it.",
  caption: "A model of the choices scores every program.",
};

export const PROXY: GaugeInfo = {
  name: "proxy",
  term: "reward-model",
  title: "Reward model",
  short: "mean score, in deviations",
  metric: "preference/proxy",
  range: [-1, 3],
  decimals: 2,
  meaning:
    "What the reward model thinks of the proposals; 0 is the mean of the base. Training raises it. Whether the judge agrees is another question.",
};

export const GOLD: GaugeInfo = {
  name: "gold",
  term: "over-optimization",
  title: "What the judge thinks",
  short: "mean, never trained on",
  metric: "preference/gold",
  range: [-2, 2],
  decimals: 2,
  meaning:
    "What the simulated annotator really likes, which only a simulation can know. If it falls while the reward model's score rises, the policy has learned to please the model and not the judge.",
};

export const DISTANCE: GaugeInfo = {
  name: "distance",
  term: "kl",
  title: "Distance from the base",
  short: "nats per proposal",
  metric: "preference/kl",
  range: [0, 10],
  decimals: 1,
  meaning: "How far the policy has moved from the base: the KL divergence of whole proposals, estimated from samples.",
};
