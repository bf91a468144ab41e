import { expect, it } from "vitest";
import type { TaskType, TrainEvent, VerdictName } from "../../src/contracts";
import { makeTask } from "../../src/tasks/task";
import { rightAnswers } from "../../src/telemetry/right-answers";

const answer = (task: string, text: string, verdict: VerdictName, type: TaskType = "deduction", purpose = "train") => {
  const id = `${task} ${text}`;
  const program = `def f(x):\n return x+${task}`;
  const made = makeTask({ id: task, type, program, inputs: ["1"], outputs: ["2"], normalized: program });
  const sample = { id, text, trace: text.startsWith("<think>") };
  return [
    { type: "rollout.sample", step: 0, ms: 0, purpose, prompt: { id, task: made }, sample },
    { type: "verify.verdict", step: 0, ms: 0, sampleId: id, verdict: { verdict, reason: "" } },
  ] as unknown as TrainEvent[];
};

it("takes the first right answer to each task, one with a trace before one without", () => {
  const pairs = rightAnswers([
    ...answer("1", "<ans>3", "WRONG"),
    ...answer("1", "<ans>2", "CORRECT"),
    ...answer("2", "<ans>2", "CORRECT", "abduction"),
    ...answer("1", "<think>\n return x+1#2<ans>2", "CORRECT"),
    ...answer("1", "<think>\n return x+1#02<ans>2", "CORRECT"),
    ...answer("3", "<ans>def f(x):", "CORRECT", "induction"),
    ...answer("4", "<ans>2", "CORRECT", "deduction", "evaluate"),
  ]);
  expect(pairs.map(({ task, answer: text }) => [task.id, text])).toEqual([
    ["1", "<think>\n return x+1#2<ans>2"],
    ["2", "<ans>2"],
  ]);
});
