/** The visitor's own tasks, kept on this device. */
import * as v from "valibot";
import type { Task } from "../contracts";

const KEY = "own-tasks";
/** Where a list goes that cannot be read: nothing is thrown away. */
const UNREADABLE_KEY = "own-tasks-unreadable";
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
const Stored = v.object({ version: v.literal(1), tasks: v.pipe(v.array(StoredTask), v.maxLength(MOST_OWN_TASKS)) });

/** The list itself, its place in storage, and what went wrong with that. */
export class OwnTasks {
  tasks: readonly Task[] = [];
  /** Why the list could not be read or kept; "" when all is well. */
  complaint = "";

  /** @param storage null where the browser denies it: the list then lasts as long as the page */
  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem"> | null) {
    this.read();
  }

  /** A name that none of them has. */
  get nextId(): string {
    const largest = this.tasks.reduce((most, { id }) => Math.max(most, Number(id.slice("yours/".length))), 0);
    return `yours/${largest + 1}`;
  }

  add(task: Task): void {
    this.tasks = [...this.tasks, task];
    this.keep();
  }

  remove(id: string): void {
    this.tasks = this.tasks.filter((task) => task.id !== id);
    this.keep();
  }

  private read(): void {
    const stored = this.stored();
    if (stored === null) return;
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Stored), stored);
    if (parsed.success) {
      this.tasks = parsed.output.tasks;
      return;
    }
    const where = v.getDotPath(parsed.issues[0]);
    this.complaint = `Your saved tasks could not be read${where ? ` (${where})` : ""}. They are kept aside on this device; a new list begins here.`;
    this.write(UNREADABLE_KEY, stored);
  }

  private stored(): string | null {
    if (this.storage) return this.storage.getItem(KEY);
    this.complaint = "This browser does not let the page keep anything: your tasks last until it is closed.";
    return null;
  }

  private keep(): void {
    this.complaint = "";
    this.write(KEY, JSON.stringify({ version: 1, tasks: this.tasks }));
  }

  private write(key: string, value: string): void {
    try {
      this.storage?.setItem(key, value);
    } catch {
      // The browser only says that it did not; a full device and a forbidden one look alike.
      this.complaint = "This device has no room to keep your tasks: they last until the page is closed.";
    }
  }
}
