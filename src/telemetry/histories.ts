/** How often each practised task was solved, step after step, and how much that varied. Pure. */
import type { Task, TrainEvent } from "../contracts";
import { judgedAnswers } from "./judged-answers";

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
  /** By task: right answers and all of each step. */
  const counts = new Map<string, { task: Task; steps: Map<number, [right: number, all: number]> }>();
  for (const { task, step, isRight } of judgedAnswers(events)) {
    const own = counts.get(task.id) ?? { task, steps: new Map<number, [number, number]>() };
    const [right, all] = own.steps.get(step) ?? [0, 0];
    own.steps.set(step, [right + (isRight ? 1 : 0), all + 1]);
    counts.set(task.id, own);
  }
  return [...counts.values()]
    .map(({ task, steps }) => ({ task, ...spreadOf([...steps.values()].map(([right, all]) => right / all)) }))
    .sort((a, b) => b.variance - a.variance);
}

function spreadOf(accuracies: readonly number[]): Omit<TaskHistory, "task"> {
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  const variance = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0) / accuracies.length;
  return { accuracies, mean, variance };
}
