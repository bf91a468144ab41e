/** The answers that a run trained on, with what the verifier said of each. Pure. */
import type { SampleView, Task, TrainEvent } from "../contracts";

export interface JudgedAnswer {
  readonly task: Task;
  /** The step that asked for it. */
  readonly step: number;
  readonly sample: SampleView;
  readonly isRight: boolean;
}

/** One for each verdict, in order. */
export function* judgedAnswers(events: Iterable<TrainEvent>): Generator<JudgedAnswer> {
  const written = new Map<string, Omit<JudgedAnswer, "isRight">>();
  for (const event of events) {
    if (event.type === "rollout.sample" && event.purpose === "train" && event.prompt.task)
      written.set(event.sample.id, { task: event.prompt.task, step: event.step, sample: event.sample });
    const answer = event.type === "verify.verdict" ? written.get(event.sampleId) : undefined;
    if (answer && event.type === "verify.verdict") yield { ...answer, isRight: event.verdict.verdict === "CORRECT" };
  }
}
