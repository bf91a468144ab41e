import {
  type GaugeInfo,
  GRADIENT_NORM,
  type Json,
  KelvinError,
  kindOf,
  type Method,
  type MethodConfig,
  type PhaseInfo,
  type Step,
  type Task,
  type TrainingSequence,
  UPDATE,
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
import { fillPool, PRACTICE_TYPES, type PracticeTypes, readPool, typesOf } from "./practice";

const ANSWERS = ["worked", "direct", "wrong", "leak"] as const;
type Answers = (typeof ANSWERS)[number];

/** Settings; `describe` below explains each. */
export interface SftConfig extends MethodConfig {
  readonly types: PracticeTypes;
  readonly pairs: number;
  readonly answers: Answers;
  readonly batch: number;
  readonly learningRate: number;
}

/** Of the learning rate that is left at the last step. */
const FINAL = 0.1;

const READ: PhaseInfo = {
  name: "read",
  work: "comparing",
  title: "Read",
  heading: "Examples are read",
  note: "The model reads [{samples:example}|examples] with their answers and says how likely each token is to it. The less likely a token, the more it counts.",
  caption: "It reads answers that others wrote.",
};

const LEARN: PhaseInfo = {
  ...UPDATE,
  note: "One gradient step moves all weights, so that every token of the answers becomes a little likelier.[ It was made from {tokens} tokens[; the gradient had norm {norm}].]",
};

const LOSS: GaugeInfo = {
  name: "loss",
  term: "likelihood",
  title: "Loss",
  short: "nats per token of the answers",
  metric: "policy/loss",
  range: [0, 0.5],
  decimals: 3,
  meaning:
    "How unlikely the model finds the answers it is shown, in nats per token. It goes on falling after the skill has stopped growing: then the pairs are learned by heart.",
};

/** Supervised fine-tuning on few examples. arXiv 2305.11206 (LIMA). */
export const sft: Method<SftConfig> = {
  name: "sft",
  title: "Few-shot SFT",
  summary:
    "Supervised fine-tuning on a few worked examples: no reward, no search, the honest rival of every method here (Zhou et al. 2023, LIMA, arXiv 2305.11206).",
  defaults: { types: "both", pairs: 256, answers: "worked", batch: 32, learningRate: 3e-4 },
  describe: {
    types: "Task types of the examples.",
    pairs:
      "Examples: tasks that the untrained policy proposes, with answers made by running them. A file of pairs takes their place.",
    answers:
      "Worked step by step, or (controls) the bare answer, worked with wrong values, or the name of the right value in place of it, which only a lenient verifier takes.",
    batch: "Examples per step.",
    learningRate: "Learning rate of the first step; it falls in a line to a tenth at the last.",
  },
  choices: { types: PRACTICE_TYPES, answers: ANSWERS },
  presets: { small: { pairs: 64, batch: 16 } },
  phases: [READ, LEARN],
  gauges: [LOSS, GRADIENT_NORM],
  words: {
    likelihood: {
      title: "Likelihood",
      text: "How probable the model finds an answer that it is shown. Supervised fine-tuning raises it, token by token; no reward is involved.",
      see: ["token", "loss"],
    },
  },
  stage: "text",
  teacher: "examples",
  needs: () => ({}),

  async *prepare(step) {
    const { config, memory, rng } = step;
    if (!step.pairs) yield* fillPool(step, typesOf(config.types), config.pairs);
    const pairs = step.pairs ? yield* givenPairs(step, step.pairs) : await ownPairs(step);
    if (pairs.length === 0)
      throw new KelvinError("model", "no example can be worked out", "use a model of the task language");
    memory.set("pairs", drawWithout(rng.child("order"), pairs, pairs.length) as unknown as Json);
  },

  async *collect(step) {
    const examples = batchOf(step);
    yield* phase("read", exampleEvents(step.policy, examples));
    const { learningRate } = step.config;
    const fall = step.steps > 1 ? step.index / (step.steps - 1) : 0;
    const sequences = examples.map(sequenceOf);
    return [{ loss: { kind: "likelihood" }, sequences, learningRate: learningRate * (1 - (1 - FINAL) * fall) }];
  },
};

type SftStep = Step<SftConfig>;

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
