/** What a run of GRM does: queries before the first step, right judgements to read, then rewards for right verdicts. */
import { credited } from "../advantage/family";
import { type Group, KelvinError, type Lesson, type Stage, type Step } from "../contracts";
import { type Ballot, pairRewards, thresholdReward } from "../reward/score-votes";
import { phase } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import { rollout } from "../rollout/rollout";
import { TASK_RULES } from "../tasks/check";
import { RIGHT_FROM } from "../tasks/judgements";
import { knowsJudging } from "../tasks/prompts";
import { mean } from "./collapse";
import type { GrmConfig } from "./grm";
import { type Judged, judgeDraws, judgedOf, scoresIn } from "./grm-judging";
import { ownQueries, readQueries, writeQueries } from "./grm-queries";
import { solved } from "./grm-solver";
import { drafted, fineTuned, storeLessons } from "./grm-tuning";
import { policyGradient, policyLesson } from "./lesson";
import { fillBuffers } from "./seeding";

export { measure } from "./grm-measures";

export type GrmStep = Step<GrmConfig>;

/** Statements of the longest program that an induction query is about. */
const INDUCTION_STATEMENTS = 2;
/** Proposals that run after an earlier short program, so that some queries are longer than the policy's own programs. */
const COMPOSITES = 0.3;
/** Of the queries, kept out of training. */
const EXAM_SHARE = 0.25;

/** Tasks, tries, and the judgements of the untrained judge. */
export async function* prepare(step: GrmStep): Stage<void> {
  const { config, memory, policy } = step;
  if (!knowsJudging(policy))
    throw new KelvinError("model", "this model was never taught to judge", "use --model kelvin-nano-judge");
  const seedTasks = Math.ceil(config.queries / 2) + 1;
  yield* fillBuffers(step, {
    ...{ seedTasks, inductionStatements: INDUCTION_STATEMENTS, temperature: 1, rules: TASK_RULES },
    composites: COMPOSITES,
  });
  if (config.learner === "solver") return;
  const queries = yield* ownQueries(step, config.queries);
  const exam = Math.min(config.exam, Math.floor(queries.length * EXAM_SHARE));
  if (exam === 0) throw new KelvinError("model", "too few tries differ", "use a larger number of queries");
  writeQueries(memory, "exam", queries.slice(0, exam));
  const { lessons, open } = yield* phase("judge", drafted(step, queries.slice(exam)));
  storeLessons(memory, lessons);
  writeQueries(memory, "queries", queries.slice(exam));
  memory.set(
    "open",
    open.map(({ id }) => id),
  );
}

/** Reads right judgements in the first steps; later judges and is paid. Or a solver is paid by the judge. */
export async function* collect(step: GrmStep): Stage<readonly Lesson[]> {
  const { config, memory, policy, rng, index } = step;
  if (config.learner === "solver") return yield* solved(step);
  if (index < config.fineTuneSteps) return yield* phase("read", fineTuned(step, readQueries(memory, "queries")));
  const queries = drawWithout(rng.child("queries"), openQueries(step), config.tasks);
  const bench = { policy, rng, manner: config, name: `${index}/judge`, samples: config.samples };
  const draws = judgeDraws({ ...bench, purpose: "train" }, queries);
  const groups = yield* phase("judge", rollout(policy, draws, { temperature: 1, rng }));
  yield* phase("compare", rewarded(step, judgedOf(queries, groups)));
  yield* phase("advantage", credited(groups, "group"));
  const loss = policyGradient({ aggregation: "sequence-mean", klCoefficient: config.klCoefficient });
  return [policyLesson(groups, loss, config.learningRate, "drawn")];
}

/** Queries that the untrained judge did not always judge rightly; all of them where it did. */
function openQueries({ memory }: GrmStep) {
  const all = readQueries(memory, "queries");
  const open = new Set((memory.get("open") ?? []) as readonly string[]);
  const left = all.filter(({ id }) => open.has(id));
  return left.length > 0 ? left : all;
}

/** ±1, and what the scores look like. */
async function* rewarded({ config }: GrmStep, judged: readonly Judged[]): Stage<void> {
  for (const one of judged) {
    const [high, low] = [scoresIn(one.better), scoresIn(one.worse)];
    const rewards = rewardsOf(config, one, high, low);
    yield* pay(one.better, rewards.better);
    yield* pay(one.worse, rewards.worse);
  }
  yield { type: "stage.metrics", metrics: judgeMetrics(judged) };
}

function rewardsOf({ reward }: GrmConfig, { query }: Judged, high: Ballot, low: Ballot) {
  if (reward === "best") return pairRewards(high, low);
  const alone = (ballot: Ballot, right: boolean) => ballot.map((score) => thresholdReward(score, right, RIGHT_FROM));
  return { better: alone(high, query.better.right), worse: alone(low, query.worse.right) };
}

async function* pay({ samples }: Group, rewards: readonly number[]): Stage<void> {
  for (const [place, sample] of samples.entries()) {
    sample.reward = rewards[place] as number;
    yield { type: "reward.sample", sampleId: sample.id, reward: sample.reward };
  }
}

function judgeMetrics(judged: readonly Judged[]): Record<string, number> {
  const scores = judged.flatMap(({ better, worse }) => [...scoresIn(better), ...scoresIn(worse)]);
  const read = scores.filter((score) => score !== null);
  const pairs = judged.flatMap(({ better, worse }) =>
    scoresIn(better).flatMap((high) =>
      scoresIn(worse).flatMap((low) => (high === null || low === null ? [] : [{ high, low }])),
    ),
  );
  return {
    "judge/right": mean(pairs.map(({ high, low }) => (high > low ? 1 : 0))),
    "judge/ties": mean(pairs.map(({ high, low }) => (high === low ? 1 : 0))),
    "judge/parsed": read.length / Math.max(1, scores.length),
    "judge/score": mean(read),
  };
}
