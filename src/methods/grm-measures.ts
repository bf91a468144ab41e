/** What an evaluation of GRM measures beside the suites: how often the judge is right about queries it never learned from. */
import type { Measure, Rng, Stage } from "../contracts";
import {
  agreementWithin,
  fitMeta,
  guidedSums,
  likelySums,
  metaScore,
  type Weighed,
  weighed,
} from "../reward/meta-model";
import { type Ballot, electedOf, isStrict, sumsOf } from "../reward/score-votes";
import { quietly } from "../rollout/phase";
import { rollout } from "../rollout/rollout";
import { QUERY_KINDS } from "../tasks/judgements";
import { mean } from "./collapse";
import { headMeasures } from "./grm-head";
import { ballotsOf, type Judged, judgeDraws, judgedOf } from "./grm-judging";
import { againstSolver } from "./grm-long";
import { formSays, type Query, readQueries } from "./grm-queries";
import type { GrmStep } from "./grm-run";

/** Rounds of judging of each query that the meta reward model learns from. */
const META_ROUNDS = 8;
/** Layer whose mean the meta reward model reads. */
const LAYER = 2;

/** Greedy verdicts at each evaluation; votes, meta reward model and long programs before the first step and after the last one. */
export async function* measure(step: GrmStep): Stage<readonly Measure[]> {
  const isEnd = step.index === 0 || step.index === step.steps;
  if (step.config.learner === "solver") return isEnd ? yield* againstSolver(step) : [];
  const exam = readQueries(step.memory, "exam");
  const greedy = yield* judgements(step, exam, "exam", 1, 0);
  const measures = [...verdictsOf(greedy), ...byKind(greedy)];
  if (!isEnd) return measures;
  const { copies, votes, metaQueries } = step.config;
  const voted = yield* judgements(step, exam, "votes", copies ? 1 : votes, 1);
  const ballots = voted.map((one) => copied(step, ballotsOf(one)));
  return [
    ...[...measures, ...votesOf(ballots, votes, step.rng.child("ties")), ...repeated(ballots)],
    ...(metaQueries > 0 && !copies ? yield* metaMeasures(step, voted) : []),
    ...(yield* headMeasures(step)),
    byForm(exam),
    ...(yield* againstSolver(step)),
  ];
}

/** Judgements of both tries of these queries. Nothing of it is logged. */
async function* judgements(
  { policy, rng, config }: GrmStep,
  queries: readonly Query[],
  name: string,
  samples: number,
  temperature: number,
): Stage<Judged[]> {
  const draws = judgeDraws({ policy, rng, manner: config, name, samples, purpose: "evaluate" }, queries);
  const progress = { type: "live.progress", phase: "evaluate", done: 0, total: 1 } as const;
  return judgedOf(queries, yield* quietly(rollout(policy, draws, { temperature, rng }), progress));
}

const isRight = (judged: Judged) => ballotsOf(judged).map((ballot) => isStrict(ballot, 0));

/** Strictly the higher score for the better try, and judgements that can be read. */
function verdictsOf(judged: readonly Judged[]): Measure[] {
  const scores = judged.flatMap(ballotsOf).flat();
  return [
    { name: "judge/greedy", value: mean(judged.flatMap(isRight).map(Number)), n: judged.length },
    { name: "judge/parsed", value: mean(scores.map((score) => Number(score !== null))), n: scores.length },
    { name: "judge/ties", value: mean(judged.flatMap(ballotsOf).map(isTie)), n: judged.length },
  ];
}

/** Control: a rule that sees only the form of two tries; where it says nothing it is half right. */
function byForm(queries: readonly Query[]): Measure {
  const shares = queries.map(({ better, worse }) => (1 + formSays(better, worse)) / 2);
  return { name: "form/pairs", value: mean(shares), n: shares.length };
}

const isTie = ([high, low]: Ballot) => (high !== null && high === low ? 1 : 0);

function byKind(judged: readonly Judged[]): Measure[] {
  return QUERY_KINDS.flatMap((kind) => {
    const own = judged.filter(({ query }) => query.kind === kind);
    const value = mean(own.flatMap(isRight).map(Number));
    return own.length === 0 ? [] : [{ name: `${kind}/pairs`, value, n: own.length }];
  });
}

/** As many ballots as there are votes: control, copies of the first one. */
function copied({ config }: GrmStep, ballots: readonly Ballot[]): Ballot[] {
  return config.copies ? Array.from({ length: config.votes }, () => ballots[0] as Ballot) : [...ballots];
}

/** 1, 2, 4, … votes, up to the number that was drawn. */
function sizesOf(votes: number): number[] {
  return [1, 2, 4, 8, 16, 32].filter((k) => k <= votes);
}

/** How often k votes elect the better try. A query's ballots are cut into as many sets of k as there are. */
function votesOf(queries: readonly (readonly Ballot[])[], votes: number, rng: Rng): Measure[] {
  return sizesOf(votes).map((k) => ({
    name: `judge/vote${k}`,
    value: mean(
      queries.map((ballots, query) => mean(electedIn(ballots, k, (set) => sumsOf(set, 2), rng.child(query)))),
    ),
    n: queries.length,
  }));
}

/** 1 for each set of k that elects the better try, else 0. All ties of a query have one draw, so that copies of a judgement stay flat. */
function electedIn<T>(rounds: readonly T[], k: number, sums: (set: readonly T[]) => number[], rng: Rng): number[] {
  const sets = Math.floor(rounds.length / k);
  return Array.from({ length: sets }, (_, set) =>
    electedOf(sums(rounds.slice(set * k, (set + 1) * k)), rng.child("tie")) === 0 ? 1 : 0,
  );
}

/** How often a second judgement at temperature 1 comes to the same verdict as the first. */
function repeated(queries: readonly (readonly Ballot[])[]): Measure[] {
  const pairs = queries.flatMap(([first, second]) => (first && second ? [[first, second] as const] : []));
  const verdict = ([high = null, low = null]: Ballot) => (high === null || low === null ? null : Math.sign(high - low));
  const same = pairs.map(([first, second]) => (verdict(first) !== null && verdict(first) === verdict(second) ? 1 : 0));
  return pairs.length === 0 ? [] : [{ name: "judge/repeated", value: mean(same), n: pairs.length }];
}

/** Votes guided by a meta reward model, against votes that log-probabilities guide or weigh. */
async function* metaMeasures(step: GrmStep, exam: readonly Judged[]): Stage<Measure[]> {
  const training = readQueries(step.memory, "queries").slice(0, step.config.metaQueries);
  const head = fitMeta(yield* weighedOf(step, yield* judgements(step, training, "meta", META_ROUNDS, 1)));
  if (!head) return [];
  const queries = yield* weighedOf(step, exam);
  const meta = metaScore(head);
  const logprob = ({ logprob }: Weighed) => logprob;
  const rng = step.rng.child("guided");
  const voted = (name: string, sums: (set: readonly Weighed[]) => number[]): Measure[] =>
    sizesOf(step.config.votes)
      .filter((k) => k >= 2)
      .map((k) => {
        const value = mean(queries.map((rounds, query) => mean(electedIn(rounds, k, sums, rng.child(name, query)))));
        return { name: `${name}/vote${k}`, value, n: queries.length };
      });
  const within = (name: string, score: (round: Weighed) => number): Measure[] => {
    const agreement = agreementWithin(queries, score);
    return agreement ? [{ name, ...agreement }] : [];
  };
  return [
    ...voted("guided", (set) => guidedSums(set, meta)),
    ...voted("likeliest", (set) => guidedSums(set, logprob)),
    ...voted("weighted", likelySums),
    ...within("meta/within", meta),
    ...within("logprob/within", logprob),
  ];
}

/** Rounds of judging with what is known of their judgements, query by query. */
async function* weighedOf({ policy }: GrmStep, judged: readonly Judged[]): Stage<Weighed[][]> {
  const all = judged.flatMap(({ better, worse }) =>
    [better, worse].flatMap(({ prompt, samples }) => samples.map((sample) => ({ prompt: prompt.tokens, sample }))),
  );
  yield { type: "live.progress", phase: "evaluate", done: 0, total: 1 };
  const features = await policy.features?.(
    all.map(({ prompt, sample }) => ({ prompt, completion: sample.tokens })),
    LAYER,
    "mean",
  );
  const known = new Map(all.map(({ sample }, place) => [sample, features?.[place] ?? []]));
  return judged.map((one) =>
    ballotsOf(one).map((ballot, round) => {
      const samples = [one.better, one.worse].flatMap((group) => group.samples.slice(round, round + 1));
      const figures = samples.map((sample) => ({
        ...{ features: known.get(sample) ?? [], logprobs: sample.logprobs, entropies: sample.entropies ?? [] },
      }));
      return weighed(ballot, figures);
    }),
  );
}
