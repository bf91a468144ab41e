/** What a run of TTRL does. */
import { groupRelative } from "../advantage/advantage";
import type { Group, Lesson, Sample, Stage, Step } from "../contracts";
import { rewardSolvers, rewardVotes } from "../reward/reward";
import { type Ballot, countVotes } from "../reward/votes";
import { phase } from "../rollout/phase";
import { rollout } from "../rollout/rollout";
import { parseAnswer } from "../tasks/formats";
import { Judging } from "../tasks/judge";
import { canonical, isValue } from "../tasks/language";
import { mean, seeCollapse } from "./collapse";
import { policyGradient, policyLesson } from "./lesson";
import { answerDraws, drawTasks, fillPool, readPool, typesOf } from "./practice";
import type { TtrlConfig } from "./ttrl";

type TtrlStep = Step<TtrlConfig>;

export const prepare = (step: TtrlStep): Stage<void> => fillPool(step, typesOf(step.config.types), step.config.pool);

/** One step: answers, their votes, and one update. */
export async function* collect(step: TtrlStep): Stage<readonly Lesson[]> {
  const { config, policy, rng } = step;
  const judging = new Judging(step.verifier);
  const sampling = { temperature: config.temperature, rng, ahead: judging };
  const groups = yield* phase("solve", rollout(policy, draws(step), sampling));
  const ballots = groups.map((group) => countVotes(valuesOf(group)));
  yield* phase("vote", voted(step, groups, ballots, judging));
  yield* phase("advantage", groupRelative(groups));
  if (config.monitor) watch(step, groups, ballots);
  return [policyLesson(groups, policyGradient({ temperature: config.temperature }), config.learningRate)];
}

function draws({ config, memory, policy, rng, index }: TtrlStep) {
  const pool = readPool(memory, typesOf(config.types), config.pool);
  const tasks = drawTasks(pool, config.tasks, rng.child("tasks"));
  return answerDraws(policy, `${index}/solve`, tasks, { samples: config.samples });
}

/** The value that each answer votes for; null if it cannot be read. */
function valuesOf({ samples }: Group): (string | null)[] {
  return samples.map((sample) => {
    const answer = parseAnswer(sample);
    const value = answer === null ? null : canonical(answer);
    return value !== null && isValue(value) ? value : null;
  });
}

/** Rewards first. The verdicts come after them and are only shown. */
async function* voted(
  { config, rng }: TtrlStep,
  groups: readonly Group[],
  ballots: readonly Ballot[],
  judging: Judging,
): Stage<void> {
  if (config.labels === "majority") yield* rewardVotes(groups, (group, index) => agreeing(group, ballots[index]));
  yield* judging.settle(groups);
  if (config.labels !== "majority")
    yield* rewardSolvers(groups, config.labels === "true" ? "verifier" : "random", rng.child("reward"));
  yield { type: "stage.metrics", metrics: voteMetrics(groups, ballots) };
}

function agreeing(group: Group, ballot: Ballot | undefined): boolean[] {
  return valuesOf(group).map((value) => value !== null && value === ballot?.label);
}

function voteMetrics(groups: readonly Group[], ballots: readonly Ballot[]): Record<string, number> {
  const labelled = ballots.flatMap((ballot, index) => (ballot.label === null ? [] : [{ ballot, index }]));
  const isTrue = labelled.filter(({ ballot, index }) => {
    const group = groups[index] as Group;
    const voter = valuesOf(group).indexOf(ballot.label);
    return group.samples[voter]?.verdict?.verdict === "CORRECT";
  });
  return {
    "vote/ratio": majorityOf(ballots),
    "vote/labelled": labelled.length / Math.max(1, ballots.length),
    "vote/true": isTrue.length / Math.max(1, labelled.length),
    ...tracePays(groups.flatMap(({ samples }) => samples)),
  };
}

/** How much more an answer with a trace earns than a bare one; nothing if one kind was not written. */
function tracePays(samples: readonly Sample[]): Record<string, number> {
  const rewards = (trace: boolean) => samples.flatMap((one) => (one.trace === trace ? [one.reward] : []));
  const [traced, bare] = [rewards(true), rewards(false)];
  return traced.length > 0 && bare.length > 0 ? { "vote/tracePays": mean(traced) - mean(bare) } : {};
}

/** The mean share of the most frequent answer, over the prompts that somebody could answer. */
function majorityOf(ballots: readonly Ballot[]): number {
  return mean(ballots.filter(({ voters }) => voters > 0).map(({ most, voters }) => most / voters));
}

function watch({ memory, stop }: TtrlStep, groups: readonly Group[], ballots: readonly Ballot[]): void {
  const samples = groups.flatMap((group) => group.samples);
  const traces = mean(samples.map(({ trace }) => (trace ? 1 : 0)));
  const why = seeCollapse(memory, { majority: majorityOf(ballots), traces });
  if (why !== null) stop(why);
}
