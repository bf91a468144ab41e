/** Majority votes over the answers to one prompt. Pure. */

/** The count of a vote. */
export interface Ballot {
  /** The most frequent value; null without a vote, and if two values have most votes. */
  readonly label: string | null;
  /** Answers that could be read. */
  readonly voters: number;
  /** Votes of the most frequent value. */
  readonly most: number;
}

/**
 * Counts values; an unreadable answer is null and does not vote. Equal values must be spelt equally.
 * Test-time reinforcement learning takes the label for the truth, arXiv 2504.16084 §2.1.
 */
export function countVotes(values: readonly (string | null)[]): Ballot {
  const votes = new Map<string, number>();
  for (const value of values) if (value !== null) votes.set(value, (votes.get(value) ?? 0) + 1);
  const [first, second] = [...votes].sort(([, a], [, b]) => b - a);
  const voters = values.filter((value) => value !== null).length;
  if (!first) return { label: null, voters, most: 0 };
  return { label: second && second[1] === first[1] ? null : first[0], voters, most: first[1] };
}
