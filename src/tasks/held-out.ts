import type { Task } from "../contracts";
import { taskKey } from "./buffer";

/**
 * The name under which a held-out task must be recognised. A program of two or more statements is held out whole;
 * there are so few programs of one statement that only the program with these inputs is.
 */
export function heldOutKey(task: Pick<Task, "normalized" | "statements" | "pairs">): string {
  return task.statements >= 2 ? task.normalized : taskKey(task);
}

/** Would training on this task show the policy what it is later tested on? */
export function isHeldOut(task: Task, heldOut: ReadonlySet<string>): boolean {
  return heldOut.has(heldOutKey(task));
}

/** The names of these suites' tasks. */
export function heldOutSet(tasks: Iterable<Task>): Set<string> {
  return new Set(Array.from(tasks, heldOutKey));
}
