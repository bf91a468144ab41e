/** Answers of a run that the verifier found right, one for each task: examples for another run. Pure. */
import type { TrainEvent, WorkedPair } from "../contracts";

/** The first right answer to each deduction and abduction; one with a trace goes before one without. */
export function rightAnswers(events: Iterable<TrainEvent>): WorkedPair[] {
  const written = new Map<string, Required<WorkedPair> & { readonly trace: boolean }>();
  const found = new Map<string, Required<WorkedPair> & { readonly trace: boolean }>();
  for (const event of events) {
    if (event.type === "rollout.sample" && event.purpose === "train" && event.prompt.task) {
      const { task } = event.prompt;
      const { id, text: answer, trace } = event.sample;
      if (task.type !== "induction") written.set(id, { task, answer, trace });
    }
    const answer =
      event.type === "verify.verdict" && event.verdict.verdict === "CORRECT" && written.get(event.sampleId);
    if (!answer) continue;
    const known = found.get(answer.task.id);
    if (!known || (answer.trace && !known.trace)) found.set(answer.task.id, answer);
  }
  return [...found.values()].map(({ task, answer }) => ({ task, answer }));
}
