/** The visitor's own tasks, stored on this device. */
import * as v from "valibot";
import type { Task } from "../contracts";
import { OwnList } from "./own-list";

/** More would make every evaluation slow. */
export const MOST_OWN_TASKS = 100;

const text = v.pipe(v.string(), v.maxLength(2000));
const StoredTask = v.object({
  id: v.pipe(v.string(), v.regex(/^yours\/\d+$/u)),
  type: v.picklist(["deduction", "abduction", "induction"]),
  program: v.pipe(text, v.minLength(1)),
  pairs: v.pipe(v.array(v.object({ input: text, output: text })), v.minLength(1), v.maxLength(5)),
  message: text,
  statements: v.pipe(v.number(), v.integer(), v.minValue(1)),
  step: v.literal(-1),
  normalized: text,
});

export class OwnTasks extends OwnList<Task> {
  /** @param storage null if the browser blocks it */
  constructor(storage: Pick<Storage, "getItem" | "setItem"> | null) {
    super({ key: "own-tasks", items: "tasks", item: StoredTask, most: MOST_OWN_TASKS }, storage);
  }

  get tasks(): readonly Task[] {
    return this.items;
  }

  /** A new id. */
  get nextId(): string {
    return freeId(this.items);
  }

  /** If another tab has used the id meanwhile, the task gets the next one. */
  add(task: Task): void {
    this.refresh();
    if (this.items.length >= MOST_OWN_TASKS) {
      this.trouble = `There are ${MOST_OWN_TASKS} tasks already; remove one first.`;
      return;
    }
    this.change((tasks) => [...tasks, tasks.some(({ id }) => id === task.id) ? { ...task, id: freeId(tasks) } : task]);
  }

  remove(id: string): void {
    this.change((tasks) => tasks.filter((task) => task.id !== id));
  }
}

function freeId(tasks: readonly Task[]): string {
  const largest = tasks.reduce((most, { id }) => Math.max(most, Number(id.slice("yours/".length))), 0);
  return `yours/${largest + 1}`;
}
