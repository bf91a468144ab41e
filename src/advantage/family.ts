/** The baselines of the GRPO family, over the samples of a step. */
import { type Baseline, type Credit, familyCredits, type Group, type Sample, type Stage } from "../contracts";
import { rewardedGroup } from "./advantage";

/** Fills the advantage of every sample and yields the arithmetic behind each. */
export async function* credited(groups: readonly Group[], baseline: Baseline): Stage<void> {
  const credits = creditsOf(groups, baseline);
  const advantages = new Map(credits.flatMap(advantagesOf));
  for (const sample of groups.flatMap(({ samples }) => samples)) sample.advantage = advantages.get(sample.id) ?? 0;
  for (const credit of credits) yield { type: "credit.group", credit };
}

const advantagesOf = ({ sampleIds, advantages }: Credit) =>
  sampleIds.map((id, index) => [id, advantages[index] ?? 0] as const);

/** One credit per group of samples that share a mean; groups of equal rewards have no advantage. */
export function creditsOf(groups: readonly Group[], baseline: Baseline): Credit[] {
  return familyCredits(
    groups.map(({ prompt, samples }) => rewardedGroup(prompt.id, samples)),
    baseline,
  );
}

/** Whether a group teaches anything: some rewards differ. */
export function isComparable(samples: readonly Sample[]): boolean {
  return samples.some(({ reward }) => reward !== samples[0]?.reward);
}
