import { groupRelative } from "../advantage/advantage";
import {
  ADVANTAGE,
  COMPLETION_LENGTH,
  ENTROPY,
  type GaugeInfo,
  GRADIENT_NORM,
  type Group,
  KelvinError,
  KL,
  type Measure,
  type Method,
  type PhaseInfo,
  PROPOSE,
  REWARD,
  type Sample,
  SOLVE,
  SOLVER_REWARD,
  type Stage,
  type Step,
  type Task,
  TRACE_SHARE,
  UPDATE,
  VERIFY,
} from "../contracts";
import { rewardSteps } from "../reward/reward";
import { phase } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import { rollout } from "../rollout/rollout";
import { readBuffer } from "../tasks/buffer";
import { Judging } from "../tasks/judge";
import { ROOTS } from "../tasks/roots";
import { isComplete, rightLines } from "../tasks/traces";
import { workedTexts } from "../tasks/worked";
import { climbed, drawRungs, ORDERS, type Order, readClimb, storeClimb } from "./ladder-rungs";
import { greedily, shorterVariants, solvedOnes, TestTime } from "./ladder-test-time";
import { growTree, rootTasks, type TreeConfig, VARIANTS } from "./ladder-tree";
import { warmUpAndDecay } from "./learning-rate";
import { policyGradient, policyLesson } from "./lesson";
import { answerDraws } from "./practice";

const REWARDS = ["complete", "answer"] as const;

/** Settings; `describe` below explains each. */
export interface LadderConfig extends TreeConfig {
  readonly order: Order;
  readonly tasks: number;
  readonly samples: number;
  readonly reward: (typeof REWARDS)[number];
  readonly denseSteps: number;
  readonly stepsPerRoot: number;
  readonly klCoefficient: number;
  readonly learningRate: number;
  readonly temperature: number;
}

const SIMPLIFY: PhaseInfo = {
  ...PROPOSE,
  heading: "The model makes it easier",
  note: "From each hard task the model makes easier ones, and from those easier ones still.[ It has written {proposals:variant}.] Nobody gives it the steps in between.",
  caption: "[It made {proposals:easier variant}.|It makes hard tasks easier.]",
};

const WHOLE: PhaseInfo = {
  ...REWARD,
  note: "A right answer whose trace has every statement earns +1, any other that can be read −0.5, an unreadable one −1.[ {right} of {rewarded} trained answers are right.]",
  caption: "Right, with every statement, earns +1: {right} of {rewarded} are right.",
};

const RUNG: GaugeInfo = {
  name: "rung",
  term: "rung",
  title: "Rung",
  short: "statements of the tasks being learned",
  metric: "ladder/rung",
  range: [0, 8],
  decimals: 0,
  meaning:
    "The length of the shortest tasks that are not mostly solved yet. When six of ten answers to them are right, the next length takes their place.",
};

const RUNG_RATE: GaugeInfo = {
  name: "rung-rate",
  term: "rung",
  title: "Solved on this rung",
  short: "moving share, right and complete",
  metric: "ladder/rate",
  range: [0, 1],
  decimals: 2,
  meaning:
    "The moving share of right and complete answers to tasks of that length. At 0.6 the next one takes its place, and the share falls again.",
};

/** LADDER: hard tasks, a tree of easier variants by the model itself, practice from the bottom up. arXiv 2503.00735. */
export const ladder: Method<LadderConfig> = {
  name: "ladder",
  title: "LADDER",
  summary:
    "From a few tasks that it cannot solve the model makes easier and easier ones, and practises its way back up (Simonds and Yoshiyama 2025, arXiv 2503.00735).",
  defaults: {
    roots: 10,
    variants: "own",
    depth: 5,
    branches: 20,
    rejectRedundant: true,
    order: "mixed",
    tasks: 32,
    samples: 8,
    reward: "complete",
    denseSteps: 0,
    stepsPerRoot: 0,
    klCoefficient: 0,
    learningRate: 1.5e-4,
    temperature: 1,
  },
  describe: {
    roots: "Hard tasks to start from, at most 30: programs of eight statements that ship with the method.",
    variants: "Who makes easier variants: the policy itself, or (controls) rules, or nobody: the roots alone.",
    depth: "Rounds in which variants of variants are made.",
    branches: "Variants per root and round.",
    rejectRedundant: "Refuse variants with a statement that changes nothing.",
    order: "All variants mixed, as published, or rung after rung: half of each step from the highest open one.",
    tasks: "Tasks per step.",
    samples: "Answers per task; they are one group.",
    reward: "What counts as right: the answer with a trace that lists every statement, or (control) the answer alone.",
    denseSteps: "First steps, in which a trace earns the share of its lines that are right.",
    stepsPerRoot:
      "At test time: updates for each root that is not solved yet, on its own variants alone, before the weights are rolled back. 0: one policy learns from all roots.",
    klCoefficient: "Weight of the k3 estimate of KL(policy ‖ frozen base); 0.001 in the paper.",
    learningRate: "Peak learning rate: five warm-up steps, then linear decay to 0.3 of it.",
    temperature: "Sampling temperature of answers.",
  },
  choices: { variants: VARIANTS, order: ORDERS, reward: REWARDS },
  presets: {
    small: { roots: 4, depth: 4, branches: 10, tasks: 8 },
    "test-time": { roots: 20, branches: 40, tasks: 16, stepsPerRoot: 30 },
  },
  phases: [SIMPLIFY, VERIFY, SOLVE, WHOLE, ADVANTAGE, UPDATE],
  gauges: [RUNG, RUNG_RATE, TRACE_SHARE, COMPLETION_LENGTH, SOLVER_REWARD, ENTROPY, KL, GRADIENT_NORM],
  words: {
    rung: {
      title: "Rung",
      text: "Tasks of one length, in statements. Short ones are solved first; what they teach makes the next rung solvable sometimes.",
      see: ["variant", "solver"],
    },
    variant: {
      title: "Variant",
      text: "A task made from a harder one by the model itself: fewer statements, or an earlier end. The {verifier} says what its answer is.",
      see: ["rung", "proposer"],
    },
  },
  model: "kelvin-nano-2",
  stage: "tasks",
  needs: ({ klCoefficient, stepsPerRoot }) => ({ reference: klCoefficient !== 0, rollBack: stepsPerRoot > 0 }),

  async *prepare(step) {
    yield* growTree(step, await chosenRoots(step));
  },

  async *collect(step) {
    const { config, memory, rng, index } = step;
    const tasks = readBuffer(memory, "deduction");
    const climb = readClimb(memory, tasks);
    const drawn = isTestTime(config)
      ? await variantsInTurn(step, tasks)
      : drawRungs(tasks, climb, config.order, config.tasks, rng.child("tasks"));
    const groups = yield* answered(step, drawn);
    yield* phase("advantage", groupRelative(groups));
    const next = climbed(climb, tasks, groups, isSolved(config));
    if (!isTestTime(config)) storeClimb(memory, next);
    yield { type: "stage.metrics", metrics: climbMetrics(climb.open, next.rates, tasks) };
    const { klCoefficient, temperature } = config;
    const learningRate = config.learningRate * (isTestTime(config) ? 1 : warmUpAndDecay(index, step.steps));
    return [policyLesson(groups, policyGradient({ klCoefficient, temperature }), learningRate)];
  },

  measure: rootsSolved,
};

type LadderStep = Step<LadderConfig>;

function isSolved({ reward }: LadderConfig): (group: Group, sample: Sample) => boolean {
  return ({ prompt }, sample) =>
    sample.verdict?.verdict === "CORRECT" && (reward === "answer" || isComplete(prompt, sample));
}

const isTestTime = ({ stepsPerRoot }: LadderConfig): boolean => stepsPerRoot > 0;

/** The first roots; at test time, the first of all that the policy does not solve. */
async function chosenRoots(step: LadderStep): Promise<readonly Task[]> {
  const { config } = step;
  if (!isTestTime(config)) return rootTasks(step, config.roots);
  const roots = await rootTasks(step, ROOTS.length);
  const solved = solvedOnes(await greedily(step, roots), isSolved(config));
  const unsolved = roots.filter((_, index) => !solved[index]).slice(0, config.roots);
  if (unsolved.length > 0) return unsolved;
  throw new KelvinError("model", "ladder: the model solves all of the roots already", "set stepsPerRoot=0");
}

function testTimeOf(step: LadderStep, tasks: readonly Task[]): TestTime {
  const roots = tasks.filter(({ parent }) => parent === undefined);
  return new TestTime(step, roots, step.config.stepsPerRoot, isSolved(step.config));
}

/** Variants of the root whose turn it is; none when all had theirs. */
async function variantsInTurn(step: LadderStep, tasks: readonly Task[]): Promise<Task[]> {
  const testTime = testTimeOf(step, tasks);
  await testTime.turn();
  const { root } = testTime;
  if (!root) return [];
  await testTime.look(root);
  return drawWithout(step.rng.child("tasks"), shorterVariants(tasks, root), step.config.tasks);
}

/** Answers with their rewards. */
async function* answered(step: LadderStep, tasks: readonly Task[]): Stage<Group[]> {
  const { config, policy, rng, index, verifier } = step;
  const judging = new Judging(verifier);
  const draws = answerDraws(policy, `${index}/solve`, tasks, config);
  const groups = yield* phase(
    "solve",
    rollout(policy, draws, { temperature: config.temperature, rng, ahead: judging }),
  );
  yield* phase("reward", rewarded(step, groups, judging));
  return groups;
}

async function* rewarded(step: LadderStep, groups: readonly Group[], judging: Judging): Stage<void> {
  yield* judging.settle(groups);
  const { config, index, verifier } = step;
  if (index >= config.denseSteps) return yield* rewardSteps(groups, isSolved(config));
  const worked = await workedTexts(
    verifier,
    groups.flatMap(({ prompt }) => prompt.task ?? []),
  );
  const solved = isSolved(config);
  const share = (group: Group, sample: Sample): number =>
    solved(group, sample) ? 1 : rightLines(sample.text, worked[groups.indexOf(group)] ?? "");
  yield* rewardSteps(groups, solved, share);
}

function climbMetrics(open: number, rates: Readonly<Record<string, number>>, tasks: readonly Task[]) {
  const each = Object.entries(rates).map(([rung, rate]) => [`ladder/solved/${rung}`, rate]);
  return {
    "ladder/rung": open,
    "ladder/rate": rates[open] ?? 0,
    "ladder/tasks": tasks.length,
    ...Object.fromEntries(each),
  };
}

/** How many of the roots are solved, greedily and with a trace; at test time, what became of each. */
async function* rootsSolved(step: LadderStep): Stage<readonly Measure[]> {
  yield { type: "live.progress", phase: "evaluate", done: 0, total: 1 };
  const tasks = readBuffer(step.memory, "deduction");
  if (isTestTime(step.config)) {
    const testTime = testTimeOf(step, tasks);
    if (step.index === step.steps) await testTime.close();
    return testTime.measures();
  }
  const roots = tasks.filter(({ parent }) => parent === undefined);
  const solved = solvedOnes(await greedily(step, roots), isSolved(step.config));
  return [{ name: "roots/solved", value: solved.filter(Boolean).length / Math.max(1, roots.length), n: roots.length }];
}
