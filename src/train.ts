import {
  type AskPerson,
  type At,
  displayOf,
  freshState,
  grouped,
  type Json,
  type Learner,
  type Lesson,
  type Measure,
  type Method,
  type MethodConfig,
  type Metrics,
  type ModelInfo,
  type Policy,
  type Rng,
  type RunConfig,
  type Stage,
  type StageEvent,
  type Step,
  type Task,
  type TrainEvent,
  type TrainingSequence,
  type Verifier,
  type WorkedPair,
} from "./contracts";
import { evaluate } from "./evaluate/evaluate";
import { firstTasks, type Suite } from "./evaluate/suite";
import { phase } from "./rollout/phase";
import { createRng } from "./rollout/rng";
import { demandFiniteUpdate, finiteSamples } from "./telemetry/guard/finite";
import { Clock, stamp } from "./telemetry/stamp";
import { type Learned, StepMeter, updateMetrics } from "./telemetry/summary";

/** Everything a run works with, equal for all methods. */
export interface World {
  readonly policy: Policy;
  readonly learner: Learner;
  /** Frozen copy of the policy as it began, where the method needs one. */
  readonly reference?: Policy;
  /** Puts the learner back as the run began, where the method needs it. */
  readonly rollBack?: () => Promise<void>;
  readonly verifier: Verifier;
  /** Asks the visitor; absent if there is no visitor. */
  readonly person?: AskPerson;
  /** Held-out suites; the first is the headline suite. */
  readonly suites: readonly Suite[];
  readonly heldOut: ReadonlySet<string>;
  readonly seedTasks: readonly Task[];
  /** Examples that the caller gave; see `Step`. */
  readonly pairs?: readonly WorkedPair[];
  readonly model: ModelInfo;
  /** Name of the adapter, and the kernels chosen on it. */
  readonly device: string;
  readonly kernels: Json;
  /** Milliseconds; only for display. */
  now(): number;
  /** Aborting ends the run at the next step boundary, or at the next event of an evaluation. */
  readonly signal?: AbortSignal;
}

/** Step number of events before the first step. */
const BEFORE = -1;

/**
 * The training loop: prepare, then collect → update per step, with evaluations before, in between and after. It only yields
 * events. To pause, do not ask for the next event. `state` is mutated: a caller that stores it (and the learner) between two
 * steps can continue later with identical results. Equal seeds give equal events apart from `ms` and `timings`.
 *
 * @param config the method's full configuration
 * @throws whatever a stage throws; the caller reports it as `run.end` "failed"
 */
export async function* train(
  method: Method,
  config: MethodConfig,
  run: RunConfig,
  world: World,
  state = freshState(),
): AsyncGenerator<TrainEvent, void> {
  const clock = new Clock(world.now, state.elapsed);
  const rng = createRng(run.seed);
  let stopped: string | null = null;
  const stop = (why: string): void => {
    stopped ??= why;
  };
  const stepOf = (index: number, name: string): Step => ({
    ...world,
    stop,
    index,
    steps: run.steps,
    config,
    rng: rng.child(name, index),
    memory: state.memory,
  });
  if (!state.prepared) {
    yield* clock.hold({
      type: "run.start",
      schema: 1,
      method: method.name,
      seed: run.seed,
      steps: run.steps,
      config,
      model: world.model,
      device: world.device,
      kernels: world.kernels,
      ...(run.lora ? { lora: run.lora } : {}),
      ...(world.pairs ? { pairs: world.pairs.length } : {}),
      display: displayOf(method),
    });
    yield* stamp(method.prepare(stepOf(BEFORE, "prepare")), BEFORE, clock);
    state.prepared = true;
    state.elapsed = clock.ms();
    yield* clock.hold({ type: "live.prepared", step: BEFORE, ms: state.elapsed });
  }
  const isAborted = () => world.signal?.aborted === true;
  while (state.step < run.steps && stopped === null && !isAborted()) {
    if (isDue(state.step, run)) yield* measured(state.step === 0, state.step);
    if (isAborted()) break;
    const index = state.step;
    const meter = new StepMeter();
    const asked = yield* stamp(finiteSamples(method.collect(stepOf(index, "step")), index), index, clock, meter);
    const lessons = asked.filter(({ sequences }) => sequences.length > 0);
    const learned =
      lessons.length > 0 ? yield* stamp(phase("update", learn(lessons, world, index)), index, clock, meter) : null;
    state.step = index + 1;
    state.elapsed = clock.ms();
    const at = { step: index, ms: state.elapsed };
    yield* clock.hold(
      learned
        ? stepEnd(meter, updateMetrics(learned), at)
        : { type: "step.skip", reason: "every advantage is zero", ...at },
    );
  }
  const isLast = state.step >= run.steps;
  // A run that has nothing left to do is done, whatever stops it.
  const isDone = isLast && (run.evaluateTasks === 0 || (yield* measured(true, run.steps)));
  const message = !isDone && stopped !== null ? { message: stopped } : {};
  yield { type: "run.end", reason: isDone ? "done" : "stopped", ...message, step: state.step, ms: clock.ms() };

  /** An evaluation, which ends early if the run is to end. It changes nothing, so it can be made again. @returns whether it was finished */
  async function* measured(full: boolean, index: number): AsyncGenerator<TrainEvent, boolean> {
    for await (const event of stamp(evaluation(full, index), index, clock)) {
      yield event;
      if (isAborted()) return event.type === "phase.end";
    }
    return true;
  }

  /** Of the suites, and of what the method measures itself. */
  async function* evaluation(full: boolean, index: number): Stage<void> {
    yield* phase("evaluate", results());

    async function* results(): Stage<void> {
      yield* suiteResults(full, run, world, rng);
      if (!method.measure) return;
      yield resultOf(method.name, yield* method.measure(stepOf(index, "measure")));
    }
  }
}

function resultOf(suite: string, measures: readonly Measure[]): StageEvent {
  return { type: "evaluate.result", suite, measures, result: grouped(measures) };
}

function stepEnd(meter: StepMeter, learned: Metrics, at: At): TrainEvent {
  return { type: "step.end", metrics: { ...meter.metrics(), ...learned }, timings: meter.timings(), ...at };
}

/** The updates of one step, in order. Old log-probabilities are those of sampling, so ratios are live from the second one on. */
async function* learn(
  lessons: readonly Lesson[],
  { learner, reference }: World,
  step: number,
): Stage<readonly Learned[]> {
  const learned: Learned[] = [];
  for (const [done, lesson] of lessons.entries()) {
    yield { type: "live.progress", phase: "update", done, total: lessons.length };
    const { loss, learningRate, over } = lesson;
    const sequences = await withReference(lesson, reference);
    const update = await learner.update(sequences, loss, learningRate, over);
    demandFiniteUpdate(update, step);
    learned.push({ lesson, update });
  }
  return learned;
}

/** The sequences with the reference's log-probabilities, where the loss measures the distance to it. */
async function withReference({ loss, sequences }: Lesson, reference: Policy | undefined) {
  if (loss.kind !== "policy-gradient" || loss.klCoefficient === 0) return sequences;
  if (!reference) throw new Error("train: the loss has a KL coefficient, and there is no reference policy");
  const missing = sequences.filter(({ referenceLogprobs }) => referenceLogprobs === undefined);
  const scores = new Map<TrainingSequence, Float32Array | undefined>();
  for (const [index, logprobs] of (await reference.score(missing)).entries())
    scores.set(missing[index] as TrainingSequence, logprobs);
  return sequences.map((one) => ({ ...one, referenceLogprobs: one.referenceLogprobs ?? scores.get(one) }));
}

function isDue(step: number, { evaluateTasks, evaluateEvery }: RunConfig): boolean {
  return evaluateTasks > 0 && (step === 0 || (evaluateEvery > 0 && step % evaluateEvery === 0));
}

/** Tasks per type in evaluations between steps: enough for a curve. */
const CURVE_TASKS = 100;

/**
 * Before and after: every suite, with forced traces. In between: part of the headline suite, and the visitor's tasks.
 */
async function* suiteResults(full: boolean, run: RunConfig, world: World, rng: Rng): Stage<void> {
  for (const suite of world.suites.filter(({ probe }, index) => full || probe || index === 0)) {
    const tasks = firstTasks(suite, full ? run.evaluateTasks : Math.min(run.evaluateTasks, CURVE_TASKS));
    const own = { ...world, rng: rng.child("evaluate", suite.name), samples: 1, forcedTrace: full };
    yield resultOf(suite.name, yield* evaluate(tasks, own));
  }
}
