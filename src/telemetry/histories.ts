/** How often each practised task was solved, step after step, and how much that varied. Pure. */
import type { Task, TrainEvent } from "../contracts";

/** One task of a pool. */
export interface TaskHistory {
  readonly task: Task;
  /** Share of right answers in every step that asked it, in order. */
  readonly accuracies: readonly number[];
  readonly mean: number;
  /** Of the accuracies, over their number. arXiv 2504.20571 §2, Eq. 1. */
  readonly variance: number;
}

/** The tasks that a run trained on, the most varied first; of equal ones the one that was asked first. */
export function historiesOf(events: Iterable<TrainEvent>): TaskHistory[] {
  const tasks = new Map<string, Task>();
  /** By task and step: right answers, and all. */
  const counts = new Map<string, Map<number, [right: number, all: number]>>();
  const asked = new Map<string, { task: string; step: number }>();
  for (const event of events) {
    if (event.type === "rollout.sample" && event.purpose === "train" && event.prompt.task) {
      tasks.set(event.prompt.task.id, event.prompt.task);
      asked.set(event.sample.id, { task: event.prompt.task.id, step: event.step });
    }
    const answer = event.type === "verify.verdict" ? asked.get(event.sampleId) : undefined;
    if (!answer || event.type !== "verify.verdict") continue;
    const steps = counts.get(answer.task) ?? new Map<number, [number, number]>();
    const [right, all] = steps.get(answer.step) ?? [0, 0];
    counts.set(answer.task, steps);
    steps.set(answer.step, [right + (event.verdict.verdict === "CORRECT" ? 1 : 0), all + 1]);
  }
  return [...counts]
    .flatMap(([id, steps]) => {
      const task = tasks.get(id);
      return task ? [{ task, ...spreadOf([...steps.values()].map(([right, all]) => right / all)) }] : [];
    })
    .sort((a, b) => b.variance - a.variance);
}

function spreadOf(accuracies: readonly number[]): Omit<TaskHistory, "task"> {
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  const variance = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0) / accuracies.length;
  return { accuracies, mean, variance };
}
