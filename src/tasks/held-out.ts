import type { Task } from "../contracts";

/**
 * The names under which a held-out task must be recognised. A program of two or more statements is held out whole;
 * there are so few programs of one statement that only the program with that input is.
 */
export function heldOutKeys(task: Pick<Task, "normalized" | "statements" | "pairs">): string[] {
  if (task.statements >= 2) return [task.normalized];
  return task.pairs.map(({ input }) => `${task.normalized}\n# ${input}`);
}

/** Would training on this task show the policy what it is later tested on? */
export function isHeldOut(task: Task, heldOut: ReadonlySet<string>): boolean {
  return heldOutKeys(task).some((key) => heldOut.has(key));
}

/** All keys of these suites' tasks. */
export function heldOutSet(tasks: Iterable<Task>): Set<string> {
  return new Set(Array.from(tasks).flatMap(heldOutKeys));
}
