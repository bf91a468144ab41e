/** What the untrained policy says of pairs of programs, and of single ones. */
import type { Policy, Rng } from "../contracts";
import { type Answers, softLabel } from "../reward/ai-preference";
import { critiquePrompt, KEPT, type Law, preferenceText } from "../tasks/laws";
import { promptTokens } from "../tasks/prompts";

/** Two programs, judged under one law; `label` is how likely the first is the better one. */
export interface Comparison {
  readonly a: number;
  readonly b: number;
  readonly law: Law;
  readonly label: number;
}

/** Judges random pairs of programs, each under a random law, in both orders. */
export async function compared(
  judge: Policy,
  programs: readonly string[],
  laws: readonly Law[],
  count: number,
  rng: Rng,
): Promise<Comparison[]> {
  const pairs = Array.from({ length: count }, (_, place) => {
    const draws = rng.child(place);
    const a = draws.below(programs.length);
    const b = draws.below(programs.length - 1);
    return { a, b: b < a ? b : b + 1, law: laws[draws.below(laws.length)] as Law };
  });
  const texts = pairs.flatMap(({ a, b, law }) => {
    const [first, second] = [programs[a] ?? "", programs[b] ?? ""];
    return [preferenceText(law, first, second), preferenceText(law, second, first)];
  });
  const answers = await answersTo(judge, texts);
  return pairs.map((pair, place) => ({
    ...pair,
    label: softLabel(answers[2 * place] as Answers, answers[2 * place + 1] as Answers),
  }));
}

/** log-probabilities of `A` and `B` after each question. */
async function answersTo(judge: Policy, texts: readonly string[]): Promise<Answers[]> {
  const [a, b] = ["A", "B"].map((text) => judge.tokenizer.encode(text)) as [Int32Array, Int32Array];
  const questions = texts.map((text) => promptTokens(judge, text));
  const scores = await judge.score(
    questions.flatMap((prompt) => [
      { prompt, completion: a },
      { prompt, completion: b },
    ]),
  );
  return questions.map((_, place): Answers => [scores[2 * place]?.[0] ?? 0, scores[2 * place + 1]?.[0] ?? 0]);
}

/** The judge's own probability that each program keeps the laws: the mean over the laws of P(`ok`). arXiv 2309.00267 §2.2. */
export async function judgedDirectly(
  judge: Policy,
  programs: readonly string[],
  laws: readonly Law[],
): Promise<number[]> {
  const completion = judge.tokenizer.encode(KEPT);
  const asked = programs.flatMap((program) =>
    laws.map((law) => ({ prompt: critiquePrompt(judge, "direct", law, program).tokens, completion })),
  );
  const scores = await judge.score(asked);
  return programs.map((_, place) => {
    const own = scores.slice(place * laws.length, (place + 1) * laws.length);
    return own.reduce((sum, [logprob = 0]) => sum + Math.exp(logprob), 0) / laws.length;
  });
}
