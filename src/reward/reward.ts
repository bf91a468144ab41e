import { type Group, learnability, type Rng, type Sample, type Stage, type VerdictName } from "../contracts";

/** What the numbers are paid for: the verifier's word, or (control) nothing at all. */
export type RewardSource = "verifier" | "random";

/** The words of the setting. */
export const REWARD_SOURCES: readonly RewardSource[] = ["verifier", "random"];

/** Answers that are not even in the form of one. */
const MALFORMED: ReadonlySet<VerdictName> = new Set<VerdictName>([
  "FORMAT",
  "INVALID ANSWER",
  "INVALID PROGRAM",
  "DENIED",
]);

/** A solver's reward: right 1, well-formed but wrong -0.5, malformed -1. arXiv 2505.03335 Eq. 6. */
export function solverReward(verdict: VerdictName): number {
  if (verdict === "CORRECT") return 1;
  return MALFORMED.has(verdict) ? -1 : -0.5;
}

/**
 * A proposer's reward: 1 - solve rate for a task that is solved sometimes, 0 for one solved never or always, -0.5
 * for a proposal that cannot become a task, -1 for one that cannot be read. arXiv 2505.03335 Eq. 4. A program that
 * happens to be held out is refused but not punished.
 */
export function proposerReward(verdict: VerdictName, solveRate: number | null): number {
  if (verdict === "VALID") return solveRate === null ? 0 : learnability(solveRate);
  if (verdict === "HELD OUT") return 0;
  return verdict === "FORMAT" ? -1 : -0.5;
}

/** Share of right answers; null when nothing was drawn. */
export function solveRate(samples: readonly Sample[]): number | null {
  if (samples.length === 0) return null;
  return samples.filter((sample) => verdictName(sample) === "CORRECT").length / samples.length;
}

/** Fills the reward of every solver sample. */
export async function* rewardSolvers(groups: readonly Group[], source: RewardSource, rng: Rng): Stage<void> {
  for (const sample of groups.flatMap((group) => group.samples)) {
    sample.reward = source === "random" ? randomSolverReward(rng, sample) : solverReward(verdictName(sample));
    yield { type: "reward.sample", sampleId: sample.id, reward: sample.reward };
  }
}

/** Fills the reward of every proposal. `rates` has the solve rate of each admitted one, by sample id. */
export async function* rewardProposers(
  groups: readonly Group[],
  rates: ReadonlyMap<string, number | null>,
  source: RewardSource,
  rng: Rng,
): Stage<void> {
  for (const sample of groups.flatMap((group) => group.samples)) {
    const rate = rates.get(sample.id) ?? null;
    sample.reward =
      source === "random" ? rng.child("proposer", sample.id).next() : proposerReward(verdictName(sample), rate);
    yield { type: "reward.proposal", sampleId: sample.id, solveRate: rate, reward: sample.reward };
  }
}

/** The control: a fair coin between right and wrong, whatever was answered. */
function randomSolverReward(rng: Rng, sample: Sample): number {
  return rng.child("solver", sample.id).next() < 0.5 ? 1 : -0.5;
}

function verdictName(sample: Sample): VerdictName {
  if (!sample.verdict) throw new Error(`sample ${sample.id} has no verdict yet`);
  return sample.verdict.verdict;
}
