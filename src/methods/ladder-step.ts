/** What a run of LADDER does. */
import { groupRelative } from "../advantage/advantage";
import {
  type Group,
  KelvinError,
  type Lesson,
  type Measure,
  type Sample,
  type Stage,
  type Step,
  type Task,
} from "../contracts";
import { rewardSteps } from "../reward/reward";
import { phase } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import { rollout } from "../rollout/rollout";
import { readBuffer } from "../tasks/buffer";
import { Judging } from "../tasks/judge";
import { isComplete, rightLines } from "../tasks/traces";
import { workedTexts } from "../tasks/worked";
import type { LadderConfig } from "./ladder";
import { domainOf } from "./ladder-domain";
import { climbed, drawRungs, readClimb, storeClimb } from "./ladder-rungs";
import { greedily, shorterVariants, solvedOnes, TestTime } from "./ladder-test-time";
import { growTree, rootTasks } from "./ladder-tree";
import { warmUpAndDecay } from "./learning-rate";
import { policyGradient, policyLesson } from "./lesson";
import { lessonByLine } from "./line-lesson";
import { answerDraws } from "./practice";

type LadderStep = Step<LadderConfig>;

/** The tree, before the first step. */
export async function* prepare(step: LadderStep): Stage<void> {
  if (step.config.credit === "line" && step.config.klCoefficient !== 0)
    throw new KelvinError(
      "config",
      "ladder: credit=line has no KL term",
      "set klCoefficient to 0, or credit to answer",
    );
  yield* growTree(step, await chosenRoots(step));
}

/** One step: answers to tasks of the tree, rewards, and one update. */
export async function* collect(step: LadderStep): Stage<readonly Lesson[]> {
  const { config, memory, rng, index } = step;
  const tasks = readBuffer(memory, domainOf(step.policy).type);
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
  if (config.credit === "line")
    return [
      await lessonByLine(
        step,
        groups.map((group) => [group]),
        [],
        learningRate,
      ),
    ];
  return [policyLesson(groups, policyGradient({ klCoefficient, temperature }), learningRate)];
}

function isSolved({ reward }: LadderConfig): (group: Group, sample: Sample) => boolean {
  return ({ prompt }, sample) =>
    sample.verdict?.verdict === "CORRECT" && (reward === "answer" || isComplete(prompt, sample));
}

const isTestTime = ({ stepsPerRoot }: LadderConfig): boolean => stepsPerRoot > 0;

/** The first roots; at test time, the first of all that the policy does not solve. */
async function chosenRoots(step: LadderStep): Promise<readonly Task[]> {
  const { config } = step;
  if (!isTestTime(config)) return rootTasks(step, config.roots);
  const roots = await rootTasks(step);
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
  const share = ({ text }: Sample, place: number): number => rightLines(text, worked[place] ?? "");
  yield* rewardSteps(groups, isSolved(config), share);
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
export async function* measure(step: LadderStep): Stage<readonly Measure[]> {
  yield { type: "live.progress", phase: "evaluate", done: 0, total: 1 };
  const tasks = readBuffer(step.memory, domainOf(step.policy).type);
  if (isTestTime(step.config)) {
    const testTime = testTimeOf(step, tasks);
    if (step.index === step.steps) await testTime.close();
    return testTime.measures();
  }
  const roots = tasks.filter(({ parent }) => parent === undefined);
  const solved = solvedOnes(await greedily(step, roots), isSolved(step.config));
  return [{ name: "roots/solved", value: solved.filter(Boolean).length / Math.max(1, roots.length), n: roots.length }];
}
