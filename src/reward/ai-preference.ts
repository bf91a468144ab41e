/** Labels that a model gives in place of a person. */

/** log-probabilities of the answers `A` and `B` to one question. */
export type Answers = readonly [a: number, b: number];

/** Probability of the first of two answers, among the two. */
export function chance([a, b]: Answers): number {
  return 1 / (1 + Math.exp(b - a));
}

/**
 * The soft label of a pair: how likely its first item is the better one, the mean of both orders, so that a liking for a place cancels.
 * arXiv 2212.08073 §4.1; arXiv 2309.00267 §2.1.2.
 * @param exchanged answers when the items changed places
 */
export function softLabel(order: Answers, exchanged: Answers): number {
  return (chance(order) + 1 - chance(exchanged)) / 2;
}
