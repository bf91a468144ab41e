import {
  ALL_TASK_TYPES,
  type Group,
  type Measure,
  type Policy,
  type Rng,
  type SamplingOptions,
  type Stage,
  type StageEvent,
  type Task,
  type TaskType,
  type Verifier,
} from "../contracts";
import { quietly } from "../rollout/phase";
import { type Draw, rollout } from "../rollout/rollout";
import { Judging } from "../tasks/judge";
import { roomyPrompt, solverPrompt, tracePrompt } from "../tasks/prompts";
import { type Answered, type Mode, USUAL_MEASURES } from "./measures";
import { type Suite, tasksOf } from "./suite";

/** What is evaluated, with which verifier, and how. */
export interface EvaluateOptions {
  readonly policy: Policy;
  readonly verifier: Verifier;
  readonly rng: Rng;
  /** Samples per task. */
  readonly samples: number;
  /** Options for these samples; if absent, temperature 1 and no cuts. */
  readonly sampling?: SamplingOptions;
  /** Also decode greedily after a forced `<think>`: the accuracy if the policy always worked step by step. */
  readonly forcedTrace: boolean;
}

/** Prompts decoded at once: enough to fill all decoding slots. */
const BATCH = 256;

/** Types whose formats have a worked trace. */
const TRACED: ReadonlySet<TaskType> = new Set<TaskType>(["deduction", "abduction"]);

/** What a policy's answers to a suite come to: the usual measures, then the suite's own. Yields only `live.progress`. */
export async function* evaluate(suite: Suite, options: EvaluateOptions): Stage<Measure[]> {
  const batches = ALL_TASK_TYPES.flatMap((type) =>
    modesOf(type, options).flatMap((mode) => cut(tasksOf(suite, type), type, mode)),
  );
  const total = batches.reduce((sum, { tasks }) => sum + tasks.length, 0);
  const answered: Answered[] = [];
  let done = 0;
  for (const { type, mode, tasks } of batches) {
    const progress = { type: "live.progress", phase: "evaluate", done: done / total, total: 1 } as const;
    const groups = yield* answer(tasks, mode, { ...options, isLong: suite.isLong ?? false }, progress);
    answered.push({ type, mode, groups });
    done += tasks.length;
  }
  return [...USUAL_MEASURES, ...(suite.measures ?? [])].flatMap((measure) => measure(answered));
}

interface Batch {
  readonly type: TaskType;
  readonly mode: Mode;
  readonly tasks: readonly Task[];
}

function cut(tasks: readonly Task[], type: TaskType, mode: Mode): Batch[] {
  const batches = Math.ceil(tasks.length / BATCH);
  return Array.from({ length: batches }, (_, index) => ({
    type,
    mode,
    tasks: tasks.slice(index * BATCH, (index + 1) * BATCH),
  }));
}

function modesOf(type: TaskType, { forcedTrace }: EvaluateOptions): Mode[] {
  return forcedTrace && TRACED.has(type) ? ["greedy", "sampled", "forcedTrace"] : ["greedy", "sampled"];
}

/** Generates the answers of one batch in one mode and judges them. */
async function* answer(
  tasks: readonly Task[],
  mode: Mode,
  options: EvaluateOptions & { readonly isLong: boolean },
  progress: StageEvent,
): Stage<Group[]> {
  const { policy, verifier, rng, isLong } = options;
  const draws = tasks.map((task): Draw => {
    const usual = solverPrompt(policy, `${task.id}/${mode}`, task);
    const prompt = isLong ? roomyPrompt(policy, usual) : usual;
    const asked = mode === "forcedTrace" ? tracePrompt(policy, prompt) : prompt;
    return { prompt: asked, samples: mode === "sampled" ? options.samples : 1, purpose: "evaluate" };
  });
  const judging = new Judging(verifier);
  const sampling = mode === "sampled" ? (options.sampling ?? { temperature: 1 }) : { temperature: 0 };
  const groups = yield* quietly(rollout(policy, draws, { ...sampling, rng, ahead: judging }), progress);
  yield* quietly(judging.settle(groups), progress);
  return groups;
}
