import { type Group, learnability, type Rng, type Sample, type Stage, type VerdictName } from "../contracts";

/**
 * Source of rewards: the verifier, or a control: random numbers, the form of the answer alone, the verifier with a wrong label, or
 * nothing at all.
 */
export type RewardSource = "verifier" | "random" | "format" | "wrong-label" | "none";

/** Values of the setting where answers and proposals are rewarded. */
export const REWARD_SOURCES = ["verifier", "random"] as const;
/** Values where only answers are. */
export const ANSWER_REWARDS = ["verifier", "random", "format", "wrong-label"] as const;
/** Values where the loss has terms that need no reward. */
export const EXAMPLE_REWARDS = [...ANSWER_REWARDS, "none"] as const;

/** Verdicts on answers that could not be read. */
const MALFORMED: ReadonlySet<VerdictName> = new Set<VerdictName>([
  "FORMAT",
  "INVALID ANSWER",
  "INVALID PROGRAM",
  "DENIED",
]);

/** A solver's reward: 1 if right, -0.5 if well-formed but wrong, -1 if malformed. arXiv 2505.03335 Eq. 6. */
export function solverReward(verdict: VerdictName): number {
  if (verdict === "CORRECT") return 1;
  return MALFORMED.has(verdict) ? -1 : -0.5;
}

/** What a task earns that is solved never or always: nothing (the paper's Eq. 4), or -0.5 (its released code). */
export const EDGE_RULES = ["nothing", "punished"] as const;
export type EdgeRule = (typeof EDGE_RULES)[number];

/** What proposers are paid beyond the paper's formula. */
export interface ProposerTerms {
  readonly edges: EdgeRule;
  /** Added to the reward of a learnable task. */
  bonus(sampleId: string): number;
}

const PLAIN_TERMS: ProposerTerms = { edges: "nothing", bonus: () => 0 };

/**
 * A proposer's reward: 1 - solve rate for a task that is solved sometimes, 0 for a task solved never or always, -0.5 for a
 * proposal that cannot become a task, -1 for one that cannot be read. arXiv 2505.03335 Eq. 4. A held-out program is refused but
 * not punished.
 */
export function proposerReward(verdict: VerdictName, solveRate: number | null, edges: EdgeRule = "nothing"): number {
  if (verdict === "HELD OUT" || (verdict === "VALID" && solveRate === null)) return 0;
  if (verdict === "VALID") return learnability(solveRate ?? 0) || (edges === "punished" ? -0.5 : 0);
  return verdict === "FORMAT" ? -1 : -0.5;
}

/** Share of right answers; null without samples. */
export function solveRate(samples: readonly Sample[]): number | null {
  if (samples.length === 0) return null;
  return samples.filter((sample) => verdictName(sample) === "CORRECT").length / samples.length;
}

/** Fills the reward of every solver sample. */
export async function* rewardSolvers(groups: readonly Group[], source: RewardSource, rng: Rng): Stage<void> {
  for (const sample of groups.flatMap((group) => group.samples)) {
    sample.reward = answerReward(sample, source, rng);
    yield { type: "reward.sample", sampleId: sample.id, reward: sample.reward };
  }
}

/** Fills the reward of every proposal. `rates` maps the sample id of each admitted proposal to its solve rate. */
export async function* rewardProposers(
  groups: readonly Group[],
  rates: ReadonlyMap<string, number | null>,
  source: RewardSource,
  rng: Rng,
  { edges, bonus }: ProposerTerms = PLAIN_TERMS,
): Stage<void> {
  for (const sample of groups.flatMap((group) => group.samples)) {
    const rate = rates.get(sample.id) ?? null;
    const earned = proposerReward(verdictName(sample), rate, edges);
    const paid = earned > 0 ? earned + bonus(sample.id) : earned;
    sample.reward = source === "random" ? rng.child("proposer", sample.id).next() : paid;
    yield { type: "reward.proposal", sampleId: sample.id, solveRate: rate, reward: sample.reward };
  }
}

function answerReward(sample: Sample, source: RewardSource, rng: Rng): number {
  if (source === "random") return randomSolverReward(rng, sample);
  if (source === "none") return 0;
  const reward = solverReward(verdictName(sample));
  // Whatever can be read is as good as right.
  return source === "format" && reward > -1 ? 1 : reward;
}

/**
 * Like `rewardSolvers` by the verifier, where being right takes more than a right answer.
 * @param share what an answer that is not solved earns, if it can be read, by the place of its group; absent: the usual −0.5
 */
export async function* rewardSteps(
  groups: readonly Group[],
  solved: (group: Group, sample: Sample) => boolean,
  share: (sample: Sample, place: number) => number = () => solverReward("WRONG"),
): Stage<void> {
  for (const [place, group] of groups.entries()) {
    for (const sample of group.samples) {
      if (solved(group, sample)) sample.reward = 1;
      else sample.reward = MALFORMED.has(verdictName(sample)) ? -1 : share(sample, place);
      yield { type: "reward.sample", sampleId: sample.id, reward: sample.reward };
    }
  }
}

/** 1 for an answer that agrees with the label of its group, else 0. arXiv 2504.16084 §2.2. */
export async function* rewardVotes(
  groups: readonly Group[],
  agreeing: (group: Group, index: number) => readonly boolean[],
): Stage<void> {
  for (const [place, group] of groups.entries()) {
    const agrees = agreeing(group, place);
    for (const [index, sample] of group.samples.entries()) {
      sample.reward = agrees[index] ? 1 : 0;
      yield { type: "reward.sample", sampleId: sample.id, reward: sample.reward };
    }
  }
}

/** Control: a fair coin decides, whatever the answer. */
function randomSolverReward(rng: Rng, sample: Sample): number {
  return rng.child("solver", sample.id).next() < 0.5 ? 1 : -0.5;
}

function verdictName(sample: Sample): VerdictName {
  if (!sample.verdict) throw new Error(`sample ${sample.id} has no verdict yet`);
  return sample.verdict.verdict;
}
