/** Rejective fine-tuning: the judge's own judgements, of queries that it judges rightly sometimes. arXiv 2504.02495 §3.2. */
import type { Json, Lesson, Policy, Sample, Stage, Step } from "../contracts";
import { isStrict } from "../reward/score-votes";
import { type Example, exampleEvents, exampleOf } from "../rollout/examples";
import { quietly } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import { rollout } from "../rollout/rollout";
import { toldScore } from "../tasks/standing";
import type { GrmConfig } from "./grm";
import { ballotsOf, type Judged, judgeDraws, judgedOf, promptFor, startOf } from "./grm-judging";
import type { Query, Try } from "./grm-queries";

/** Judgements of each try before the first step; of a hinted query there is a fourth, which is told its score. */
export const DRAFTS = 3;
/** Share of the queries that are hinted, unless all are. */
const HINTED = 0.1;
const EPOCHS = 2;

/** A judgement to learn, as the memory stores it. */
interface StoredLesson {
  readonly query: string;
  readonly side: "better" | "worse";
  /** What follows the start of the prompt. */
  readonly text: string;
}

/** What the drafts come to. */
export interface Drafted {
  readonly lessons: readonly StoredLesson[];
  /** Queries that were not right in every round: what reinforcement learning goes on with. */
  readonly open: readonly Query[];
}

type Drafting = Pick<Step<GrmConfig>, "policy" | "rng" | "config">;

/** Judges every query three times, and keeps what `keptOf` keeps. */
export async function* drafted({ policy, rng, config }: Drafting, queries: readonly Query[]): Stage<Drafted> {
  const bench = { policy, rng, manner: config, name: "draft", purpose: "evaluate" as const };
  const share = config.hints === "only" ? 1 : config.hints === "none" ? 0 : HINTED;
  const told = new Set(queries.filter(({ id }) => rng.child("hint", id).next() < share));
  const draws = judgeDraws({ ...bench, samples: DRAFTS }, queries).map((draw, place) =>
    told.has(queries[Math.floor(place / 2)] as Query) ? { ...draw, samples: DRAFTS + 1 } : draw,
  );
  const progress = { type: "live.progress", phase: "judge", done: 0, total: 1 } as const;
  const groups = yield* quietly(rollout(policy, draws, { temperature: 1, rng }), progress);
  const judged = judgedOf(queries, groups);
  const rounds = judged.map((one) =>
    ballotsOf(one)
      .slice(0, DRAFTS)
      .map((ballot) => isStrict(ballot, 0)),
  );
  const own = judged.flatMap((one, place) => keptOf(rounds[place] ?? []).flatMap((round) => lessonsOf(one, round)));
  const hinted = judged.filter(({ query }) => told.has(query)).flatMap(hintedOf);
  return {
    lessons: drawWithout(rng.child("lessons"), config.hints === "only" ? hinted : [...own, ...hinted], Infinity),
    open: judged.flatMap(({ query }, place) => (rounds[place]?.every(Boolean) ? [] : [query])),
  };
}

/** Rounds that are learned from: those that were right, unless all were, for then the query is too easy. */
export function keptOf(rounds: readonly boolean[]): number[] {
  return rounds.every(Boolean) ? [] : rounds.flatMap((right, round) => (right ? [round] : []));
}

function lessonsOf({ query, better, worse }: Judged, round: number): StoredLesson[] {
  const [high, low] = [better.samples[round], worse.samples[round]];
  if (!high || !low) return [];
  return [
    { query: query.id, side: "better", text: high.text },
    { query: query.id, side: "worse", text: low.text },
  ];
}

/** The judge's own check, and the score that the rules give. Only what can be read is kept. */
function hintedOf({ query, better, worse }: Judged): StoredLesson[] {
  const told = (side: "better" | "worse", sample: Sample | undefined, start: string) => {
    const text = sample && hintedText(start, sample.text, toldScore(query.kind, query[side]));
    return text ? [{ query: query.id, side, text }] : [];
  };
  const high = told("better", better.samples[DRAFTS], startOf(better.prompt));
  const low = told("worse", worse.samples[DRAFTS], startOf(worse.prompt));
  return high.length > 0 && low.length > 0 ? [...high, ...low] : [];
}

/** The judgement up to its score, and the score that it is told; null if it never comes to one. */
export function hintedText(start: string, written: string, score: number): string | null {
  if (start === "<score>") return String(score);
  const at = written.indexOf("<score>");
  return at < 0 ? null : `${written.slice(0, at)}<score>${score}`;
}

export function storeLessons(memory: Step["memory"], lessons: readonly StoredLesson[]): void {
  memory.set("lessons", lessons as unknown as Json);
}

type Tuning = Pick<Step<GrmConfig>, "policy" | "rng" | "config" | "memory" | "index">;

/** One step of it: the list from its beginning, twice in all. */
export async function* fineTuned(step: Tuning, queries: readonly Query[]): Stage<readonly Lesson[]> {
  const examples = examplesOf(step, queries);
  yield* exampleEvents(step.policy, examples);
  const sequences = examples.map(({ prompt, tokens }) => ({
    ...{ prompt: prompt.tokens, completion: tokens },
    ...{ advantage: 0, oldLogprobs: new Float32Array(tokens.length) },
  }));
  return [{ loss: { kind: "likelihood" }, sequences, learningRate: step.config.learningRate }];
}

function examplesOf({ policy, rng, config, memory, index }: Tuning, queries: readonly Query[]): Example[] {
  const lessons = (memory.get("lessons") ?? []) as unknown as readonly StoredLesson[];
  const known = new Map(queries.map((query) => [query.id, query]));
  const size = Math.ceil((EPOCHS * lessons.length) / config.fineTuneSteps);
  return Array.from({ length: Math.min(size, EPOCHS * lessons.length - index * size) }, (_, place) => {
    const { query, side, text } = lessons[(index * size + place) % lessons.length] as StoredLesson;
    const own = known.get(query) as Query;
    return exampleFor(policy, { rng, config }, own, own[side], `${index}/read/${place}`, text);
  });
}

function exampleFor(
  policy: Policy,
  { rng, config }: Pick<Tuning, "rng" | "config">,
  query: Query,
  tried: Try,
  id: string,
  text: string,
): Example {
  const bench = { policy, rng, manner: config, name: "", samples: 1, purpose: "train" as const };
  const prompt = promptFor(bench, query, tried, id);
  return exampleOf(policy, { ...prompt, kind: "example/judge" }, text);
}
