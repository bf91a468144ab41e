/** A level of the heat scale, which is used only for rewards and advantages. */
export type Heat = "zero" | `${"cold" | "warm"}-${1 | 2 | 3 | 4}`;

/** Coldest to warmest, for legends. */
export const HEAT_SCALE: readonly Heat[] = [
  "cold-4",
  "cold-3",
  "cold-2",
  "cold-1",
  "zero",
  "warm-1",
  "warm-2",
  "warm-3",
  "warm-4",
];

/** The heat of a reward or an advantage: cut points 0.05, 0.3, 0.75, 1.5 on its magnitude. */
export function heat(value: number): Heat {
  const size = Math.abs(value);
  if (size < 0.05) return "zero";
  const level = size < 0.3 ? 1 : size < 0.75 ? 2 : size < 1.5 ? 3 : 4;
  return `${value < 0 ? "cold" : "warm"}-${level}`;
}

/** Tint of a token by its surprise −log p: 0 certain … 4 surprising, cut at 0.025, 0.08, 0.25, 0.6. */
export function surprise(logprob: number): 0 | 1 | 2 | 3 | 4 {
  const nats = -logprob;
  return nats < 0.025 ? 0 : nats < 0.08 ? 1 : nats < 0.25 ? 2 : nats < 0.6 ? 3 : 4;
}
