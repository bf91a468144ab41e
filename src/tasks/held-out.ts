import type { Task } from "../contracts";
import { taskKey } from "./buffer";
import { countStatements } from "./language";

/**
 * Key that identifies a held-out task. For programs of two or more statements the program alone is the key. There are too few
 * programs of one statement, so their key includes the inputs.
 */
export function heldOutKey(task: Pick<Task, "normalized" | "statements" | "pairs">): string {
  // A line without an effect makes no second statement.
  const statements = Math.min(task.statements, countStatements(task.normalized));
  return statements >= 2 ? task.normalized : taskKey(task);
}

/** Whether this task is held out, so that training on it would leak the test. */
export function isHeldOut(task: Task, heldOut: ReadonlySet<string>): boolean {
  return heldOut.has(heldOutKey(task));
}

/** The keys of these tasks. */
export function heldOutSet(tasks: Iterable<Task>): Set<string> {
  return new Set(Array.from(tasks, heldOutKey));
}
