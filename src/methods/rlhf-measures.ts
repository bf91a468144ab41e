/** What an evaluation of RLHF measures beside the suites. */
import type { AskPerson, Measure, Policy, Rng, Stage } from "../contracts";
import { type Annotator, utility } from "../reward/annotator";
import { finish } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import type { Draw } from "../rollout/rollout";
import { mean } from "./collapse";
import { agreement, type Candidate, shownOf } from "./preferences";
import {
  baseOf,
  COPIES_ALLOWED,
  candidateOf,
  goldOf,
  heldOutCount,
  proposals,
  proposed,
  type RlhfStep,
  scoresOf,
} from "./rlhf-step";

const HELD_OUT_PAIRS = 2000;
/** Prompts that the trained policy and the base each answer, to be compared blindly; a person is asked about ten. */
const BLIND = 64;
const BLIND_ASKED = 10;
/** The control without training: the best of so many programs of the base, by the reward model. arXiv 2210.10760 §2.2. */
const BEST_OF = [1, 4, 16, 64];
const BEST_OF_DRAWS = 500;

/** The reward model's exam, what it foretold, and how often the trained policy's programs win over the base's. */
export async function* measure(step: RlhfStep): Stage<readonly Measure[]> {
  const { config, memory, person } = step;
  const foretold = memory.get("foretold") as { readonly value: number; readonly n: number } | undefined;
  const measures: Measure[] = foretold && foretold.n > 0 ? [{ name: "preference/foretold", ...foretold }] : [];
  const gold = goldOf(config.judge);
  if (gold) {
    yield { type: "live.progress", phase: "evaluate", done: 0, total: 1 };
    const scored = await scoredCandidates(step);
    const rng = step.rng.child("exam");
    measures.push({ name: "preference/accuracy", ...agreement(gold, scored, HELD_OUT_PAIRS, rng) });
    if (step.index === 0) return [...measures, ...bestOf(scored, gold, rng.child("best"))];
    measures.push({ name: "preference/wins", ...winsBy(await blindPairs(step), gold) });
  } else if (person && step.index === step.steps) {
    measures.push({ name: "preference/wins", ...(yield* winsAsked(step, person)) });
  }
  return measures;
}

interface ScoredCandidate {
  readonly shown: Candidate;
  readonly score: number;
}

/** The candidates that no choice was about. */
async function scoredCandidates(step: RlhfStep): Promise<ScoredCandidate[]> {
  const all = step.memory.get("candidates") as unknown as readonly Candidate[];
  const candidates = all.slice(0, heldOutCount(all));
  const scores = await scoresOf(
    step,
    candidates.map(({ text }) => text),
  );
  return candidates.map((shown, index) => ({ shown, score: scores[index] as number }));
}

/** How often the judge likes the best of n better than one at random; equals share. */
function bestOf(scored: readonly ScoredCandidate[], gold: Annotator, rng: Rng): Measure[] {
  return BEST_OF.filter((n) => n < scored.length).map((n) => {
    const pairs = Array.from({ length: BEST_OF_DRAWS }, (_, draw): BlindPair => {
      const [other, ...list] = drawWithout(rng.child(`${n}`, draw), scored, n + 1);
      const best = list.reduce((top, one) => (one.score > top.score ? one : top));
      return [best.shown, other?.shown ?? null];
    });
    return { name: `preference/bestOf${n}`, ...winsBy(pairs, gold) };
  });
}

/** One program of each policy to the same prompt; null for what cannot become a task. */
type BlindPair = readonly [trained: Candidate | null, base: Candidate | null];

async function blindPairs(step: RlhfStep): Promise<BlindPair[]> {
  const draws = proposals(step, "blind", BLIND).map((draw) => ({ ...draw, samples: 1, purpose: "evaluate" as const }));
  const trained = await writtenBy(step, step.policy, draws);
  const base = await writtenBy(step, baseOf(step), draws);
  return trained.map((one, index) => [one, base[index] ?? null]);
}

/** Nothing of it is logged. */
async function writtenBy(step: RlhfStep, policy: Policy, draws: readonly Draw[]): Promise<(Candidate | null)[]> {
  const aside = { ...step, policy, rng: step.rng.child("blind") };
  const { groups, admitted } = await finish(proposed(aside, draws, COPIES_ALLOWED));
  const shown = new Map(admitted.map((one) => [one.sample.id, candidateOf(one)]));
  return groups.flatMap(({ samples }) => samples.map(({ id }) => shown.get(id) ?? null));
}

/** What cannot become a task loses, and equals share. */
function winsBy(pairs: readonly BlindPair[], gold: Annotator): Share {
  const liked = (one: Candidate | null) => (one ? utility(gold, one) : Number.NEGATIVE_INFINITY);
  const won = pairs.map(([trained, base]) => {
    const [value, other] = [liked(trained), liked(base)];
    return value === other ? 0.5 : value > other ? 1 : 0;
  });
  return { value: mean(won), n: won.length };
}

type Share = Pick<Measure, "value" | "n">;

/** The same judged by the visitor: pairs that both can be shown, in an order that says nothing. */
async function* winsAsked(step: RlhfStep, person: AskPerson): Stage<Share> {
  const pairs = (await blindPairs(step)).filter((pair) => pair[0] && pair[1]).slice(0, BLIND_ASKED);
  let won = 0;
  for (const [done, [trained, base]] of pairs.entries()) {
    const side = step.rng.child("side", done).next() < 0.5 ? "a" : "b";
    const [a, b] = [shownOf(side === "a" ? trained : base), shownOf(side === "a" ? base : trained)];
    const chosen = await person({ a, b, expected: null, done, total: pairs.length });
    yield { type: "preference", a, b, chosen, by: "you", expected: null };
    if (chosen === side) won += 1;
  }
  return { value: pairs.length === 0 ? 0 : won / pairs.length, n: pairs.length };
}
