import {
  type Credit,
  creditOf,
  type Group,
  kindOf,
  kindText,
  PROPOSER,
  type RewardedGroup,
  type Sample,
  SOLVER,
  type Stage,
  standardize,
  TASK_TYPES,
} from "../contracts";

const KINDS = [PROPOSER, SOLVER].flatMap((role) => TASK_TYPES.map((type) => kindOf(role, type)));

/** What a baseline runs over. */
export const WHITENINGS = ["samples", "tokens"] as const;
export type Whitening = (typeof WHITENINGS)[number];

/**
 * Task-relative REINFORCE++ (TRR++): one baseline for each of the six role × type combinations,
 * `advantage = (reward - mean) / (deviation + 1e-4)`. Every *sample* weighs the same, however long it is, unlike
 * whitening over tokens, which lets long failures drag the baseline down. arXiv 2505.03335 §3.3.5.
 */
export async function* taskRelative(groups: readonly Group[], whitening: Whitening = "samples"): Stage<void> {
  for (const kind of KINDS) {
    const sharing = groups.filter(({ prompt }) => prompt.kind === kind);
    yield* assign(
      kindText(kind),
      sharing.flatMap(({ samples }) => samples),
      whitening,
    );
  }
}

/** Group-relative advantages (GRPO): the samples of one prompt share a baseline. arXiv 2402.03300. */
export async function* groupRelative(groups: readonly Group[]): Stage<void> {
  for (const { prompt, samples } of groups) yield* assign(prompt.id, samples);
}

async function* assign(group: string, samples: readonly Sample[], whitening: Whitening = "samples"): Stage<void> {
  if (samples.length === 0) return;
  const credit = whitening === "tokens" ? normalizeTokens(group, samples) : normalize(group, samples);
  for (const [index, sample] of samples.entries()) sample.advantage = credit.advantages[index] ?? 0;
  yield { type: "credit.group", credit };
}

/** Standardizes the rewards of one group and records the weight of each sample. */
export function normalize(group: string, samples: readonly Earned[]): Credit {
  return creditOf(rewardedGroup(group, samples));
}

/** The same with every token counted. */
export function normalizeTokens(group: string, samples: readonly Earned[]): Credit {
  const rewarded = rewardedGroup(group, samples);
  return { ...rewarded, ...standardize(rewarded.rewards, rewarded.tokens), over: "tokens" };
}

type Earned = Pick<Sample, "id" | "reward" | "tokens">;

/** What the samples of a group earned, and how long they are. */
export function rewardedGroup(group: string, samples: readonly Earned[]): RewardedGroup {
  return {
    group,
    sampleIds: samples.map(({ id }) => id),
    rewards: samples.map(({ reward }) => reward),
    tokens: samples.map(({ tokens }) => tokens.length),
  };
}
