/** What a run of SFT does. */
import {
  type Json,
  KelvinError,
  kindOf,
  type Lesson,
  type Stage,
  type Step,
  type Task,
  type TrainingSequence,
  type Verifier,
  type WorkedPair,
} from "../contracts";
import { type Example, exampleEvents, exampleOf } from "../rollout/examples";
import { phase } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import { readBuffer, remember } from "../tasks/buffer";
import { directText } from "../tasks/formats";
import { checkedTasks, demandTrainable } from "../tasks/given";
import { spoilt } from "../tasks/language";
import { LEAKED } from "../tasks/lenient";
import { solverPrompt } from "../tasks/prompts";
import { workedTexts } from "../tasks/worked";
import { fillPool, readPool, typesOf } from "./practice";
import type { Answers, SftConfig } from "./sft";

type SftStep = Step<SftConfig>;

/** Of the learning rate that is left at the last step. */
const FINAL = 0.1;

/** The examples, in the order in which they are learned. */
export async function* prepare(step: SftStep): Stage<void> {
  const { config, memory, rng } = step;
  if (!step.pairs) yield* fillPool(step, typesOf(config.types), config.pairs);
  const pairs = step.pairs ? yield* givenPairs(step, step.pairs) : await ownPairs(step);
  if (pairs.length === 0)
    throw new KelvinError("model", "no example can be worked out", "use a model of the task language");
  memory.set("pairs", drawWithout(rng.child("order"), pairs, pairs.length) as unknown as Json);
}

/** One step: the next examples, and one update. */
export async function* collect(step: SftStep): Stage<readonly Lesson[]> {
  const examples = batchOf(step);
  yield* phase("read", exampleEvents(step.policy, examples));
  const { learningRate } = step.config;
  const fall = step.steps > 1 ? step.index / (step.steps - 1) : 0;
  const sequences = examples.map(sequenceOf);
  return [{ loss: { kind: "likelihood" }, sequences, learningRate: learningRate * (1 - (1 - FINAL) * fall) }];
}

/** One example as the memory stores it. */
interface StoredPair {
  readonly task: string;
  readonly answer: string;
}

/** The policy's own proposals with their answers. */
async function ownPairs({ config, memory, verifier }: SftStep): Promise<StoredPair[]> {
  const tasks = readPool(memory, typesOf(config.types), config.pairs);
  const answers = await answersOf(verifier, tasks, config.answers);
  return tasks.flatMap(({ id }, index) => {
    const answer = answers[index];
    return answer ? [{ task: id, answer }] : [];
  });
}

/**
 * The examples that the caller gave. What they leave out is worked out by running their programs.
 * @throws KelvinError "input" for a program that does not run, a wrong output, or a held-out program
 */
async function* givenPairs({ verifier, memory, heldOut, config }: SftStep, given: readonly WorkedPair[]) {
  const tasks = await checkedTasks(
    verifier,
    given.map(({ task }) => task),
  );
  demandTrainable(tasks, heldOut);
  const worked = await answersOf(verifier, tasks, config.answers);
  for (const task of tasks) yield { type: "task.add" as const, task };
  remember(memory, tasks);
  return tasks.flatMap(({ id }, index): StoredPair[] => {
    const answer = given[index]?.answer ?? worked[index];
    return answer ? [{ task: id, answer }] : [];
  });
}

async function answersOf(verifier: Verifier, tasks: readonly Task[], answers: Answers): Promise<(string | null)[]> {
  if (answers === "worked") return workedTexts(verifier, tasks);
  if (answers === "wrong") return workedTexts(verifier, tasks, spoilt);
  if (answers === "leak") return tasks.map(() => directText(LEAKED));
  return tasks.map(({ type, pairs: [first] }) =>
    first ? directText(type === "deduction" ? first.output : first.input) : null,
  );
}

/** The step's examples: the list from its beginning, over and over. */
function batchOf({ config, memory, index, policy }: SftStep): Example[] {
  const pairs = memory.get("pairs") as unknown as readonly StoredPair[];
  const known = [...readBuffer(memory, "deduction"), ...readBuffer(memory, "abduction")];
  const tasks = new Map(known.map((task) => [task.id, task]));
  return Array.from({ length: Math.min(config.batch, pairs.length) }, (_, place) => {
    const { task, answer } = pairs[(index * config.batch + place) % pairs.length] as StoredPair;
    const shown = tasks.get(task) as Task;
    const prompt = solverPrompt(policy, `${index}/read/${place}`, shown);
    return exampleOf(policy, { ...prompt, kind: kindOf("example", shown.type) }, answer);
  });
}

/** The answer alone is learned from, its end token too. */
function sequenceOf({ prompt, tokens }: Example): TrainingSequence {
  return { prompt: prompt.tokens, completion: tokens, advantage: 0, oldLogprobs: new Float32Array(tokens.length) };
}
