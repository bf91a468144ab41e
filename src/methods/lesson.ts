import type { Drawn, Group, Lesson, PolicyGradient, TrainingSequence } from "../contracts";

const PLAIN: PolicyGradient = {
  kind: "policy-gradient",
  clipLow: 0.2,
  clipHigh: 0.2,
  klCoefficient: 0,
  entropyCoefficient: 0,
  aggregation: "token-mean",
  constantLength: 0,
  temperature: 1,
};

/** A clipped policy gradient, a mean over tokens, without KL and entropy terms unless they are given. */
export function policyGradient(terms: Partial<PolicyGradient>): PolicyGradient {
  return { ...PLAIN, ...terms };
}

/**
 * One update from groups whose advantages are known. Without KL and entropy terms a sample of advantage 0 has no gradient and
 * is left out; with them it stays, unless nothing at all has an advantage.
 *
 * @param means "trained": means run over the samples that are left, as AZR and 1-shot RLVR have it here; "drawn": over every
 *   sample of the groups, as the papers' formulas have it
 */
export function policyLesson(
  groups: readonly Group[],
  loss: PolicyGradient,
  learningRate: number,
  means: "trained" | "drawn" = "trained",
): Lesson {
  const drawn = groups.flatMap(sequencesOf);
  const credited = drawn.filter(({ advantage }) => advantage !== 0);
  const regularized = loss.klCoefficient !== 0 || loss.entropyCoefficient !== 0;
  const sequences = regularized && credited.length > 0 ? drawn : credited;
  return { loss, sequences, learningRate, ...(means === "drawn" && { over: countOf(drawn) }) };
}

/** One update from samples that all earned the same: the loss's own terms, KL and entropy, are left. */
export function regularizersLesson(groups: readonly Group[], loss: PolicyGradient, learningRate: number): Lesson {
  return { loss, sequences: groups.flatMap(sequencesOf), learningRate };
}

/** Every sample of a group as a training sequence. */
export function sequencesOf({ prompt, samples }: Group): TrainingSequence[] {
  return samples.map(({ tokens, advantage, logprobs }) => ({
    prompt: prompt.tokens,
    completion: tokens,
    advantage,
    oldLogprobs: logprobs,
  }));
}

/** What a mean over these runs over. */
export function countOf(sequences: readonly TrainingSequence[]): Drawn {
  const tokens = sequences.reduce((sum, { completion }) => sum + completion.length, 0);
  return { sequences: sequences.length, tokens };
}
