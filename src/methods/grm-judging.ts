/** Judgements of both tries of queries: their prompts, and the scores that were read from them. */
import type { Group, Policy, Prompt, Rng, Sample, SamplePurpose } from "../contracts";
import type { Ballot } from "../reward/score-votes";
import type { Draw } from "../rollout/rollout";
import { type JudgingManner, judgementStart, judgePrompt, parseJudgement } from "../tasks/judgements";
import type { Query, Try } from "./grm-queries";

/** Both judges' groups of one query. */
export interface Judged {
  readonly query: Query;
  readonly better: Group;
  readonly worse: Group;
}

/** How judgements are asked for. */
export interface Bench {
  readonly policy: Policy;
  readonly manner: JudgingManner;
  readonly rng: Rng;
  /** Begins the ids of the prompts. */
  readonly name: string;
  readonly samples: number;
  readonly purpose: SamplePurpose;
}

/** Two draws for each query: the better try, then the worse one. */
export function judgeDraws(bench: Bench, queries: readonly Query[]): Draw[] {
  return queries.flatMap((query, place) =>
    [query.better, query.worse].map((tried, side): Draw => {
      const prompt = promptFor(bench, query, tried, `${bench.name}/${place}/${side}`);
      return { prompt, samples: bench.samples, purpose: bench.purpose };
    }),
  );
}

export function promptFor({ policy, manner, rng }: Bench, query: Query, tried: Try, id: string): Prompt {
  const { kind, question } = query;
  const start = judgementStart(manner, kind, rng.child("rule", id));
  const about = { query: query.id, start, right: tried.right, isBetter: tried === query.better };
  return judgePrompt(policy, id, { kind, question, tried: tried.text }, start, about);
}

/** What `judgeDraws` asked for, by query. */
export function judgedOf(queries: readonly Query[], groups: readonly Group[]): Judged[] {
  return queries.map((query, place) => {
    const [better, worse] = groups.slice(2 * place, 2 * place + 2);
    if (!better || !worse) throw new Error(`grm: query ${query.id} was not judged`);
    return { query, better, worse };
  });
}

/** What the prompt already says of a judgement. */
export function startOf({ about }: Pick<Prompt, "about">): string {
  const start = about && typeof about === "object" && "start" in about ? about["start"] : "";
  return typeof start === "string" ? start : "";
}

/** The score of a judgement; null if it cannot be read. */
export function scoreOf(prompt: Prompt, { text, stop }: Pick<Sample, "text" | "stop">): number | null {
  return parseJudgement(startOf(prompt), text, stop)?.score ?? null;
}

/** The scores of one try. */
export function scoresIn({ prompt, samples }: Group): (number | null)[] {
  return samples.map((sample) => scoreOf(prompt, sample));
}

/** One ballot for each round of judging: the better try's score, then the worse one's. */
export function ballotsOf({ better, worse }: Judged): Ballot[] {
  const [high, low] = [scoresIn(better), scoresIn(worse)];
  return high.map((score, round) => [score, low[round] ?? null]);
}
