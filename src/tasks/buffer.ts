import { ALL_TASK_TYPES, type Json, type Rng, TASK_TYPES, type Task, type TaskType } from "../contracts";

/** Maximum tasks per type. The oldest leave first, so that the buffer follows the policy. */
export const BUFFER_CAPACITY = 2000;
/** References are drawn half from the newest tasks and half from all of them. */
const NEWEST = 64;

type Memory = Map<string, Json>;

/** All tasks of one type, oldest first. Stored as JSON in the method's memory, so checkpoints contain them. */
export function readBuffer(memory: ReadonlyMap<string, Json>, type: TaskType): readonly Task[] {
  // The cast is safe: only addTasks and a checkpoint of the same method write this key.
  return (memory.get(bufferKey(type)) ?? []) as unknown as readonly Task[];
}

/** Appends tasks and drops the oldest above `capacity`. Does not check for duplicates; admission does. */
export function addTasks(memory: Memory, type: TaskType, tasks: readonly Task[], capacity = BUFFER_CAPACITY): void {
  memory.set(bufferKey(type), [...readBuffer(memory, type), ...tasks].slice(-capacity) as unknown as Json);
}

/** Adds tasks to the buffers of their types. */
export function remember(memory: Memory, tasks: readonly Task[], capacity = BUFFER_CAPACITY): void {
  for (const type of ALL_TASK_TYPES) {
    const own = tasks.filter((task) => task.type === type);
    addTasks(memory, type, own, capacity);
  }
}

/** Key of a task: two tasks of one type are equal if their normalised programs and inputs are. */
export function taskKey(task: Pick<Task, "normalized" | "pairs">): string {
  return `${task.normalized}\n# ${task.pairs.map(({ input }) => input).join(";")}`;
}

/** Keys of all tasks of one type. */
export function knownTasks(memory: ReadonlyMap<string, Json>, type: TaskType): Set<string> {
  return new Set(readBuffer(memory, type).map(taskKey));
}

/**
 * A program to vary: half the time one of the newest, else any.
 * @param longShare how often it is one of the longest tenth instead
 */
export function drawReference(buffer: readonly Task[], rng: Rng, longShare = 0): string {
  const isLong = longShare > 0 && rng.next() < longShare;
  const pool = isLong ? longestTenth(buffer) : rng.next() < 0.5 ? buffer.slice(-NEWEST) : buffer;
  const task = pool[rng.below(pool.length)];
  if (!task) throw new Error("no reference: the task buffer is empty");
  return task.program;
}

function longestTenth(buffer: readonly Task[]): Task[] {
  const longestFirst = buffer.toSorted((a, b) => b.statements - a.statements);
  return longestFirst.slice(0, Math.ceil(buffer.length / 10));
}

/** Programs for induction tasks: those of the other two buffers with at most `maxStatements` statements. */
export function inductionSources(memory: ReadonlyMap<string, Json>, maxStatements: number): string[] {
  const both = [...readBuffer(memory, "deduction"), ...readBuffer(memory, "abduction")];
  return both.filter((task) => task.statements <= maxStatements).map((task) => task.program);
}

/** `buffer/size/TYPE` of every type of programs. */
export function bufferSizes(memory: ReadonlyMap<string, Json>): Record<string, number> {
  return Object.fromEntries(TASK_TYPES.map((type) => [`buffer/size/${type}`, readBuffer(memory, type).length]));
}

function bufferKey(type: TaskType): string {
  return `buffer/${type}`;
}
