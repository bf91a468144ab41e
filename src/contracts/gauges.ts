/** Curves that several methods share; each is drawn from a figure that the loop or a stage measures. A method picks from them. */
import { ALL_TASK_TYPES } from "./data";
import type { GaugeInfo } from "./display";

export const TRACE_SHARE: GaugeInfo = {
  name: "trace-share",
  term: "trace",
  title: "Trace share",
  short: "answers worked step by step",
  metric: "trace/share",
  split: ALL_TASK_TYPES,
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of answers that write down every intermediate value before answering. Most of the gain is this curve rising: the model could already work step by step, and discovers that it pays.",
};

export const COMPLETION_LENGTH: GaugeInfo = {
  name: "completion-length",
  term: "completion-length",
  title: "Completion length",
  short: "tokens per answer",
  metric: "length/completion",
  split: ALL_TASK_TYPES,
  range: [0, 40],
  decimals: 0,
  meaning: "Mean tokens of an answer. Worked answers are longer, so this rises together with the trace share.",
};

export const SOLVER_REWARD: GaugeInfo = {
  name: "solver-reward",
  term: "reward",
  title: "Solver reward",
  short: "mean of −1, −0.5 and +1",
  metric: "reward/solver",
  split: ALL_TASK_TYPES,
  range: [-1, 1],
  decimals: 2,
  meaning:
    "Mean reward of the trained answers: +1 right, −0.5 wrong, −1 when there is no readable answer. The tasks get harder while it learns, so this rises slower than held-out accuracy.",
};

export const PROPOSER_REWARD: GaugeInfo = {
  name: "proposer-reward",
  term: "learnability",
  title: "Proposer reward",
  short: "high when sometimes solved",
  metric: "reward/proposer",
  split: ALL_TASK_TYPES,
  range: [-1, 1],
  decimals: 2,
  meaning:
    "Mean reward of the proposals: high for tasks that are solved rarely but not never, zero for tasks that are always or never solved, negative for what cannot become a task.",
};

export const VALID_RATE: GaugeInfo = {
  name: "valid-rate",
  term: "valid-rate",
  title: "Valid rate",
  short: "proposals the verifier accepts",
  metric: "valid/rate",
  split: ALL_TASK_TYPES,
  range: [0, 1],
  decimals: 2,
  meaning: "The share of proposals that run, are deterministic, stay in the domain of the tasks and are worth asking.",
};

export const PROGRAM_LENGTH: GaugeInfo = {
  name: "program-length",
  term: "program-length",
  title: "Program length",
  short: "statements per new program",
  metric: "statements/proposed",
  split: ALL_TASK_TYPES,
  range: [0, 6],
  decimals: 1,
  meaning:
    "Mean statements of the programs that became tasks. Self-play makes its own tasks harder: programs grow while the solver gets better.",
};

export const ENTROPY: GaugeInfo = {
  name: "entropy",
  term: "entropy",
  title: "Entropy",
  short: "nats per token, how undecided",
  metric: "policy/entropy",
  range: [0, 1],
  decimals: 2,
  meaning:
    "How undecided the policy is at each token, in nats. It falls while the policy settles; near zero there is nothing left to explore.",
};

export const KL: GaugeInfo = {
  name: "kl",
  term: "kl",
  title: "KL to reference",
  short: "drift from the start, nats",
  metric: "policy/kl",
  range: [0, 0.05],
  decimals: 3,
  meaning:
    "How far the policy has moved from the model it started as (k3 estimate, nats per token). It is measured only when the method keeps a frozen copy.",
};

export const GRADIENT_NORM: GaugeInfo = {
  name: "gradient-norm",
  term: "gradient-norm",
  title: "Gradient norm",
  short: "before clipping",
  metric: "policy/gradNorm",
  range: [0, 2],
  decimals: 2,
  meaning: "Length of the gradient over all weights before it is clipped. Spikes mean that one batch pulled hard.",
};

export const CLIP_FRACTION: GaugeInfo = {
  name: "clip-fraction",
  term: "clip-fraction",
  title: "Clip fraction",
  short: "tokens that no longer count",
  metric: "policy/clipFraction",
  range: [0, 0.1],
  decimals: 3,
  meaning:
    "The share of tokens whose probability has left the trusted range since they were sampled. Each step makes one update from its own samples, so this stays at zero; anything else means that sampling and training disagree.",
};

export const LEARNABLE_SHARE: GaugeInfo = {
  name: "learnable-share",
  term: "learnability",
  title: "Learnable share",
  short: "new tasks solved sometimes",
  metric: "learnable/share",
  split: ALL_TASK_TYPES,
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of new tasks that some tries solved and others did not. Only these can teach, and only these pay their proposer.",
};

/** In the order of the page. */
export const USUAL_GAUGES: readonly GaugeInfo[] = [
  TRACE_SHARE,
  COMPLETION_LENGTH,
  SOLVER_REWARD,
  PROPOSER_REWARD,
  VALID_RATE,
  PROGRAM_LENGTH,
  ENTROPY,
  KL,
  GRADIENT_NORM,
  CLIP_FRACTION,
  LEARNABLE_SHARE,
];
