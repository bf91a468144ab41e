/** Critique and revision: what the supervised part learns from. arXiv 2212.08073 §3.1. */
import { type Json, KelvinError, type Lesson, type Stage, type TrainingSequence } from "../contracts";
import { type Example, exampleEvents, exampleOf } from "../rollout/examples";
import { phase } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import { type Draw, rollout } from "../rollout/rollout";
import { critiquePrompt, KEPT, type Law, revisionPrompt } from "../tasks/laws";
import { proposerPrompt } from "../tasks/prompts";
import type { RlaifConfig } from "./rlaif";
import { baseOf, lawsOf, proposals, type RlaifStep, type Written, writtenBy } from "./rlaif-step";
import { COPIES_ALLOWED, proposed } from "./rlhf-step";

/** Rounds in which programs are written. */
const MOST_ROUNDS = 6;
const ROUND_SAMPLES = 4;
/** Of the fine-tuning rate that is left at its last step. */
const FINAL = 0.1;

/** An answer to a plain proposer's prompt, as the memory stores it. */
interface Revision {
  readonly reference: string;
  readonly text: string;
}

/** How many of n were right, by the count of syntax. */
export interface Tally {
  readonly right: number;
  readonly n: number;
}

/** Programs of the untrained policy, criticised and revised under one law after another, stored as pairs. */
export async function* revise(step: RlaifStep): Stage<void> {
  let programs = yield* programsOf(step);
  for (const [place, law] of lawsOf(step).entries()) programs = yield* revisedUnder(step, law, place, programs);
  if (programs.length === 0)
    throw new KelvinError("model", "the model revised no program", "use a model like kelvin-nano-judge");
  const order = drawWithout(step.rng.child("order"), programs, programs.length);
  step.memory.set("revisions", order.map(({ reference, text }): Revision => ({ reference, text })) as unknown as Json);
}

async function* programsOf(step: RlaifStep): Stage<Written[]> {
  const { programs: wanted } = step.config;
  const found = new Map<string, Written>();
  for (let round = 0; round < MOST_ROUNDS && found.size < wanted; round++) {
    const draws = proposals(step, `programs/${round}`, Math.ceil(wanted / ROUND_SAMPLES / 1.5), ROUND_SAMPLES);
    const { groups, admitted } = yield* proposed(step, draws, COPIES_ALLOWED);
    for (const one of writtenBy(groups, admitted)) found.set(one.text, one);
  }
  return [...found.values()].slice(0, wanted);
}

/** What the critique finds fault with is revised; a revision that cannot become a task is dropped with its program. */
async function* revisedUnder(step: RlaifStep, law: Law, place: number, programs: readonly Written[]): Stage<Written[]> {
  const critiques = step.config.critique ? yield* criticised(step, law, place, programs) : programs.map(() => "");
  const right = programs.map(({ program }, index) => {
    const said = critiques[index] ?? null;
    return said !== null && (said === KEPT) !== law.isBroken(program);
  });
  if (step.config.critique) tally(step, "critiques", right);
  const kept = programs.filter((_, index) => critiques[index] === KEPT);
  const faulty = programs.flatMap((written, index) =>
    critiques[index] === KEPT || critiques[index] === null ? [] : [{ written, critique: critiques[index] ?? "" }],
  );
  const draws = faulty.map(
    ({ written, critique }, index): Draw => ({
      prompt: revisionPrompt(step.policy, `${step.index}/revise/${place}/${index}`, law, written.program, critique),
      ...{ samples: 1, purpose: "train" },
    }),
  );
  if (draws.length === 0) return kept;
  const { groups, admitted } = yield* proposed({ ...step, policy: baseOf(step) }, draws, COPIES_ALLOWED);
  // It answers the prompt that the first program answered, in which no law stands.
  const references = new Map(
    groups.map(({ samples }, index) => [samples[0]?.id ?? "", faulty[index]?.written.reference ?? ""]),
  );
  const revised = writtenBy(groups, admitted);
  const keeping = revised.map(({ program }) => !law.isBroken(program));
  tally(step, "revised", keeping);
  return [
    ...kept,
    ...revised.map((one, index) => ({ ...one, reference: references.get(admitted[index]?.sample.id ?? "") ?? "" })),
  ];
}

/** Adds to what an evaluation reports of the beginning; nothing is trained on it. */
function tally({ memory }: RlaifStep, name: "critiques" | "revised", outcomes: readonly boolean[]): void {
  const { right, n } = (memory.get(name) ?? { right: 0, n: 0 }) as unknown as Tally;
  memory.set(name, { right: right + outcomes.filter(Boolean).length, n: n + outcomes.length });
}

/** What is found in each program: the line that breaks the law, `ok`, or null if it cannot be read. */
async function* criticised(
  step: RlaifStep,
  law: Law,
  place: number,
  programs: readonly Written[],
): Stage<(string | null)[]> {
  const base = baseOf(step);
  const draws = programs.map(
    ({ program }, index): Draw => ({
      prompt: critiquePrompt(base, `${step.index}/criticise/${place}/${index}`, law, program),
      ...{ samples: 1, purpose: "train" },
    }),
  );
  const groups = yield* phase("criticise", rollout(base, draws, { temperature: 1, rng: step.rng }));
  return groups.map(({ samples: [sample] }) => (sample?.stop === "eos" ? sample.text : null));
}

/** One update from a batch of revisions: the list from its beginning, over and over. */
export async function* fineTune(step: RlaifStep): Stage<readonly Lesson[]> {
  const { config, index, policy } = step;
  const examples = batchOf(step);
  yield* phase("read", exampleEvents(policy, examples));
  const fall = config.fineTuneSteps > 1 ? index / (config.fineTuneSteps - 1) : 0;
  const learningRate = config.fineTuneRate * (1 - (1 - FINAL) * fall);
  return [{ loss: { kind: "likelihood" }, sequences: examples.map(sequenceOf), learningRate }];
}

function batchOf({ config, memory, index, policy }: RlaifStep): Example[] {
  const revisions = memory.get("revisions") as unknown as readonly Revision[];
  return Array.from({ length: Math.min(config.batch, revisions.length) }, (_, place) => {
    const { reference, text } = revisions[(index * config.batch + place) % revisions.length] as Revision;
    const prompt = proposerPrompt(policy, `${index}/read/${place}`, "deduction", reference);
    return exampleOf(policy, { ...prompt, kind: "example/deduction" }, text);
  });
}

function sequenceOf({ prompt, tokens }: Example): TrainingSequence {
  return { prompt: prompt.tokens, completion: tokens, advantage: 0, oldLogprobs: new Float32Array(tokens.length) };
}

/** Whether this step is one of the supervised part. */
export const isFineTuning = ({ config, index }: { config: RlaifConfig; index: number }): boolean =>
  index < config.fineTuneSteps;
