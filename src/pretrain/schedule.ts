import type { Mixture } from "./python";

/** Schedules over a pre-training run; every function takes progress in [0, 1). */

/** Short programs come first until this point: a model that cannot run one statement learns little from four. */
const WARM_UP_PROGRESS = 0.3;
/** Deduction has the larger share until this point, then abduction, whose worked answers take longest to learn. */
const BALANCE_PROGRESS = 0.65;

const SHORT_STATEMENTS = [0.5, 0.3, 0.2];
const STATEMENTS = [0.2, 0.3, 0.3, 0.2];
/** Share of worked answers among deduction and abduction examples. */
const TRACES = 0.7;

/** Shares of deduction, abduction, induction, and the three proposers. */
const SOLVING: Mixture["roles"] = [0.507, 0.253, 0.096, 0.048, 0.048, 0.048];
const LEADING: Mixture["roles"] = [0.4, 0.2, 0.16, 0.08, 0.08, 0.08];
const BALANCED: Mixture["roles"] = [0.22, 0.42, 0.18, 0.06, 0.06, 0.06];

/** What a corpus is about, and what it has besides short tasks in the usual formats: shares, as in `Mixture`. */
export interface Recipe extends Pick<Mixture, "long" | "easy" | "judge"> {
  readonly size: Size;
  readonly domain: Domain;
  /** Share of the sequences whose positions have gaps; see `gappedPositions`. */
  readonly gaps: number;
}

/** What models are made for: programs, or integrals of sums of terms. */
export const DOMAINS = ["programs", "integrals"] as const;
export type Domain = (typeof DOMAINS)[number];

/** Sizes of model; architecture.ts has their shapes. */
export const SIZES = ["nano", "small"] as const;
export type Size = (typeof SIZES)[number];

/** What a size has room for: longer programs, larger inputs. */
const ROOM: Readonly<Record<Size, Pick<Mixture, "tail" | "wide">>> = {
  nano: { tail: 0, wide: 0 },
  small: { tail: 0.2, wide: 0.3 },
};

/** The recipe of the shipped model. */
export const PLAIN: Recipe = { size: "nano", domain: "programs", long: 0, easy: 0, judge: 0, gaps: 0 };

const NOTHING_MORE = { long: 0, easy: 0, judge: 0, ...ROOM.nano };

/** The mixture at this point of the run; what the recipe adds begins once short programs have been learned. */
export function mixtureAt(progress: number, { size, long, easy, judge }: Recipe = PLAIN): Mixture {
  if (progress < WARM_UP_PROGRESS)
    return { roles: SOLVING, statements: SHORT_STATEMENTS, traces: TRACES, ...NOTHING_MORE };
  const roles = progress < BALANCE_PROGRESS ? LEADING : BALANCED;
  return { roles, statements: STATEMENTS, traces: TRACES, long, easy, judge, ...ROOM[size] };
}

/** P(`<think>`) that the base should learn. */
const TRACE_PRIOR = 0.2;

/**
 * Weight of a `<think>` (or, of a judgement, `<rule>`) that begins a completion. With a share s of worked answers and weight w the model learns P(think) = s·w /
 * (s·w + 1 − s): most of the data shows how to work, but the model rarely chooses to. Reinforcement learning has to discover that
 * it should.
 */
export const TRACE_START_WEIGHT = (TRACE_PRIOR * (1 - TRACES)) / ((1 - TRACE_PRIOR) * TRACES);

/** What a worked completion begins with: an answer, and a judgement. Integrals are answered at once. */
export function workedStarts({ domain, judge }: Recipe): string[] {
  if (domain === "integrals") return [];
  return ["<think>", ...(judge > 0 ? ["<rule>"] : [])];
}

/** Weights of prompt tokens and of completion tokens. */
export const PROMPT_WEIGHT = 0.05;
export const COMPLETION_WEIGHT = 1;

/** Muon on matrices (Jordan et al. 2024), Adam(0.9, 0.95) on embedding and gains. */
export const MUON_LEARNING_RATE = 0.02;
export const ADAM_LEARNING_RATE = 3e-3;
export const ADAM_BETAS = [0.9, 0.95] as const;
/** Updates until both peaks, and the final factor on them. */
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
