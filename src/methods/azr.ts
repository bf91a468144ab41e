import { taskRelative } from "../advantage/advantage";
import {
  type Group,
  KelvinError,
  kindOf,
  type Lesson,
  type Method,
  type PolicyGradient,
  SELF_PLAY_PHASES,
  SOLVER,
  type Stage,
  type Step,
  TASK_TYPES,
  type TaskType,
  typeOf,
  USUAL_GAUGES,
} from "../contracts";
import { bonusOf } from "../reward/bonus";
import { type ProposerTerms, rewardProposers, rewardSolvers, solveRate } from "../reward/reward";
import { phase } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import { type Draw, type RolloutOptions, rollout } from "../rollout/rollout";
import type { Ahead } from "../rollout/sample-collector";
import type { Admitted } from "../tasks/admit";
import { bufferSizes, readBuffer, remember } from "../tasks/buffer";
import { Checks } from "../tasks/check";
import { parseAnswer } from "../tasks/formats";
import { Judging } from "../tasks/judge";
import { canonical, isValue } from "../tasks/language";
import { lenient } from "../tasks/lenient";
import { solverPrompt } from "../tasks/prompts";
import { AZR_SETTINGS, type AzrConfig } from "./azr-settings";
import { warmUpAndDecay } from "./learning-rate";
import { policyGradient, policyLesson } from "./lesson";
import { admitProposals, proposalDraws } from "./proposals";
import { taskRules } from "./quality";
import { fillBuffers } from "./seeding";

/** Absolute Zero: the policy proposes tasks, an interpreter checks them, the policy solves them. arXiv 2505.03335. */
export const azr: Method<AzrConfig> = {
  name: "azr",
  title: "Absolute Zero",
  summary:
    "One policy invents Python tasks and solves them; an interpreter is the only judge, and a proposal earns most when it is solved sometimes (Zhao et al. 2025, arXiv 2505.03335).",
  ...AZR_SETTINGS,
  presets: { small: { proposals: 8, learnabilitySamples: 2, solverTasks: 8, freshTasks: 4, seedTasks: 16 } },
  phases: SELF_PLAY_PHASES,
  gauges: USUAL_GAUGES,
  words: {
    "task-buffer": {
      title: "Task buffer",
      text: "The tasks that were admitted so far, one list for each type. Proposers vary programs of it, solvers are asked from it, and beyond 2,000 the oldest leave.",
      see: ["proposer", "solver"],
    },
  },
  stage: "tasks",
  needs: () => ({}),

  async *prepare(step) {
    const { seedTasks, inductionStatements, temperature } = step.config;
    if (typesOf(step.config).length === 0)
      throw new KelvinError("config", "azr: no task type is left", "set deduction, abduction or induction to true");
    yield* fillBuffers(step, { seedTasks, inductionStatements, temperature, rules: taskRules(step.config) });
  },

  async *collect(step) {
    const { proposals: count, inductionStatements, references, longReferences, composites } = step.config;
    const types = typesOf(step.config);
    const sources = { inductionStatements, references, longReferences, composites };
    const plan = { types, count, name: `${step.index}/propose`, ...sources };
    const draws = proposalDraws(step, plan);
    const checks = new Checks(step.verifier, taskRules(step.config));
    const proposals = yield* phase("propose", rollout(step.policy, draws, sampling(step, checks)));
    const admitted = yield* phase("verify", admitProposals(step, proposals, checks, step.index));
    const judging = new Judging(step.config.judging === "lenient" ? lenient(step.verifier) : step.verifier);
    const solved = yield* phase("solve", solve(step, admitted, judging));
    yield* phase("reward", reward(step, proposals, admitted, solved, judging));
    remember(
      step.memory,
      admitted.map(({ task }) => task),
    );
    const credited = step.config.trainProposer ? [...proposals, ...solved.attempts] : solved.attempts;
    yield* phase("advantage", taskRelative(credited, step.config.whitening));
    const metrics = { ...bufferSizes(step.memory), ...expressionShare(solved.attempts) };
    yield { type: "stage.metrics", metrics };
    const learningRate = step.config.learningRate * warmUpAndDecay(step.index, step.steps);
    if (step.config.credit === "line") return [await byLine(step, credited, learningRate)];
    return [policyLesson(credited, azrLoss(step.config), learningRate)];
  },
};

type AzrStep = Step<AzrConfig>;

/** The task types that take part. The others keep their seeds, which induction describes. */
function typesOf(config: AzrConfig): TaskType[] {
  return TASK_TYPES.filter((type) => config[type]);
}

/** Worked deductions by lines, all compared with each other; proposals and all other answers as a whole. Loaded when a run asks for it. */
async function byLine(step: AzrStep, credited: readonly Group[], rate: number): Promise<Lesson> {
  const { lessonByLine } = await import("./line-lesson");
  const isDeduction = ({ prompt }: Group): boolean => prompt.kind === DEDUCING;
  const others = credited.filter((group) => !isDeduction(group));
  return lessonByLine(step, [credited.filter(isDeduction)], others, rate);
}

const DEDUCING = kindOf(SOLVER, "deduction");

/** Without KL and entropy terms: the released recipe. */
export function azrLoss({ clip, temperature }: AzrConfig): PolicyGradient {
  return policyGradient({ clipLow: clip, clipHigh: clip, temperature });
}

/** The solver's samples: for training, and for estimating how hard each new task is. */
interface Solved {
  readonly attempts: Group[];
  readonly probes: Group[];
}

/** Samples both kinds of answers in one batch. Decoding is sequential, so a second batch would take as long again. */
async function* solve(step: AzrStep, admitted: readonly Admitted[], judging: Judging): Stage<Solved> {
  const attempts = typesOf(step.config).flatMap((type) => attemptDraws(step, type, admitted));
  const probes = step.config.trainProposer ? probeDraws(step, admitted) : [];
  const groups = yield* rollout(step.policy, [...probes, ...attempts], sampling(step, judging));
  return { probes: groups.slice(0, probes.length), attempts: groups.slice(probes.length) };
}

function probeDraws({ policy, config }: AzrStep, admitted: readonly Admitted[]): Draw[] {
  return admitted.map(({ sample, task }) => ({
    prompt: solverPrompt(policy, `${sample.id}/probe`, task),
    samples: config.learnabilitySamples,
    purpose: "learnability",
  }));
}

/** Up to `freshTasks` of this step's tasks; the rest are drawn from all earlier ones. */
function attemptDraws(step: AzrStep, type: TaskType, admitted: readonly Admitted[]): Draw[] {
  const { config, memory, policy, index } = step;
  const rng = step.rng.child("tasks", type);
  const fresh = admitted.map(({ task }) => task).filter((task) => task.type === type);
  const newest = drawWithout(rng, fresh, Math.min(config.freshTasks, config.solverTasks));
  const older = drawWithout(rng, readBuffer(memory, type), config.solverTasks - newest.length);
  return [...newest, ...older].map((task, slot) => ({
    prompt: solverPrompt(policy, `${index}/solve/${type}/${slot}`, task),
    samples: 1,
    purpose: "train",
  }));
}

async function* reward(
  step: AzrStep,
  proposals: readonly Group[],
  admitted: readonly Admitted[],
  solved: Solved,
  judging: Judging,
): Stage<void> {
  const { rewardSource, trainProposer } = step.config;
  const rng = step.rng.child("reward");
  yield* judging.settle([...solved.probes, ...solved.attempts]);
  const rates = solveRates(admitted, solved.probes);
  const terms = proposerTerms(step, proposals, admitted);
  if (trainProposer) yield* rewardProposers(proposals, rates, rewardSource, rng, terms);
  yield* rewardSolvers(solved.attempts, rewardSource, rng);
}

function proposerTerms(step: AzrStep, proposals: readonly Group[], admitted: readonly Admitted[]): ProposerTerms {
  const { edges, complexityBonus: complexity, distanceBonus: distance, surpriseBonus: surprise } = step.config;
  const tasks = new Map(admitted.map(({ sample, task }) => [sample.id, task]));
  const references = new Map(
    proposals.flatMap(({ prompt, samples }) => samples.map(({ id }) => [id, prompt.reference ?? ""] as const)),
  );
  const bonus = (id: string): number => {
    const task = tasks.get(id);
    if (!task) return 0;
    return bonusOf(task, references.get(id) ?? "", readBuffer(step.memory, task.type), {
      complexity,
      distance,
      surprise,
    });
  };
  return { edges, bonus };
}

/** The share of deduction answers that can be read and are no value: only a lenient verifier takes them. */
function expressionShare(attempts: readonly Group[]): Record<string, number> {
  const deductions = attempts.filter(({ prompt }) => typeOf(prompt.kind) === "deduction");
  const answers = deductions.flatMap(({ samples }) => samples.flatMap((sample) => parseAnswer(sample) ?? []));
  const expressions = answers.filter((answer) => !isValue(canonical(answer)));
  return answers.length === 0 ? {} : { "answers/expressions": expressions.length / answers.length };
}

/** Solve rate of each admitted proposal over its probes, by sample id. */
function solveRates(admitted: readonly Admitted[], probes: readonly Group[]): Map<string, number | null> {
  return new Map(admitted.map(({ sample }, index) => [sample.id, solveRate(probes[index]?.samples ?? [])]));
}

/** Rollout options of this run; the verifier checks finished samples while the policy generates others. */
function sampling({ config, rng }: AzrStep, ahead: Ahead): RolloutOptions {
  return { temperature: config.temperature, rng, ahead };
}
