import type { Group, Stage } from "../contracts";

/**
 * The soft penalty of DAPO for answers that come near their limit: 0 up to `limit − buffer` tokens, −1 at the limit, and on a line
 * between. arXiv 2503.14476 Eq. 13.
 */
export function overlongPenalty(tokens: number, limit: number, buffer: number): number {
  if (buffer <= 0) return 0;
  return -Math.min(1, Math.max(0, (tokens - (limit - buffer)) / buffer)) + 0;
}

/** Takes the penalty off every reward. */
export async function* penalizeLength(groups: readonly Group[], buffer: number): Stage<void> {
  if (buffer <= 0) return;
  for (const { prompt, samples } of groups)
    for (const sample of samples) {
      sample.reward += overlongPenalty(sample.tokens.length, prompt.maxNewTokens, buffer);
      yield { type: "reward.sample", sampleId: sample.id, reward: sample.reward };
    }
}
