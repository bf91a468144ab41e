/**
 * The largest and the smallest of a list of any length. `Math.max(...list)` passes every value as an argument of its own, and
 * a vocabulary or a log has more of them than a stack has room for.
 */

/** @param least what an empty list gives, and the least that any list gives */
export function largest(values: Iterable<number>, least = Number.NEGATIVE_INFINITY): number {
  let most = least;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/** @param most what an empty list gives, and the most that any list gives */
export function smallest(values: Iterable<number>, most = Number.POSITIVE_INFINITY): number {
  let least = most;
  for (const value of values) least = Math.min(least, value);
  return least;
}
