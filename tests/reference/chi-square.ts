import { expect } from "vitest";

/** 3.1 standard deviations above the mean of χ² (Wilson and Hilferty 1931): probability 0.001. */
export function critical(freedom: number): number {
  const variance = 2 / (9 * freedom);
  return freedom * (1 - variance + 3.1 * Math.sqrt(variance)) ** 3;
}

/** χ² of drawn tokens against their shares; tokens expected fewer than five times are one class; what cannot come must not. */
export function chiSquare(tokens: readonly number[], shares: Float64Array): { sum: number; freedom: number } {
  const counts = new Array<number>(shares.length).fill(0);
  for (const token of tokens) counts[token]!++;
  const classes: { observed: number; expected: number }[] = [];
  const rare = { observed: 0, expected: 0 };
  shares.forEach((share, token) => {
    const one = { observed: counts[token]!, expected: share * tokens.length };
    if (share === 0) expect(one.observed, `token ${token} cannot come`).toBe(0);
    else if (one.expected >= 5) classes.push(one);
    else {
      rare.observed += one.observed;
      rare.expected += one.expected;
    }
  });
  if (rare.expected >= 5) classes.push(rare);
  const sum = classes.reduce((all, { observed, expected }) => all + (observed - expected) ** 2 / expected, 0);
  return { sum, freedom: classes.length - 1 };
}
