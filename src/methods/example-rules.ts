/**
 * How 1-shot RLVR chooses its example.
 *
 * - `lowest-direct-logprob`: among tasks whose worked trace is right with probability above 0.6, the one whose direct
 * answer is least likely. Then only worked traces earn rewards. A direct answer that is sometimes right by luck would be
 * memorised instead.
 * - `historical-variance`: the task whose accuracy varies most, the paper's rule (§2, Eq. 1). The variance over samples
 * of the untrained policy replaces the variance over the epochs of a first training run.
 * `npm run rank` ranks by the latter.
 * - `lowest-variance`: the task whose accuracy varies least, a control: always solved, or never.
 * - `random`: any candidate, a control.
 * - `by-hand`: `exampleProgram` on `exampleInput`.
 */
export const EXAMPLE_RULES = [
  "lowest-direct-logprob",
  "historical-variance",
  "lowest-variance",
  "random",
  "by-hand",
] as const;
export type ExampleRule = (typeof EXAMPLE_RULES)[number];
