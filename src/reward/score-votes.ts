/** Votes over scores: several judgements of each try, added up. Pure. */
import { largest, type Rng } from "../contracts";

/** One round of judging: the score of each try, in order; null for a judgement that cannot be read. */
export type Ballot = readonly (number | null)[];

/**
 * The sum of each try's scores. A ballot with a judgement that cannot be read does not vote at all. k scores
 * have 10k + 1 sums. arXiv 2504.02495 Eq. 14, whose scores begin at 1.
 */
export function sumsOf(ballots: readonly Ballot[], tries: number, weights?: readonly number[]): number[] {
  const sums = new Array<number>(tries).fill(0);
  for (const [place, ballot] of ballots.entries()) {
    if (ballot.some((score) => score === null)) continue;
    for (let one = 0; one < tries; one++)
      sums[one] = (sums[one] as number) + (ballot[one] as number) * (weights?.[place] ?? 1);
  }
  return sums;
}

/** The place of the largest sum; among equal ones a draw. */
export function electedOf(sums: readonly number[], rng: Rng): number {
  const most = largest(sums);
  const tied = sums.flatMap((sum, place) => (sum === most ? [place] : []));
  return tied[rng.below(tied.length)] as number;
}

/** Whether a ballot gives the best try strictly the highest score: what counts as right in training. arXiv 2504.02495 Eq. 10. */
export function isStrict(ballot: Ballot, best: number): boolean {
  const top = ballot[best] ?? null;
  return top !== null && ballot.every((score, place) => place === best || (score !== null && score < top));
}

/**
 * What each judgement of two tries earns: 1 for a pair in which the better try has more, else −1, and the mean over the pairs that it
 * makes with the judgements of the other try. A tie is wrong. A judgement that cannot be read earns −1, and nobody is paired with it.
 */
export function pairRewards(better: Ballot, worse: Ballot): { better: number[]; worse: number[] } {
  return {
    better: better.map((own) => meanPaid(own, worse, (own, other) => own > other)),
    worse: worse.map((own) => meanPaid(own, better, (own, other) => own < other)),
  };
}

function meanPaid(own: number | null, others: Ballot, isRight: (own: number, other: number) => boolean): number {
  if (own === null) return -1;
  const readable = others.filter((other) => other !== null);
  const paid = readable.reduce((sum, other) => sum + (isRight(own, other) ? 1 : -1), 0);
  return readable.length === 0 ? 0 : paid / readable.length;
}

/** What a judgement of one try alone earns: 1 if its score is on the right side of the threshold. */
export function thresholdReward(score: number | null, right: boolean, from: number): number {
  return score !== null && score >= from === right ? 1 : -1;
}
