/** A meta reward model: it reads judgements and says which to trust. arXiv 2504.02495 §4. Pure. */
import { largest, smallest } from "../contracts";
import { type FeatureHead, fitPairs, scoreFeatures } from "./feature-head";
import { type Ballot, isStrict, sumsOf } from "./score-votes";

/** What is known of one judgement. */
export interface Figures {
  /** Mean over its tokens of the residual stream. */
  readonly features: ArrayLike<number>;
  readonly logprobs: ArrayLike<number>;
  /** Nats before each token; empty where the policy does not say. */
  readonly entropies: ArrayLike<number>;
}

/** A round of judging with what is known of its judgements, all tries together. */
export interface Weighed {
  readonly ballot: Ballot;
  readonly vector: Float64Array;
  /** Sum over all tokens of all judgements. */
  readonly logprob: number;
}

/** The features, and beside them sum, smallest and mean log-probability, length and mean entropy. */
export function vectorOf({ features, logprobs, entropies }: Figures): Float64Array {
  const tokens = Array.from(logprobs);
  const sum = tokens.reduce((total, value) => total + value, 0);
  const entropy = Array.from(entropies).reduce((total, value) => total + value, 0) / Math.max(1, entropies.length);
  const figures = [sum, smallest(tokens, 0), sum / Math.max(1, tokens.length), tokens.length, entropy];
  return Float64Array.from([...Array.from(features), ...figures]);
}

/** A round whose judgements count together: r is linear, so what it makes of a round is the sum of what it makes of each. */
export function weighed(ballot: Ballot, judgements: readonly Figures[]): Weighed {
  const [first = new Float64Array(0), ...others] = judgements.map(vectorOf);
  const vector = first.map((value, i) => others.reduce((sum, other) => sum + (other[i] as number), value));
  const logprob = judgements.flatMap(({ logprobs }) => Array.from(logprobs)).reduce((sum, value) => sum + value, 0);
  return { ballot, vector, logprob };
}

/**
 * Learns from pairs of a right and a wrong round *of the same query*: which query is hard says nothing then. Each query counts as
 * many pairs as it has of the rarer kind. null where no query has both.
 * @param queries rounds of each query, the better try first
 */
export function fitMeta(queries: readonly (readonly Weighed[])[]): FeatureHead | null {
  const pairs = queries.flatMap((rounds) => {
    const right = rounds.filter(({ ballot }) => isStrict(ballot, 0));
    const wrong = rounds.filter(({ ballot }) => !isStrict(ballot, 0));
    return right
      .slice(0, wrong.length)
      .map(({ vector }, place) => ({ a: vector, b: (wrong[place] as Weighed).vector, label: 1 }));
  });
  return pairs.length === 0 ? null : fitPairs(pairs);
}

/** How often the model scores a right round above a wrong one of the same query; null where no query has both. */
export function agreementWithin(
  queries: readonly (readonly Weighed[])[],
  score: (round: Weighed) => number,
): { readonly value: number; readonly n: number } | null {
  const won = queries.flatMap((rounds) => {
    const right = rounds.filter(({ ballot }) => isStrict(ballot, 0)).map(score);
    const wrong = rounds.filter(({ ballot }) => !isStrict(ballot, 0)).map(score);
    return right.flatMap((high) => wrong.map((low) => (high > low ? 1 : high === low ? 0.5 : 0)));
  });
  const sum = won.reduce((total: number, one) => total + one, 0);
  return won.length === 0 ? null : { value: sum / won.length, n: won.length };
}

/** Sums over the better half of the rounds by this score, as many as k/2 rounded up. */
export function guidedSums(rounds: readonly Weighed[], score: (round: Weighed) => number): number[] {
  const best = rounds.toSorted((a, b) => score(b) - score(a)).slice(0, Math.ceil(rounds.length / 2));
  return sumsOf(
    best.map(({ ballot }) => ballot),
    rounds[0]?.ballot.length ?? 0,
  );
}

/** Sums in which a round counts in proportion to its probability. */
export function likelySums(rounds: readonly Weighed[]): number[] {
  const most = largest(rounds.map(({ logprob }) => logprob));
  const weights = rounds.map(({ logprob }) => Math.exp(logprob - most));
  return sumsOf(
    rounds.map(({ ballot }) => ballot),
    rounds[0]?.ballot.length ?? 0,
    weights,
  );
}

/** What the meta model makes of a round. */
export function metaScore(head: FeatureHead): (round: Weighed) => number {
  return ({ vector }) => scoreFeatures(head, vector);
}
