/** The two formulas that training and the page share, so that the page explains what training computes. */

/**
 * Added to the deviation, so that a nearly unanimous group does not get huge advantages. arXiv 2402.03300 as released.
 */
export const SMALLEST_DEVIATION = 1e-4;

/** Rewards that share a baseline, and the credit each of them earns. */
export interface Standardized {
  readonly mean: number;
  /** Unbiased, n - 1; 0 if all rewards are equal. */
  readonly deviation: number;
  readonly advantages: readonly number[];
}

/**
 * Advantages `(reward - mean) / (deviation + 1e-4)`; all 0 if all rewards are equal. arXiv 2402.03300.
 * @param weights how often each reward counts: once, or as often as its sample has tokens, so that long failures lower the
 *   baseline of all, as the released code of AZR has it (arXiv 2505.03335, `masked_whiten`)
 */
export function standardize(
  rewards: readonly number[],
  weights = rewards.map(() => 1) as readonly number[],
): Standardized {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const weighed = (of: (reward: number) => number) =>
    rewards.reduce((sum, reward, index) => sum + (weights[index] ?? 0) * of(reward), 0);
  const mean = weighed((reward) => reward) / Math.max(1, total);
  const equal = rewards.every((reward) => reward === rewards[0]);
  const deviation = equal ? 0 : Math.sqrt(weighed((reward) => (reward - mean) ** 2) / (total - 1));
  const advantages = rewards.map((reward) => (equal ? 0 : (reward - mean) / (deviation + SMALLEST_DEVIATION)));
  return { mean, deviation, advantages };
}

/** What a proposer earns for a task: 1 - solve rate; 0 if it is solved never or always. arXiv 2505.03335 Eq. 4. */
export function learnability(solveRate: number): number {
  return solveRate <= 0 || solveRate >= 1 ? 0 : 1 - solveRate;
}
