/** The two formulas that training and the page both compute, so that what is explained is what was done. */

/** Added to the deviation, so that a nearly unanimous group does not explode. arXiv 2402.03300 as released. */
export const SMALLEST_DEVIATION = 1e-4;

/** Rewards that share a baseline, and the credit each of them earns. */
export interface Standardized {
  readonly mean: number;
  /** Unbiased, n - 1; 0 where all rewards are equal. */
  readonly deviation: number;
  readonly advantages: readonly number[];
}

/** Advantages `(reward - mean) / (deviation + 1e-4)`; 0 for everybody where all rewards are equal. arXiv 2402.03300. */
export function standardize(rewards: readonly number[]): Standardized {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / Math.max(1, rewards.length);
  const equal = rewards.every((reward) => reward === rewards[0]);
  const squares = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0);
  const deviation = equal ? 0 : Math.sqrt(squares / (rewards.length - 1));
  const advantages = rewards.map((reward) => (equal ? 0 : (reward - mean) / (deviation + SMALLEST_DEVIATION)));
  return { mean, deviation, advantages };
}

/** What a task is worth to its proposer: 1 - solve rate, 0 for one solved never or always. arXiv 2505.03335 Eq. 4. */
export function learnability(solveRate: number): number {
  return solveRate <= 0 || solveRate >= 1 ? 0 : 1 - solveRate;
}
