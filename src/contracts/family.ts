/** The baselines of the GRPO family and what a token weighs in their losses: what training computes, and what the page shows. */
import { SMALLEST_DEVIATION, standardize } from "./arithmetic";
import type { Credit } from "./events";
import type { Aggregation } from "./policy";

/**
 * - `group`: (r − mean) / deviation of its group: GRPO, arXiv 2402.03300.
 * - `group-mean`: r − mean of its group: Dr. GRPO, arXiv 2503.20783.
 * - `leave-one-out`: r − mean of the others of its group: RLOO, arXiv 2402.14740.
 * - `batch`: (r − mean) / deviation of the whole batch: REINFORCE++, arXiv 2501.03262.
 * - `group-then-batch`: r − mean of its group, then divided by the deviation of all of these: REINFORCE++-baseline, ibid.
 */
export const BASELINES = ["group", "group-mean", "leave-one-out", "batch", "group-then-batch"] as const;
export type Baseline = (typeof BASELINES)[number];

/** The samples of one prompt and what each earned; `tokens` are their lengths. */
export type RewardedGroup = Pick<Credit, "group" | "sampleIds" | "rewards"> & { readonly tokens: readonly number[] };

/** A member of the family: what it compares a reward with, and what its loss is a mean of. */
export interface FamilyMember {
  readonly baseline: Baseline;
  readonly aggregation: Aggregation;
}

/** The members by the names of RLVR's presets. */
export const FAMILY = {
  grpo: { baseline: "group", aggregation: "sequence-mean" },
  "dr-grpo": { baseline: "group-mean", aggregation: "constant-length" },
  rloo: { baseline: "leave-one-out", aggregation: "sequence-mean" },
  "reinforce++": { baseline: "batch", aggregation: "token-mean" },
  "reinforce++-baseline": { baseline: "group-then-batch", aggregation: "token-mean" },
  dapo: { baseline: "group", aggregation: "token-mean" },
} as const satisfies Readonly<Record<string, FamilyMember>>;

/** One credit per group of samples that share a mean; groups of equal rewards have no advantage. */
export function familyCredits(groups: readonly RewardedGroup[], baseline: Baseline): Credit[] {
  const own = groups.filter(({ rewards }) => rewards.length > 0);
  if (baseline === "batch") {
    const all = (key: "sampleIds" | "rewards" | "tokens") => own.flatMap((group) => group[key] as readonly unknown[]);
    const batch = { group: "batch", sampleIds: all("sampleIds"), rewards: all("rewards"), tokens: all("tokens") };
    return [creditOf(batch as unknown as RewardedGroup)];
  }
  const credits = own.map(creditOf);
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

/**
 * What one token of a sample weighs in the loss, before its advantage.
 * @param constantLength of "constant-length": the longest answer that is allowed
 */
export function tokenWeight(
  aggregation: Aggregation,
  tokens: number,
  { sequences, total, constantLength }: { sequences: number; total: number; constantLength: number },
): number {
  switch (aggregation) {
    case "token-mean":
      return 1 / total;
    case "sequence-mean":
      return 1 / (sequences * tokens);
    case "constant-length":
      return 1 / (sequences * constantLength);
    default:
      return aggregation satisfies never;
  }
}

/** Standardizes the rewards of one group; `tokens` record the weight of each sample. */
export function creditOf({ group, sampleIds, rewards, tokens }: RewardedGroup): Credit {
  return { group, sampleIds, rewards, ...standardize(rewards), tokens };
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
