/** The divergence from a frozen reference as part of the reward, where the loss has no term of it. */
import type { Group, KlEstimator, Policy, Stage } from "../contracts";

/** One token's estimate; `difference` is log π_reference − log π. Schulman, "Approximating KL divergence", 2020. */
export function klEstimate(difference: number, estimator: KlEstimator): number {
  switch (estimator) {
    case "k1":
      return -difference;
    case "k2":
      return difference ** 2 / 2;
    case "k3":
      return Math.exp(difference) - difference - 1;
    default:
      return estimator satisfies never;
  }
}

/** The estimate of a whole completion: the sum over its tokens, in nats. */
export function klOf(logprobs: ArrayLike<number>, reference: ArrayLike<number>, estimator: KlEstimator): number {
  let sum = 0;
  for (let t = 0; t < logprobs.length; t++) sum += klEstimate((reference[t] ?? 0) - (logprobs[t] as number), estimator);
  return sum;
}

/**
 * Takes β · Σ_t KL off every reward, R − β Σ_t (log π − log π_reference) for k1, as RLOO has it (arXiv 2402.14740). Samples must
 * have been drawn at temperature 1: that is the distribution the reference is scored at.
 *
 * @returns the estimate of each sample in nats, in order
 */
export async function* penalizeKl(
  groups: readonly Group[],
  reference: Policy,
  { coefficient, estimator = "k1" }: { readonly coefficient: number; readonly estimator?: KlEstimator },
): Stage<readonly number[]> {
  const drawn = groups.flatMap(({ prompt, samples }) =>
    samples.map((sample) => ({ sample, prompt: prompt.tokens, completion: sample.tokens })),
  );
  const scores = await reference.score(drawn);
  const distances = drawn.map(({ sample: { logprobs } }, index) =>
    klOf(logprobs, scores[index] ?? logprobs, estimator),
  );
  for (const [index, { sample }] of drawn.entries()) {
    sample.reward -= coefficient * (distances[index] as number);
    yield { type: "reward.sample", sampleId: sample.id, reward: sample.reward };
  }
  return distances;
}
