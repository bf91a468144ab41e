/** The visitor's own tasks in a run. */
import type { Json, Task, TrainState } from "../contracts";
import type { Suite } from "../evaluate/suite";
import type { Writer } from "../tasks/prompts";
import { canRead } from "./judge";

/** Key in the run's memory, so that checkpoints contain the tasks. */
const KEY = "probe";

/**
 * Tasks that this run is measured on and never trained on. A resumed run keeps its original ones, whatever was added or removed
 * since: other tasks would refuse other proposals and change the run.
 */
export function probeOf(state: Pick<TrainState, "memory" | "prepared">, given: readonly Task[]): readonly Task[] {
  if (!state.prepared && given.length > 0) state.memory.set(KEY, given as unknown as Json);
  // The cast is safe: only this function and a checkpoint of the same run write the key.
  return (state.memory.get(KEY) ?? []) as unknown as readonly Task[];
}

/** These tasks as a suite; those that the model cannot encode are left out. */
export function probeSuite(policy: Writer, tasks: readonly Task[]): Suite[] {
  const readable = tasks.filter((task) => canRead(policy, task));
  return readable.length > 0 ? [{ name: "your-tasks", tasks: readable, probe: true }] : [];
}
