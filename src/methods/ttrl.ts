import { groupRelative } from "../advantage/advantage";
import {
  ADVANTAGE,
  COMPLETION_LENGTH,
  ENTROPY,
  type GaugeInfo,
  GRADIENT_NORM,
  type Group,
  type Method,
  type MethodConfig,
  type PhaseInfo,
  type Sample,
  SOLVE,
  type Stage,
  type Step,
  TRACE_SHARE,
  UPDATE,
} from "../contracts";
import { rewardSolvers, rewardVotes } from "../reward/reward";
import { type Ballot, countVotes } from "../reward/votes";
import { phase } from "../rollout/phase";
import { rollout } from "../rollout/rollout";
import { parseAnswer } from "../tasks/formats";
import { Judging } from "../tasks/judge";
import { canonical, isValue } from "../tasks/language";
import { mean, seeCollapse } from "./collapse";
import { policyGradient, policyLesson } from "./lesson";
import { answerDraws, drawTasks, fillPool, PRACTICE_TYPES, type PracticeTypes, readPool, typesOf } from "./practice";

const LABELS = ["majority", "true", "random"] as const;

/** Settings; `describe` below explains each. */
export interface TtrlConfig extends MethodConfig {
  readonly types: PracticeTypes;
  readonly pool: number;
  readonly tasks: number;
  readonly samples: number;
  readonly labels: (typeof LABELS)[number];
  readonly monitor: boolean;
  readonly learningRate: number;
  readonly temperature: number;
}

const VOTE: PhaseInfo = {
  name: "vote",
  work: "judging",
  title: "Vote",
  heading: "The answers vote",
  note: "The answers to a prompt vote. What most of them say counts as right and earns 1, all else 0. Nobody tells the model whether it is right.",
  caption: "Most votes win. Nobody says whether they are right.",
};

const MAJORITY: GaugeInfo = {
  name: "majority",
  term: "majority",
  title: "Majority",
  short: "votes for the most frequent answer",
  metric: "vote/ratio",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of readable answers that agree with the most frequent one. It rises when the model learns, and it rises when it collapses: only the labels' truth tells which.",
};

const LABEL_TRUTH: GaugeInfo = {
  name: "label-truth",
  term: "label-truth",
  title: "Labels that are true",
  short: "looked up, never trained on",
  metric: "vote/true",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The share of labels that the verifier finds right. Training does not see it. If it falls while the majority rises, the model learns to agree on something wrong.",
};

const TRACE_PAYS: GaugeInfo = {
  name: "trace-pays",
  term: "majority",
  title: "What a trace earns",
  short: "more than a bare answer",
  metric: "vote/tracePays",
  range: [-0.5, 0.5],
  decimals: 2,
  meaning:
    "The mean reward of answers with a trace, less that of bare ones. Its sign foretells the run, and no label is needed: above 0 traces spread, and with them the skill; below 0 they vanish, and the model agrees on guesses.",
};

/** Test-time reinforcement learning: the majority of the model's own answers is the label. arXiv 2504.16084. */
export const ttrl: Method<TtrlConfig> = {
  name: "ttrl",
  title: "TTRL",
  summary:
    "Learning without labels: the model answers each prompt many times, and the majority of its own answers counts as right (Zuo et al. 2025, arXiv 2504.16084).",
  defaults: {
    types: "deduction",
    pool: 256,
    tasks: 16,
    samples: 16,
    labels: "majority",
    monitor: true,
    learningRate: 1.5e-4,
    temperature: 1,
  },
  describe: {
    types: "Task types of the prompts. Many inputs solve an abduction, so its votes split and the labels go wrong.",
    pool: "Prompts, without their answers.",
    tasks: "Prompts per step.",
    samples: "Answers per prompt; all of them vote.",
    labels: "The majority of the answers, or (controls) the true answer, or coin flips.",
    monitor: "Whether the run stops when answers agree more and more and traces become rare.",
    learningRate: "Constant learning rate.",
    temperature: "Sampling temperature of answers.",
  },
  choices: { types: PRACTICE_TYPES, labels: LABELS },
  presets: { small: { pool: 64, tasks: 8, samples: 8 } },
  phases: [SOLVE, VOTE, ADVANTAGE, UPDATE],
  gauges: [TRACE_SHARE, MAJORITY, TRACE_PAYS, LABEL_TRUTH, COMPLETION_LENGTH, ENTROPY, GRADIENT_NORM],
  words: {
    majority: {
      title: "Majority",
      text: "The answer that most of the tries at one prompt give. In test-time reinforcement learning it is the label: who agrees with it earns 1. A tie has no label, and the prompt teaches nothing.",
      see: ["group", "reward"],
    },
    "label-truth": {
      title: "Label truth",
      text: "How often the majority is right. It is looked up beside the run, by the verifier, and nothing learns from it.",
      see: ["majority", "verifier"],
    },
  },
  stage: "tasks",
  teacher: "itself",
  needs: () => ({}),

  prepare: (step) => fillPool(step, typesOf(step.config.types), step.config.pool),

  async *collect(step) {
    const { config, policy, rng } = step;
    const judging = new Judging(step.verifier);
    const sampling = { temperature: config.temperature, rng, ahead: judging };
    const groups = yield* phase("solve", rollout(policy, draws(step), sampling));
    const ballots = groups.map((group) => countVotes(valuesOf(group)));
    yield* phase("vote", voted(step, groups, ballots, judging));
    yield* phase("advantage", groupRelative(groups));
    if (config.monitor) watch(step, groups, ballots);
    return [policyLesson(groups, policyGradient({ temperature: config.temperature }), config.learningRate)];
  },
};

type TtrlStep = Step<TtrlConfig>;

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
