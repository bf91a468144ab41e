import { type Credit, type Group, ROLES, type Sample, type Stage, TASK_TYPES } from "../contracts";

/** Added to the deviation, so that a nearly unanimous group does not explode. arXiv 2402.03300 as released. */
const SMALLEST_DEVIATION = 1e-4;

/**
 * Task-relative REINFORCE++ (TRR++): one baseline for each of the six role × type combinations,
 * `advantage = (reward - mean) / (deviation + 1e-4)`. Every *sample* weighs the same, however long it is, unlike
 * whitening over tokens, which lets long failures drag the baseline down. arXiv 2505.03335 §3.3.5.
 */
export async function* taskRelative(groups: readonly Group[]): Stage<void> {
  for (const role of ROLES) {
    for (const type of TASK_TYPES) {
      const sharing = groups.filter(({ prompt }) => prompt.role === role && prompt.type === type);
      yield* assign(
        `${role} ${type}`,
        sharing.flatMap(({ samples }) => samples),
      );
    }
  }
}

/** Group-relative advantages (GRPO): the samples of one prompt share a baseline. arXiv 2402.03300. */
export async function* groupRelative(groups: readonly Group[]): Stage<void> {
  for (const { prompt, samples } of groups) yield* assign(prompt.id, samples);
}

async function* assign(group: string, samples: readonly Sample[]): Stage<void> {
  if (samples.length === 0) return;
  const credit = normalize(group, samples);
  for (const [index, sample] of samples.entries()) sample.advantage = credit.advantages[index] ?? 0;
  yield { type: "credit.group", credit };
}

/** The arithmetic: mean, unbiased deviation (n - 1), and 0 for everybody where all rewards are equal. */
export function normalize(group: string, samples: readonly Pick<Sample, "id" | "reward">[]): Credit {
  const rewards = samples.map(({ reward }) => reward);
  const mean = average(rewards);
  const equal = rewards.every((reward) => reward === rewards[0]);
  const squares = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0);
  const deviation = equal ? 0 : Math.sqrt(squares / (rewards.length - 1));
  const advantages = rewards.map((reward) => (equal ? 0 : (reward - mean) / (deviation + SMALLEST_DEVIATION)));
  return { group, mean, deviation, sampleIds: samples.map(({ id }) => id), rewards, advantages };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
