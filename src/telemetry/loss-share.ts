/** The contribution of one sample to the loss of its step, computed from the events. */
import type { Credit, Json, Metrics } from "../contracts";

/** Metrics of a step's first update: tokens that its mean runs over (0 if it is no token mean), and its loss. */
export const FIRST_MEAN = "first/meanTokens";
export const FIRST_LOSS = "first/loss";

/** The policy-gradient term of one sample: `-advantage · tokens / total`, valid while the ratio of every token is 1. */
export interface LossShare {
  readonly tokens: number;
  /** Completion tokens in the token mean. */
  readonly total: number;
  readonly term: number;
  /** `|advantage| · tokens` as a share of its sum over all samples, 0..1; null if the log has no token counts. */
  readonly pull: number | null;
  /** The whole loss of the step's first update; null until the updates are done. */
  readonly loss: number | null;
  /** Updates of the step; 1 until it is known. */
  readonly updates: number;
  /** Whether the mean runs over samples that were drawn and not trained on, too. */
  readonly isOverDrawn: boolean;
}

/** One sample, with its weight. */
interface Weighed {
  readonly advantage: number;
  readonly tokens: number;
}

/**
 * In the first update of a step the trained policy is still the one that sampled. Every ratio is 1, nothing is clipped, and the
 * token mean (arXiv 2503.14476) of the surrogate is a sum of these terms.
 *
 * @param step its credits; its metrics if it has ended; the metrics of a step before it, which tell what its means will run over
 * @param config the run's configuration, which says whether samples without credit are trained on for KL and entropy
 * terms
 * @returns null if the log does not say how many tokens the step trains on
 */
export function lossShare(
  sample: Weighed,
  step: {
    readonly credits: readonly Credit[];
    readonly metrics: Metrics | null;
    readonly before?: Metrics | undefined;
  },
  config: Json,
): LossShare | null {
  const weighed = weigh(step.credits);
  const { metrics, before } = step;
  const foreseen = before?.[FIRST_MEAN] === undefined ? trainedTokens(weighed, isRegularized(config)) : null;
  const total = metrics ? (metrics[FIRST_MEAN] ?? metrics["tokens/trained"]) : foreseen;
  if (!total) return null;
  const pulls = weighed?.reduce((sum, one) => sum + Math.abs(one.advantage) * one.tokens, 0);
  return {
    tokens: sample.tokens,
    total,
    // Avoids -0.
    term: sample.advantage === 0 ? 0 : (-sample.advantage * sample.tokens) / total,
    pull: pulls ? (Math.abs(sample.advantage) * sample.tokens) / pulls : null,
    loss: metrics?.[FIRST_LOSS] ?? metrics?.["policy/loss"] ?? null,
    updates: metrics?.["policy/updates"] ?? 1,
    isOverDrawn: metrics?.[FIRST_MEAN] !== undefined,
  };
}

/** All samples of the step; null if a group has no token counts. */
function weigh(credits: readonly Credit[]): Weighed[] | null {
  const groups = credits.map(({ advantages, tokens }) =>
    tokens ? advantages.map((advantage, index) => ({ advantage, tokens: tokens[index] ?? 0 })) : null,
  );
  return groups.every((group) => group !== null) ? groups.flat() : null;
}

/** The rule of the loop: a sample without credit is left out, unless the loss has KL or entropy terms. */
function trainedTokens(weighed: readonly Weighed[] | null, regularized: boolean): number | null {
  if (!weighed?.some(({ advantage }) => advantage !== 0)) return null;
  const trained = regularized ? weighed : weighed.filter(({ advantage }) => advantage !== 0);
  return trained.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** Whether a run's loss has KL or entropy terms. */
export function isRegularized(config: Json): boolean {
  return ["klCoefficient", "entropyCoefficient"].some((name) => Number(settingOf(config, name) ?? 0) !== 0);
}

/** One setting of a run's configuration. */
export function settingOf(config: Json, name: string): Json | undefined {
  if (typeof config !== "object" || config === null || Array.isArray(config)) return undefined;
  return (config as { readonly [key: string]: Json })[name];
}
