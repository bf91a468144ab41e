import type { SamplingOptions } from "./policy";

/** The numeric options and their allowed ranges. */
const RULES = {
  temperature: {
    rule: "a number of at least 0",
    holds: (value: number) => value >= 0 && value < Number.POSITIVE_INFINITY,
  },
  topK: { rule: "a whole number of at least 1", holds: (value: number) => Number.isInteger(value) && value >= 1 },
  topP: { rule: "a number above 0 and at most 1", holds: (value: number) => value > 0 && value <= 1 },
  minP: { rule: "a number from 0 to 1", holds: (value: number) => value >= 0 && value <= 1 },
} as const;
export type SamplingNumber = keyof typeof RULES;
const SAMPLING_NUMBERS = Object.keys(RULES) as readonly SamplingNumber[];

/** The first option with an invalid value, and what is allowed; null if all are valid. */
export function samplingProblem(options: SamplingOptions): { option: SamplingNumber; rule: string } | null {
  const option = SAMPLING_NUMBERS.find((name) => !RULES[name].holds(options[name] ?? 1));
  return option ? { option, rule: RULES[option].rule } : null;
}

/** Describes the options for people: "temperature 0.6, top-p 0.95". */
export function describeSampling({ temperature, topK, topP, minP }: SamplingOptions): string {
  const named = { temperature, "top-k": topK, "top-p": topP, "min-p": minP };
  return Object.entries(named)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(", ");
}
