/** The visitor's own tasks, stored on this device. */
import * as v from "valibot";
import type { Task } from "../contracts";

const KEY = "own-tasks";
/** Key for an unreadable list, so that nothing is lost. */
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

/** The list, shared by all tabs, and its storage errors. */
export class OwnTasks {
  tasks: List = [];
  /** The list when last read. */
  private read: List = [];
  /** Changes that could not be stored, in order: the device had no room. */
  private unkept: readonly ((tasks: List) => List)[] = [];
  /** The latest error. */
  private trouble = "";

  /** @param storage null if the browser blocks it: the list then lasts until the page is closed */
  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem"> | null) {
    this.refresh();
  }

  /** Why the list could not be read or stored; "" without an error. */
  get complaint(): string {
    return this.trouble || (this.unkept.length > 0 ? NO_ROOM : "");
  }

  /** A new id. */
  get nextId(): string {
    return freeId(this.tasks);
  }

  /** If another tab has used the id meanwhile, the task gets the next one. */
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

  /** Applies a change, together with earlier ones that could not be stored. */
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

  /** Returns whether it was stored. */
  private write(key: string, value: string): boolean {
    try {
      this.storage?.setItem(key, value);
      return this.storage !== null;
    } catch {
      // The browser does not say whether storage is full or forbidden.
      return false;
    }
  }
}

function freeId(tasks: List): string {
  const largest = tasks.reduce((most, { id }) => Math.max(most, Number(id.slice("yours/".length))), 0);
  return `yours/${largest + 1}`;
}
