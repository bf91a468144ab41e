/** What a run of RLHF does. */
import { credited } from "../advantage/family";
import { type Group, type Json, KelvinError, type Lesson, type Stage } from "../contracts";
import { utility } from "../reward/annotator";
import { penalizeKl } from "../reward/kl";
import { phase } from "../rollout/phase";
import type { Admitted } from "../tasks/admit";
import { TASK_RULES } from "../tasks/check";
import { mean } from "./collapse";
import { policyGradient, policyLesson } from "./lesson";
import { askAll, type Candidate, featuresOf } from "./preferences";
import {
  baseOf,
  COPIES_ALLOWED,
  candidateOf,
  firstOfEach,
  goldOf,
  heldOutCount,
  proposals,
  proposed,
  REFUSED,
  type RlhfStep,
  scoresOf,
} from "./rlhf-step";
import { fillSome } from "./seeding";

export { measure } from "./rlhf-measures";

/** Tasks that the proposer varies. */
const REFERENCES = 64;
/** Rounds in which candidates are written. */
const MOST_ROUNDS = 8;

/** Candidates, choices between them, and the reward model that is fitted to the choices. */
export async function* prepare(step: RlhfStep): Stage<void> {
  const { config, memory } = step;
  yield* fillSome(step, ["deduction"], {
    ...{ seedTasks: REFERENCES, inductionStatements: 0, temperature: 1, rules: TASK_RULES },
  });
  const candidates = yield* candidatesOf(step);
  const base = baseOf(step);
  const texts = candidates.map(({ text }) => text);
  const features = await featuresOf(base, texts, config.layer);
  const asking = {
    ...{ candidates: candidates.slice(heldOutCount(candidates)), features: features.slice(heldOutCount(candidates)) },
    ...{ choices: config.choices, judge: config.judge, rng: step.rng.child("choose") },
    ...(step.person && { person: step.person }),
  };
  const { model, foretold, tried } = yield* phase("choose", askAll(asking));
  memory.set("candidates", candidates as unknown as Json);
  memory.set("reward-model", model as unknown as Json);
  memory.set("foretold", { value: tried === 0 ? 0 : foretold / tried, n: tried });
}

/** One step: programs, their scores, and one update. */
export async function* collect(step: RlhfStep): Stage<readonly Lesson[]> {
  const { config } = step;
  const { groups, admitted } = yield* proposed(step, proposals(step, "train"), COPIES_ALLOWED);
  yield* phase("score", scored(step, groups, admitted));
  yield* phase("advantage", credited(groups, "leave-one-out"));
  return [policyLesson(groups, policyGradient({ aggregation: "sequence-mean" }), config.learningRate, "drawn")];
}

/** Distinct programs of the untrained policy that can be shown: they run, and none is trivial. */
async function* candidatesOf(step: RlhfStep): Stage<Candidate[]> {
  const found = new Map<string, Candidate>();
  const { candidates } = step.config;
  for (let round = 0; round < MOST_ROUNDS && found.size < candidates; round++) {
    const count = Math.ceil(candidates / step.config.samples / 2);
    const { admitted } = yield* proposed(step, proposals(step, `candidates/${round}`, count), TASK_RULES);
    for (const one of admitted) {
      const candidate = candidateOf(one);
      found.set(candidate.text, candidate);
    }
  }
  if (found.size < 8)
    throw new KelvinError(
      "model",
      "the model wrote too few programs to choose between",
      "use a model like kelvin-nano",
    );
  return [...found.values()].slice(0, candidates);
}

/** Rewards: the score of what can become a task, less for what cannot, and β nats of distance off. */
async function* scored(step: RlhfStep, groups: readonly Group[], admitted: readonly Admitted[]): Stage<void> {
  const { config } = step;
  const samples = groups.flatMap((group) => group.samples);
  const scores = await scoresOf(
    step,
    samples.map(({ text }) => text),
  );
  const tasks = new Map(admitted.map((one) => [one.sample.id, candidateOf(one)]));
  const gold = goldOf(config.judge);
  const liked = [...tasks.values()].map((one) => (gold ? utility(gold, one) : 0));
  const valid = samples.map(({ id }) => tasks.has(id));
  const fresh = firstOfEach(admitted);
  for (const [index, sample] of samples.entries()) {
    const task = tasks.get(sample.id);
    const value = config.rewardSource === "gold" && gold && task ? utility(gold, task) : (scores[index] as number);
    sample.reward = config.gate && !fresh.has(sample.id) ? REFUSED : value;
  }
  const distances = yield* penalizeKl(groups, baseOf(step), { coefficient: config.klCoefficient });
  const metrics = {
    "preference/proxy": mean(scores.filter((_, index) => valid[index])),
    ...(gold && { "preference/gold": mean(liked) }),
    "preference/kl": mean(distances),
  };
  yield { type: "stage.metrics", metrics };
}
