/** Stops a run at the first number that is infinite or not a number, before it is stored. */
import { KelvinError, type Stage, type UpdateMetrics } from "../../contracts";

const HINT = "The last checkpoint is whole. Begin again from there, or anew, with a lower learning rate.";

/** @param step the step of the update, from 0. @throws KelvinError "diverged" */
export function demandFiniteUpdate({ loss, gradNorm }: UpdateMetrics, step: number): void {
  if (!Number.isFinite(loss)) throw diverged("the loss", step);
  if (!Number.isFinite(gradNorm)) throw diverged("the gradient", step);
}

/** The same events and the same result. @throws KelvinError "diverged" at a sample whose log-probabilities are not numbers */
export async function* finiteSamples<T>(stage: Stage<T>, step: number): Stage<T> {
  try {
    for (let next = await stage.next(); ; next = await stage.next()) {
      if (next.done) return next.value;
      const event = next.value;
      if (event.type === "rollout.sample" && !event.sample.logprobs.every(Number.isFinite))
        throw diverged("a probability of the policy", step);
      yield event;
    }
  } finally {
    // If the caller stops early, the stage must end too, with its clean-up.
    await stage.return(undefined as never);
  }
}

function diverged(what: string, step: number): KelvinError {
  return new KelvinError(
    "diverged",
    `${what} of step ${step + 1} is not a finite number: the training has diverged`,
    HINT,
  );
}
