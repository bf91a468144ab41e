import type { Mixture } from "./python";

/** What changes over a pre-training run; every function takes progress in [0, 1). */

/** Short programs first: a model that cannot run one statement learns little from four. */
const WARM_UP_PROGRESS = 0.3;
/** Until then, deduction leads; after it, abduction, whose worked answers take longest to learn. */
const BALANCE_PROGRESS = 0.65;

const SHORT_STATEMENTS = [0.5, 0.3, 0.2];
const STATEMENTS = [0.2, 0.3, 0.3, 0.2];
/** Share of worked answers among deduction and abduction examples. */
const TRACES = 0.7;

/** Deduction, abduction, induction, and the proposers of the three. */
const SOLVING: Mixture["roles"] = [0.507, 0.253, 0.096, 0.048, 0.048, 0.048];
const LEADING: Mixture["roles"] = [0.4, 0.2, 0.16, 0.08, 0.08, 0.08];
const BALANCED: Mixture["roles"] = [0.22, 0.42, 0.18, 0.06, 0.06, 0.06];

/** The examples to draw at this point of the run. */
export function mixtureAt(progress: number): Mixture {
  if (progress < WARM_UP_PROGRESS) return { roles: SOLVING, statements: SHORT_STATEMENTS, traces: TRACES };
  return { roles: progress < BALANCE_PROGRESS ? LEADING : BALANCED, statements: STATEMENTS, traces: TRACES };
}

/** How often the base should choose to work an answer out, P(`<think>`). */
const TRACE_PRIOR = 0.2;

/**
 * Weight on a `<think>` that opens a completion. With a share s of worked answers and weight w the model learns
 * P(think) = s·w / (s·w + 1 − s): most of the data teaches how to work, little of it that one should. Reinforcement
 * learning has to discover that.
 */
export const TRACE_START_WEIGHT = (TRACE_PRIOR * (1 - TRACES)) / ((1 - TRACE_PRIOR) * TRACES);

/** Weights of the tokens that are given and of those that are asked for. */
export const PROMPT_WEIGHT = 0.05;
export const COMPLETION_WEIGHT = 1;

/** Muon on matrices (Jordan et al. 2024), Adam(0.9, 0.95) on embedding and gains. */
export const MUON_LEARNING_RATE = 0.02;
export const ADAM_LEARNING_RATE = 3e-3;
export const ADAM_BETAS = [0.9, 0.95] as const;
/** Updates until both peaks, and what is left of them at the last update. */
export const WARM_UP_UPDATES = 150;
export const FINAL_SHARE = 0.03;

/** Linear warm-up, then a half cosine down to 3 %. */
export function learningRates(update: number, updates: number): { muonLearningRate: number; adamLearningRate: number } {
  const share = update < WARM_UP_UPDATES ? (update + 1) / WARM_UP_UPDATES : cosine(update, updates);
  return { muonLearningRate: MUON_LEARNING_RATE * share, adamLearningRate: ADAM_LEARNING_RATE * share };
}

function cosine(update: number, updates: number): number {
  const progress = (update - WARM_UP_UPDATES) / Math.max(1, updates - WARM_UP_UPDATES);
  return FINAL_SHARE + ((1 - FINAL_SHARE) * (1 + Math.cos(Math.PI * progress))) / 2;
}
