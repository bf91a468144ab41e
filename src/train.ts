import type {
  At,
  Group,
  Json,
  Learner,
  Loss,
  Method,
  MethodConfig,
  Metrics,
  ModelInfo,
  Policy,
  Rng,
  RunConfig,
  Stage,
  Step,
  Task,
  TrainEvent,
  TrainingSequence,
  Verifier,
} from "./contracts";
import { evaluate } from "./evaluate/evaluate";
import { firstTasks, type Suite } from "./evaluate/suite";
import { phase } from "./rollout/phase";
import { createRng } from "./rollout/rng";
import { Clock, stamp } from "./telemetry/stamp";
import { StepMeter, updateMetrics } from "./telemetry/summary";

/** Everything a run works with; the same for every method. */
export interface World {
  readonly policy: Policy;
  readonly learner: Learner;
  /** Frozen copy of the policy as it began; needed when the loss has a KL coefficient. */
  readonly reference?: Policy;
  readonly verifier: Verifier;
  /** Held-out suites, the headline one first. */
  readonly suites: readonly Suite[];
  readonly heldOut: ReadonlySet<string>;
  readonly seedTasks: readonly Task[];
  readonly model: ModelInfo;
  /** Name of the adapter, and the kernels chosen on it. */
  readonly device: string;
  readonly kernels: Json;
  /** Milliseconds; only for showing. */
  now(): number;
  /** Aborting ends the run at the next step boundary. */
  readonly signal?: AbortSignal;
}

/** What a checkpoint keeps beside weights and optimizer. Exact between two steps: right after `step.end` or `step.skip`. */
export interface TrainState {
  /** Next step to take. */
  step: number;
  prepared: boolean;
  /** Working milliseconds so far. */
  elapsed: number;
  memory: Map<string, Json>;
}

/** The state of a run before its preparation. */
export function freshState(): TrainState {
  return { step: 0, prepared: false, elapsed: 0, memory: new Map() };
}

/** Step stamped on what happens before the first one. */
const BEFORE = -1;

/**
 * The loop: prepare, then per step collect → update, evaluation before, in between and after. It yields facts and
 * keeps no other output; pausing is not asking for the next one. `state` is advanced in place, so a caller that
 * stores it (and the learner) between two steps can continue later as if nothing had happened. The same seed gives
 * the same events apart from `ms` and `timings`.
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
  const loss = method.loss(config);
  const stepOf = (index: number, name: string): Step => ({
    ...world,
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
    });
    yield* stamp(method.prepare(stepOf(BEFORE, "prepare")), BEFORE, clock);
    state.prepared = true;
  }
  while (state.step < run.steps && !world.signal?.aborted) {
    if (isDue(state.step, run)) yield* stamp(evaluation(state.step === 0, run, world, rng), state.step, clock);
    const index = state.step;
    const meter = new StepMeter();
    const groups = yield* stamp(method.collect(stepOf(index, "step")), index, clock, meter);
    const sequences = toSequences(groups, loss);
    const rate = method.learningRate(config, index, run.steps);
    const updated =
      sequences.length > 0
        ? yield* stamp(phase("update", update(sequences, loss, rate, world)), index, clock, meter)
        : null;
    state.step = index + 1;
    state.elapsed = clock.ms();
    const at = { step: index, ms: state.elapsed };
    yield* clock.hold(
      updated
        ? stepEnd(meter, updateMetrics(updated, rate, sequences.length), at)
        : { type: "step.skip", reason: "every advantage is zero", ...at },
    );
  }
  const stopped = state.step < run.steps;
  if (!stopped && run.evaluateTasks > 0) yield* stamp(evaluation(true, run, world, rng), run.steps, clock);
  yield { type: "run.end", reason: stopped ? "stopped" : "done", step: state.step, ms: clock.ms() };
}

function stepEnd(meter: StepMeter, learned: Metrics, at: At): TrainEvent {
  return { type: "step.end", metrics: { ...meter.metrics(), ...learned }, timings: meter.timings(), ...at };
}

/** Gradient and update of one step, with the reference's log-probabilities where the loss asks for them. */
async function* update(
  sequences: readonly TrainingSequence[],
  loss: Loss,
  rate: number,
  { learner, reference }: World,
) {
  if (!needsReference(loss)) return await learner.update(sequences, loss, rate);
  if (!reference) throw new Error("train: the loss has a KL coefficient, and there is no reference policy");
  const scores = await reference.score(sequences);
  return await learner.update(
    sequences.map((sequence, index) => ({ ...sequence, referenceLogprobs: scores[index] })),
    loss,
    rate,
  );
}

/** Does this loss measure the distance to a frozen reference? */
export function needsReference(loss: Loss): boolean {
  return loss.kind === "policy-gradient" && loss.klCoefficient !== 0;
}

/**
 * Samples become training sequences. Without KL and entropy terms a sample of zero advantage has no gradient and is
 * left out; with them it stays, unless nothing at all has an advantage.
 */
function toSequences(groups: readonly Group[], loss: Loss): TrainingSequence[] {
  const sequences = groups.flatMap(({ prompt, samples }) =>
    samples.map(({ tokens, advantage, logprobs }) => ({
      prompt: prompt.tokens,
      completion: tokens,
      advantage,
      oldLogprobs: logprobs,
    })),
  );
  const credited = sequences.filter(({ advantage }) => advantage !== 0);
  const regularized = loss.kind === "policy-gradient" && (loss.klCoefficient !== 0 || loss.entropyCoefficient !== 0);
  return regularized && credited.length > 0 ? sequences : credited;
}

function isDue(step: number, { evaluateTasks, evaluateEvery }: RunConfig): boolean {
  return evaluateTasks > 0 && (step === 0 || (evaluateEvery > 0 && step % evaluateEvery === 0));
}

/** Tasks per type of an evaluation in between, which is there to draw a curve. */
const CURVE_TASKS = 100;

/** Before and after: every suite, with forced traces. In between: the headline suite, short, and the visitor's tasks. */
async function* evaluation(full: boolean, run: RunConfig, world: World, rng: Rng): Stage<void> {
  yield* phase("evaluate", results());

  async function* results(): Stage<void> {
    for (const suite of world.suites.filter(({ probe }, index) => full || probe || index === 0)) {
      const tasks = firstTasks(suite, full ? run.evaluateTasks : Math.min(run.evaluateTasks, CURVE_TASKS));
      const result = yield* evaluate(tasks, {
        ...world,
        rng: rng.child("evaluate", suite.name),
        samples: 1,
        forcedTrace: full,
      });
      yield { type: "evaluate.result", suite: suite.name, result };
    }
  }
}
