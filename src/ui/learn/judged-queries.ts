/** The judgements of a step, query by query, as Learn shows them side by side. Pure. */
import { roleOf } from "../../contracts";
import type { StepState } from "../../telemetry/state";

/** A judgement's text, what its prompt began included, and its score; null if it cannot be read. */
export interface ShownJudgement {
  readonly text: string;
  readonly score: number | null;
}

/** One try with its judgements in the order they were drawn. */
export interface ShownTry {
  readonly tried: string;
  readonly isBetter: boolean;
  readonly judgements: readonly ShownJudgement[];
}

export interface ShownQuery {
  readonly id: string;
  readonly question: string;
  /** The first is the better one, by the rules. */
  readonly tries: readonly [ShownTry, ShownTry];
}

/** Every query of the step of which both tries were judged. */
export function judgedQueries({ samples }: Pick<StepState, "samples">): ShownQuery[] {
  const prompts = new Map<
    string,
    { query: string; question: string; own: ShownTry & { judgements: ShownJudgement[] } }
  >();
  for (const { prompt, sample } of samples.values()) {
    const about = aboutOf(prompt.about);
    const parts = /^<judge>([\s\S]*)<try>([\s\S]*)$/.exec(prompt.text);
    if (roleOf(prompt.kind) !== "judge" || !about || !parts) continue;
    const { query, start, isBetter } = about;
    const tried = (parts[2] ?? "").slice(0, -start.length || undefined);
    const known = prompts.get(prompt.id) ?? {
      query,
      question: parts[1] ?? "",
      own: { tried, isBetter, judgements: [] },
    };
    prompts.set(prompt.id, known);
    const text = `${start}${sample.text}`;
    known.own.judgements.push({ text, score: sample.stop === "eos" ? scoreIn(text) : null });
  }
  const all = [...prompts.values()];
  return all.flatMap(({ query, question, own }) => {
    const other = all.find((one) => one.query === query && !one.own.isBetter)?.own;
    return own.isBetter && other ? [{ id: query, question, tries: [own, other] as const }] : [];
  });
}

/** What k rounds come to. */
export interface Count {
  readonly sums: readonly [number, number];
  readonly verdict: "right" | "wrong" | "tie";
}

/** The sums of the first k scores of both tries; a round with a judgement that cannot be read does not vote. */
export function countAfter({ tries: [better, worse] }: ShownQuery, k: number): Count {
  let [first, second] = [0, 0];
  for (let round = 0; round < k; round++) {
    const [high, low] = [better.judgements[round]?.score ?? null, worse.judgements[round]?.score ?? null];
    if (high === null || low === null) continue;
    first += high;
    second += low;
  }
  return { sums: [first, second], verdict: first > second ? "right" : first < second ? "wrong" : "tie" };
}

/** Rounds that both tries have. */
export function roundsOf({ tries: [better, worse] }: ShownQuery): number {
  return Math.min(better.judgements.length, worse.judgements.length);
}

function aboutOf(about: unknown): { query: string; start: string; isBetter: boolean } | null {
  if (typeof about !== "object" || about === null) return null;
  const { query, start, isBetter } = about as Readonly<Record<string, unknown>>;
  return typeof query === "string" && typeof start === "string" && typeof isBetter === "boolean"
    ? { query, start, isBetter }
    : null;
}

function scoreIn(text: string): number | null {
  const score = /<score>(\d|10)$/.exec(text)?.[1];
  return score === undefined ? null : Number(score);
}

const EXAMPLE_CHECKS = [
  ["\n x=x+3#7ok\n return x*2#14ok", "\n x=x+3#7ok\n return x*2#14no16"],
  ["\n x=x+3#7ok\n return x*2#15no14", "\n x=x+3#7ok\n return x*2#16ok"],
] as const;
const judgement = (check: string, score: number): ShownJudgement => ({
  ...{ text: `<rule>valuelines<check>${check}<score>${score}`, score },
});

/** Where no run has a query: eight judgements of a right and of a wrong answer, some of them mistaken. */
export const EXAMPLE: ShownQuery = {
  id: "an example",
  question: "<ded>def f(x):\n x=x+3\n return x*2<in>4<out>",
  tries: [
    {
      ...{ tried: "<think>\n x=x+3#7\n return x*2#14<ans>14", isBetter: true },
      judgements: [2, 10, 10, 10, 2, 10, 10, 10].map((score) => judgement(EXAMPLE_CHECKS[score < 5 ? 1 : 0][0], score)),
    },
    {
      ...{ tried: "<think>\n x=x+3#7\n return x*2#16<ans>16", isBetter: false },
      judgements: [10, 2, 10, 2, 2, 10, 2, 2].map((score) => judgement(EXAMPLE_CHECKS[score < 5 ? 0 : 1][1], score)),
    },
  ],
};
