/** Answers of a run that the verifier found right, one for each task: examples for another run. Pure. */
import type { TrainEvent, WorkedPair } from "../contracts";
import { judgedAnswers } from "./judged-answers";

/** The first right answer to each deduction and abduction; one with a trace goes before one without. */
export function rightAnswers(events: Iterable<TrainEvent>): WorkedPair[] {
  const found = new Map<string, Required<WorkedPair> & { readonly trace: boolean }>();
  for (const { task, sample, isRight } of judgedAnswers(events)) {
    if (!isRight || task.type === "induction") continue;
    const known = found.get(task.id);
    if (!known || (sample.trace && !known.trace))
      found.set(task.id, { task, answer: sample.text, trace: sample.trace });
  }
  return [...found.values()].map(({ task, answer }) => ({ task, answer }));
}
