/** What one sample contributes to the loss of its step, from the stream alone. */
import type { Credit, Json, Metrics } from "../contracts";

/** The policy-gradient term of one sample: `-advantage · tokens / total` while the ratio of every token is 1. */
export interface LossShare {
  readonly tokens: number;
  /** Completion tokens the mean of the step runs over. */
  readonly total: number;
  readonly term: number;
  /** `|advantage| · tokens` as a share of that sum over all samples, 0..1; null where a log does not say their tokens. */
  readonly pull: number | null;
  /** The whole loss of the step; null while its update is still to come. */
  readonly loss: number | null;
}

/** One sample as its group lists it. */
interface Weighed {
  readonly advantage: number;
  readonly tokens: number;
}

/**
 * Each step makes one update, so the policy that is trained is still the one that sampled: every ratio is 1, nothing is
 * clipped, and the token mean (arXiv 2503.14476) of the surrogate is a sum of these terms.
 *
 * @param step its credits, and its figures once it has ended
 * @param config the run's, which says whether samples without credit are trained on for their KL and entropy terms
 * @returns null when the stream does not say how many tokens the step trains on
 */
export function lossShare(
  sample: Weighed,
  step: { readonly credits: readonly Credit[]; readonly metrics: Metrics | null },
  config: Json,
): LossShare | null {
  const weighed = weigh(step.credits);
  const total = step.metrics?.["tokens/trained"] ?? trainedTokens(weighed, isRegularized(config));
  if (!total) return null;
  const pulls = weighed?.reduce((sum, one) => sum + Math.abs(one.advantage) * one.tokens, 0);
  return {
    tokens: sample.tokens,
    total,
    // An advantage of 0 has no sign.
    term: sample.advantage === 0 ? 0 : (-sample.advantage * sample.tokens) / total,
    pull: pulls ? (Math.abs(sample.advantage) * sample.tokens) / pulls : null,
    loss: step.metrics?.["policy/loss"] ?? null,
  };
}

/** Every sample of the step; null when a group does not say how long its samples are. */
function weigh(credits: readonly Credit[]): Weighed[] | null {
  const groups = credits.map(({ advantages, tokens }) =>
    tokens ? advantages.map((advantage, index) => ({ advantage, tokens: tokens[index] ?? 0 })) : null,
  );
  return groups.every((group) => group !== null) ? groups.flat() : null;
}

/** The rule of the loop: a sample without credit is left out, unless KL or entropy terms still act on it. */
function trainedTokens(weighed: readonly Weighed[] | null, regularized: boolean): number | null {
  if (!weighed?.some(({ advantage }) => advantage !== 0)) return null;
  const trained = regularized ? weighed : weighed.filter(({ advantage }) => advantage !== 0);
  return trained.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** Whether KL or entropy terms are part of a run's loss. */
export function isRegularized(config: Json): boolean {
  return ["klCoefficient", "entropyCoefficient"].some((name) => Number(settingOf(config, name) ?? 0) !== 0);
}

/** One setting of a run's configuration. */
export function settingOf(config: Json, name: string): Json | undefined {
  if (typeof config !== "object" || config === null || Array.isArray(config)) return undefined;
  return (config as { readonly [key: string]: Json })[name];
}
