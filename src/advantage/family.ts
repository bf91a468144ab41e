/** The baselines of the GRPO family: what each takes off a reward, and what it divides by. */
import { type Credit, type Group, type Sample, SMALLEST_DEVIATION, type Stage, standardize } from "../contracts";
import { normalize } from "./advantage";

/**
 * - `group`: (r − mean) / deviation of its group: GRPO, arXiv 2402.03300.
 * - `group-mean`: r − mean of its group: Dr. GRPO, arXiv 2503.20783.
 * - `leave-one-out`: r − mean of the others of its group: RLOO, arXiv 2402.14740.
 * - `batch`: (r − mean) / deviation of the whole batch: REINFORCE++, arXiv 2501.03262.
 * - `group-then-batch`: r − mean of its group, then divided by the deviation of all of these: REINFORCE++-baseline, ibid.
 */
export const BASELINES = ["group", "group-mean", "leave-one-out", "batch", "group-then-batch"] as const;
export type Baseline = (typeof BASELINES)[number];

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
  const own = groups.filter(({ samples }) => samples.length > 0);
  if (baseline === "batch")
    return [
      normalize(
        "batch",
        own.flatMap(({ samples }) => samples),
      ),
    ];
  const credits = own.map(({ prompt, samples }) => normalize(prompt.id, samples));
  switch (baseline) {
    case "group":
      return credits;
    case "group-mean":
      return credits.map((credit) => divided(credit, 1, "not divided"));
    case "leave-one-out":
      return credits.map((credit) => {
        const others = (credit.rewards.length - 1) / credit.rewards.length;
        return divided(credit, others, `1 − 1/${credit.rewards.length}: the mean of the others`);
      });
    case "group-then-batch":
      return byBatch(credits);
    default:
      return baseline satisfies never;
  }
}

function byBatch(credits: readonly Credit[]): Credit[] {
  const { deviation } = standardize(credits.flatMap(({ rewards, mean }) => rewards.map((reward) => reward - mean)));
  return credits.map((credit) => divided(credit, deviation + SMALLEST_DEVIATION, "spread of the whole batch"));
}

function divided(credit: Credit, value: number, what: string): Credit {
  const { rewards, mean, deviation } = credit;
  const advantages = rewards.map((reward) => (deviation === 0 || value === 0 ? 0 : (reward - mean) / value));
  return { ...credit, advantages, divisor: { value, what } };
}

/** Whether a group teaches anything: some rewards differ. */
export function isComparable(samples: readonly Sample[]): boolean {
  return samples.some(({ reward }) => reward !== samples[0]?.reward);
}
