/** The visitor's own tasks, kept on this device. */
import * as v from "valibot";
import type { Task } from "../contracts";

const KEY = "own-tasks";
/** Where a list goes that cannot be read: nothing is thrown away. */
const UNREADABLE_KEY = "own-tasks-unreadable";
/** More would make every evaluation slow. */
export const MOST_OWN_TASKS = 100;

const NO_ROOM = "This device has no room to keep your tasks: they last until the page is closed.";

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

type List = readonly Task[];

/** The list itself, which all tabs share, its place in storage, and what went wrong with that. */
export class OwnTasks {
  tasks: List = [];
  /** As it was last read. */
  private read: List = [];
  /** Done here and not kept, in order: the device had no room. */
  private unkept: readonly ((tasks: List) => List)[] = [];
  /** What went wrong at the latest reading or adding. */
  private trouble = "";

  /** @param storage null where the browser denies it: the list then lasts as long as the page */
  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem"> | null) {
    this.refresh();
  }

  /** Why the list could not be read or kept; "" when all is well. */
  get complaint(): string {
    return this.trouble || (this.unkept.length > 0 ? NO_ROOM : "");
  }

  /** A name that none of them has. */
  get nextId(): string {
    return freeId(this.tasks);
  }

  /** Another tab may have given its name away meanwhile: it then gets the next one. */
  add(task: Task): void {
    this.refresh();
    if (this.tasks.length >= MOST_OWN_TASKS) {
      this.trouble = `There are ${MOST_OWN_TASKS} tasks already; remove one first.`;
      return;
    }
    this.change((tasks) => [...tasks, tasks.some(({ id }) => id === task.id) ? { ...task, id: freeId(tasks) } : task]);
  }

  remove(id: string): void {
    this.change((tasks) => tasks.filter((task) => task.id !== id));
  }

  /** Reads the list again: another tab may have changed it. */
  refresh(): void {
    this.trouble = "";
    this.read = this.parse(this.stored());
    this.tasks = this.unkept.reduce((tasks, change) => change(tasks), this.read);
  }

  /** With room this time, what had none before is kept with it. */
  private change(change: (tasks: List) => List): void {
    this.unkept = [...this.unkept, change];
    this.refresh();
    if (!this.write(KEY, JSON.stringify({ version: 1, tasks: this.tasks }))) return;
    this.read = this.tasks;
    this.unkept = [];
  }

  private parse(stored: string | null): List {
    if (stored === null) return [];
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Stored), stored);
    if (parsed.success) return parsed.output.tasks;
    const where = v.getDotPath(parsed.issues[0]);
    const next = this.read.length > 0 ? "the list goes on here as you see it" : "a new list begins here";
    this.trouble = `Your saved tasks could not be read${where ? ` (${where})` : ""}. They are kept aside on this device; ${next}.`;
    if (!this.write(UNREADABLE_KEY, stored)) this.trouble = NO_ROOM;
    return this.read;
  }

  private stored(): string | null {
    if (this.storage) return this.storage.getItem(KEY);
    this.trouble = "This browser does not let the page keep anything: your tasks last until it is closed.";
    return null;
  }

  /** Whether it was kept. */
  private write(key: string, value: string): boolean {
    try {
      this.storage?.setItem(key, value);
      return this.storage !== null;
    } catch {
      // The browser only says that it did not; a full device and a forbidden one look alike.
      return false;
    }
  }
}

function freeId(tasks: List): string {
  const largest = tasks.reduce((most, { id }) => Math.max(most, Number(id.slice("yours/".length))), 0);
  return `yours/${largest + 1}`;
}
