/** One group of a step under every member of the GRPO family. Pure. */
import { FAMILY, familyCredits, largest, type RewardedGroup, tokenWeight } from "../../contracts";
import type { StepState } from "../../telemetry/state";

export type MemberName = keyof typeof FAMILY;
export const MEMBERS = Object.keys(FAMILY) as readonly MemberName[];

/** What a member makes of one sample. */
export interface MemberView {
  readonly advantage: number;
  /** Of one token in the loss; 1 is what it would weigh if all tokens of the batch weighed the same. */
  readonly weight: number;
  /** Of the batch's pull: |advantage| × weight × tokens, as a share of the sum over all samples. */
  readonly share: number;
}

/** One sample of the group. */
export interface FamilyRow {
  readonly reward: number;
  readonly tokens: number;
  readonly members: Readonly<Record<MemberName, MemberView>>;
}

/** The groups of a step by prompt: as they were credited, or from the samples where the whole batch shared a baseline. */
export function groupsIn({ credits, samples }: Pick<StepState, "credits" | "samples">): RewardedGroup[] {
  if (credits.length !== 1 || credits[0]?.group !== "batch")
    return credits.map(({ group, sampleIds, rewards, tokens }) => ({
      ...{ group, sampleIds, rewards },
      tokens: tokens ?? rewards.map(() => 1),
    }));
  const groups = new Map<string, { sampleIds: string[]; rewards: number[]; tokens: number[] }>();
  for (const { prompt, sample, reward } of samples.values()) {
    if (reward === undefined) continue;
    const group = groups.get(prompt.id) ?? { sampleIds: [], rewards: [], tokens: [] };
    groups.set(prompt.id, group);
    group.sampleIds.push(sample.id);
    group.rewards.push(reward);
    group.tokens.push(sample.logprobs.length);
  }
  return [...groups].map(([group, lists]) => ({ group, ...lists }));
}

/** The first group with different rewards; -1 if there is no such group. */
export function tellingGroup(groups: readonly RewardedGroup[]): number {
  return groups.findIndex(({ rewards }) => rewards.some((reward) => reward !== rewards[0]));
}

/** The rows of one group; the other groups count in means over the batch. */
export function familyRows(groups: readonly RewardedGroup[], chosen: number): FamilyRow[] {
  const group = groups[chosen];
  if (!group) return [];
  const views = Object.fromEntries(MEMBERS.map((name) => [name, viewsOf(groups, name)])) as unknown as Readonly<
    Record<MemberName, ReadonlyMap<string, MemberView>>
  >;
  return group.sampleIds.map((id, index) => ({
    reward: group.rewards[index] ?? 0,
    tokens: group.tokens[index] ?? 0,
    members: Object.fromEntries(MEMBERS.map((name) => [name, views[name].get(id)])) as unknown as FamilyRow["members"],
  }));
}

/** What a member makes of every sample of the batch, by id. */
function viewsOf(groups: readonly RewardedGroup[], name: MemberName): Map<string, MemberView> {
  const { baseline, aggregation } = FAMILY[name];
  const lengths = groups.flatMap(({ tokens }) => tokens);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  // A log does not say how long an answer might have been: as long as the longest of the step.
  const batch = { sequences: lengths.length, total, constantLength: largest(lengths, 1) };
  const all = familyCredits(groups, baseline).flatMap(({ sampleIds, advantages, tokens = [] }) =>
    sampleIds.map((id, index) => {
      const length = tokens[index] ?? 1;
      const weight = tokenWeight(aggregation, length, batch);
      const advantage = advantages[index] ?? 0;
      return { id, advantage, weight: weight * total, pull: Math.abs(advantage) * weight * length };
    }),
  );
  const pulls = all.reduce((sum, { pull }) => sum + pull, 0);
  return new Map(
    all.map(({ id, advantage, weight, pull }) => [id, { advantage, weight, share: pulls === 0 ? 0 : pull / pulls }]),
  );
}
