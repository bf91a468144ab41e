/** What a run of RLAIF does. */
import { credited } from "../advantage/family";
import { breaksMetric, type Group, type Json, type Lesson, type Stage } from "../contracts";
import { fitPairs } from "../reward/feature-head";
import { penalizeKl } from "../reward/kl";
import { finish, phase } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import { TASK_RULES } from "../tasks/check";
import { breaksAny, LAWS } from "../tasks/laws";
import { mean } from "./collapse";
import { policyGradient, policyLesson } from "./lesson";
import { featuresOf, type RewardModel, scoreOf, standardizedModel } from "./preferences";
import { type Comparison, compared, judgedDirectly } from "./rlaif-labels";
import { fineTune, isFineTuning, revise } from "./rlaif-revise";
import { baseOf, demandJudge, lawsOf, proposals, type RlaifStep, type Written, writtenBy } from "./rlaif-step";
import { COPIES_ALLOWED, firstOfEach, proposed, REFUSED } from "./rlhf-step";
import { fillSome } from "./seeding";

export { measure } from "./rlaif-measures";

/** Tasks that the proposer varies. */
const REFERENCES = 64;

/** References, and the revisions of the untrained policy's programs. */
export async function* prepare(step: RlaifStep): Stage<void> {
  lawsOf(step);
  demandJudge(step);
  yield* fillSome(step, ["deduction"], {
    ...{ seedTasks: REFERENCES, inductionStatements: 0, temperature: 1, rules: TASK_RULES },
  });
  if (step.config.fineTuneSteps > 0) yield* revise(step);
}

/** One step: of the supervised part, or of reinforcement learning from the judge's preferences. */
export async function* collect(step: RlaifStep): Stage<readonly Lesson[]> {
  const { config } = step;
  if (isFineTuning(step)) return yield* fineTune(step);
  const draws = proposals(step, "train", config.proposals, config.samples);
  const { groups, admitted } = yield* proposed(step, draws, COPIES_ALLOWED);
  const written = writtenBy(groups, admitted);
  const valid = new Map(admitted.map(({ sample }, place) => [sample.id, written[place] as Written]));
  const fresh = firstOfEach(admitted);
  yield* phase("score", scored(step, groups, valid, fresh));
  yield* phase("advantage", credited(groups, "leave-one-out"));
  return [policyLesson(groups, policyGradient({ aggregation: "sequence-mean" }), config.learningRate, "drawn")];
}

/** Rewards: what the judge thinks of a valid program, less for any other, and β nats of distance off. */
async function* scored(
  step: RlaifStep,
  groups: readonly Group[],
  valid: ReadonlyMap<string, Written>,
  fresh: ReadonlySet<string>,
): Stage<void> {
  const { config } = step;
  const samples = groups.flatMap((group) => group.samples);
  const scores = await scoresOf(
    step,
    samples.map(({ id, text }) => valid.get(id)?.text ?? text),
  );
  for (const [place, sample] of samples.entries()) {
    const counts = valid.has(sample.id) && (!config.gate || fresh.has(sample.id));
    sample.reward = counts || !config.gate ? (scores[place] as number) : REFUSED;
  }
  const distances = yield* penalizeKl(groups, baseOf(step), { coefficient: config.klCoefficient });
  const programs = [...valid.values()].map(({ program }) => program);
  const laws = lawsOf(step);
  const metrics = {
    "laws/score": mean(scores.filter((_, place) => valid.has(samples[place]?.id ?? ""))),
    "laws/kept": mean(programs.map((program) => (breaksAny(laws, program) ? 0 : 1))),
    "laws/unique": new Set(programs).size / Math.max(1, programs.length),
    "preference/kl": mean(distances),
    ...breaking(programs),
  };
  yield { type: "stage.metrics", metrics };
}

/** Shares of programs that break each law there is, also of those that are not in the constitution. */
const breaking = (programs: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    LAWS.map((law) => [breaksMetric(law), mean(programs.map((program) => Number(law.isBroken(program))))]),
  );

const programIn = (text: string): string => text.split("<in>")[0] ?? "";

/** Of texts that the policy wrote: in deviations, or directly the judge's probability. */
async function scoresOf(step: RlaifStep, texts: readonly string[]): Promise<number[]> {
  if (step.config.direct) return judgedDirectly(baseOf(step), texts.map(programIn), lawsOf(step));
  const model = await rewardModelOf(step);
  const features = await featuresOf(baseOf(step), texts, step.config.layer);
  return features.map((one) => scoreOf(model, one));
}

/** Fitted once, at the first step of reinforcement learning, to pairs of programs of the policy as it then is. */
async function rewardModelOf(step: RlaifStep): Promise<RewardModel> {
  const known = step.memory.get("reward-model");
  if (known) return known as unknown as RewardModel;
  const { texts, features } = await candidatesOf(step);
  const { comparisons, labels } = step.config;
  const pairs = await compared(baseOf(step), texts.map(programIn), lawsOf(step), comparisons, step.rng.child("pairs"));
  const given = labels === "judge" ? pairs : shuffled(step, pairs);
  const head = fitPairs(
    given.map(({ a, b, label }) => ({ a: features[a] as Float32Array, b: features[b] as Float32Array, label })),
  );
  const model = standardizedModel(head, features);
  step.memory.set("reward-model", model as unknown as Json);
  step.memory.set("agreement", agreementOf(pairs, texts.map(programIn)));
  return model;
}

/** The control: every label belongs to another pair. */
function shuffled({ rng }: RlaifStep, pairs: readonly Comparison[]): Comparison[] {
  const labels = drawWithout(rng.child("shuffle"), pairs, pairs.length).map(({ label }) => label);
  return pairs.map((pair, place) => ({ ...pair, label: labels[place] ?? 0.5 }));
}

/** Programs of the policy as it is now; nothing of them is logged. */
async function candidatesOf(step: RlaifStep): Promise<{ texts: string[]; features: Float32Array[] }> {
  const aside = { ...step, rng: step.rng.child("candidates") };
  const draws = proposals(aside, "candidates", Math.ceil(step.config.comparisons / 4), 4);
  const { admitted } = await finish(proposed(aside, draws, TASK_RULES));
  const texts = [...new Set(admitted.map(({ sample }) => sample.text))];
  return { texts, features: await featuresOf(baseOf(step), texts, step.config.layer) };
}

/** How often a label prefers what keeps the law, of the pairs of which one does. Reported, never trained on. */
export function agreementOf(pairs: readonly Comparison[], programs: readonly string[]): { value: number; n: number } {
  const told = pairs.flatMap(({ a, b, law, label }) => {
    const [first, second] = [law.isBroken(programs[a] ?? ""), law.isBroken(programs[b] ?? "")];
    return first === second ? [] : [label > 0.5 === second];
  });
  return { value: told.filter(Boolean).length / Math.max(1, told.length), n: told.length };
}
