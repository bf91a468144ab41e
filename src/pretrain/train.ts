import type { BatchSource, UpdateBatch } from "./batches";
import type { Progress } from "./checkpoint";
import { learningRates } from "./schedule";

/** The part of a model that pre-training uses. */
export interface PretrainModel {
  pretrainStep(
    batch: Pick<UpdateBatch, "sequences">,
    rates: { muonLearningRate: number; adamLearningRate: number },
  ): Promise<{ loss: number; gradNorm: number }>;
}

/** One finished update. */
export interface UpdateReport {
  readonly update: number;
  readonly loss: number;
  readonly gradNorm: number;
  readonly tokens: number;
  /** Seconds the update took. */
  readonly seconds: number;
}

/** Callbacks around the updates. */
export interface TrainingHooks {
  /** Milliseconds; only for reports. */
  now(): number;
  /** Called after every update with the progress so far; returns true to stop. */
  after(report: UpdateReport, progress: Progress): Promise<boolean>;
}

/** Smoothing factor of the loss in checkpoints and the card. */
const LOSS_SHARE = 0.02;

/** Runs updates from `progress.update` to the end (or until `after` says stop); returns the progress reached. */
export async function trainFrom(
  progress: Progress,
  model: PretrainModel,
  batches: BatchSource,
  hooks: TrainingHooks,
): Promise<Progress> {
  let current = progress;
  while (current.update < current.updates) {
    const started = hooks.now();
    const { update, updates } = current;
    const batch = await batches.batch(update);
    const { loss, gradNorm } = await model.pretrainStep(batch, learningRates(update, updates));
    const seconds = (hooks.now() - started) / 1000;
    current = {
      ...current,
      update: update + 1,
      tokens: current.tokens + batch.tokens,
      seconds: current.seconds + seconds,
      loss: update === 0 ? loss : current.loss + LOSS_SHARE * (loss - current.loss),
    };
    if (await hooks.after({ update: current.update, loss, gradNorm, tokens: batch.tokens, seconds }, current)) break;
  }
  return current;
}
