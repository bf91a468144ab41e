/** Preferences: which pairs are asked, what was chosen, and the reward model that is fitted to it after every choice. */
import {
  type AskPerson,
  type Choice,
  KelvinError,
  type PairToJudge,
  type Policy,
  type Rng,
  type ShownProgram,
  type Stage,
} from "../contracts";
import { type Annotator, choose, utility } from "../reward/annotator";
import { type FeatureHead, fitPairs, type LabelledPair, scoreFeatures, sigmoid } from "../reward/feature-head";
import { proposerPrompt } from "../tasks/prompts";
import { IDENTITY_PROGRAM } from "../tasks/seeds";

/** A proposal that can be shown, with the text that the policy wrote. */
export interface Candidate extends ShownProgram {
  readonly text: string;
}

/** Who chooses: a simulated annotator, or the visitor. */
export type Judge = Annotator | "you";

/** Choices between random pairs before uncertainty says which pair to ask next. */
const RANDOM_FIRST = 16;
/** Pairs of which the least certain is asked. */
const CONSIDERED = 32;

/** Scores of proposals, standardized so that what the base writes has mean 0 and deviation 1. */
export interface RewardModel {
  readonly head: FeatureHead;
  readonly center: number;
  readonly spread: number;
}

/** A vector for each text: what the frozen base makes of it after the identity, whatever it was a variation of. */
export async function featuresOf(base: Policy, texts: readonly string[], layer: number): Promise<Float32Array[]> {
  if (!base.features) throw new KelvinError("model", "this policy has no features to judge by", "use a model of ours");
  const prompt = proposerPrompt(base, "judged", "deduction", IDENTITY_PROGRAM).tokens;
  const end = base.tokenizer.endToken;
  const written = texts.map((text) => ({ prompt, completion: Int32Array.from([...base.tokenizer.encode(text), end]) }));
  return base.features(written, layer, "mean");
}

export function scoreOf({ head, center, spread }: RewardModel, features: ArrayLike<number>): number {
  return (scoreFeatures(head, features) - center) / spread;
}

/** What the asking works with. */
interface Asking {
  readonly candidates: readonly Candidate[];
  /** One vector per candidate. */
  readonly features: readonly Float32Array[];
  readonly choices: number;
  readonly judge: Judge;
  readonly rng: Rng;
  readonly person?: AskPerson;
}

/** What was asked: two candidates by their place, and which was chosen. */
interface Asked {
  readonly a: number;
  readonly b: number;
  readonly chosen: Choice;
}

/** What all the choices came to. */
export interface Learnt {
  readonly model: RewardModel;
  /** Choices that the model foretold, of those that it could. */
  readonly foretold: number;
  readonly tried: number;
}

/**
 * Asks pair after pair; after the first sixteen every second pair is the least certain of 32. The head is fitted anew after each
 * choice, and its expectation is told before each: an accuracy that needs no held-out pairs.
 */
export async function* askAll(asking: Asking): Stage<Learnt> {
  const { candidates, features, choices, judge, rng } = asking;
  const asked: Asked[] = [];
  let head: FeatureHead | null = null;
  let foretold = 0;
  for (let done = 0; done < choices; done++) {
    const [a, b] = pairToAsk(asking, head, done);
    const [first, second] = [candidates[a] as Candidate, candidates[b] as Candidate];
    const expected = head && expectation(head, features[a] as Float32Array, features[b] as Float32Array);
    const chosen = await answer(asking, { a: shownOf(first), b: shownOf(second), expected, done, total: choices }, rng);
    if (expected !== null && expected > 0.5 === (chosen === "a")) foretold += 1;
    yield { type: "preference", a: shownOf(first), b: shownOf(second), chosen, by: judge, expected };
    asked.push({ a, b, chosen });
    head = fitPairs(asked.map((one) => labelled(one, features)));
    yield { type: "live.progress", phase: "choose", done: done + 1, total: choices };
  }
  if (!head) throw new KelvinError("config", "no pair is asked", "set choices to 1 or more");
  return { model: standardizedModel(head, features), foretold, tried: choices - 1 };
}

function pairToAsk({ candidates, features, rng }: Asking, head: FeatureHead | null, done: number): [number, number] {
  const draws = rng.child("pair", done);
  const pair = (): [number, number] => {
    const a = draws.below(candidates.length);
    const b = draws.below(candidates.length - 1);
    return [a, b < a ? b : b + 1];
  };
  if (!head || done < RANDOM_FIRST || done % 2 === 0) return pair();
  const fitted = head;
  const gap = ([a, b]: [number, number]) =>
    Math.abs(expectation(fitted, features[a] as Float32Array, features[b] as Float32Array) - 0.5);
  return Array.from({ length: CONSIDERED }, pair).reduce((best, one) => (gap(one) < gap(best) ? one : best));
}

function answer({ judge, person }: Asking, pair: PairToJudge, rng: Rng): Promise<Choice> | Choice {
  if (judge !== "you") return choose(judge, pair.a, pair.b, rng.child("choice", pair.done));
  if (person) return person(pair);
  throw new KelvinError("config", "nobody is here to choose", "set judge to mixed, or choose on the page");
}

/** What a judge sees of it; a candidate that is missing is empty. */
export function shownOf(candidate: Candidate | null): ShownProgram {
  const { program = "", input = "", output = "" } = candidate ?? {};
  return { program, input, output };
}

/** Probability that the first is preferred. Bradley and Terry 1952; arXiv 2203.02155 §3.5. */
function expectation(head: FeatureHead, a: Float32Array, b: Float32Array): number {
  return sigmoid(scoreFeatures(head, a) - scoreFeatures(head, b));
}

function labelled({ a, b, chosen }: Asked, features: readonly Float32Array[]): LabelledPair {
  return { a: features[a] as Float32Array, b: features[b] as Float32Array, label: chosen === "a" ? 1 : 0 };
}

/** A head whose scores of these features have mean 0 and deviation 1. */
export function standardizedModel(head: FeatureHead, features: readonly Float32Array[]): RewardModel {
  const scores = features.map((one) => scoreFeatures(head, one));
  const center = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scores.reduce((sum, score) => sum + (score - center) ** 2, 0);
  return { head, center, spread: Math.sqrt(squares / scores.length) || 1 };
}

/** Share of pairs in which the model prefers what the annotator likes better, without its errors; equal ones do not count. */
export function agreement(
  annotator: Annotator,
  scored: readonly { readonly shown: ShownProgram; readonly score: number }[],
  pairs: number,
  rng: Rng,
): { readonly value: number; readonly n: number } {
  let agreeing = 0;
  let n = 0;
  for (let drawn = 0; drawn < pairs; drawn++) {
    const [a, b] = [scored[rng.below(scored.length)], scored[rng.below(scored.length)]];
    if (!a || !b) break;
    const better = utility(annotator, a.shown) - utility(annotator, b.shown);
    if (better === 0) continue;
    n += 1;
    if (a.score > b.score === better > 0) agreeing += 1;
  }
  return { value: n === 0 ? 0 : agreeing / n, n };
}
