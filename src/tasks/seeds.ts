import type { Task, TaskType } from "../contracts";
import { INDUCTION_INPUTS } from "./formats";
import { makeTask } from "./task";

/** The identity program: the only data that Absolute Zero starts from. arXiv 2505.03335 §3.3.1. */
export const IDENTITY_PROGRAM = "def f(x):\n return x";

const IDENTITY_INPUTS: readonly string[] = ["7", "[1,2]", "0", "[3]", "[5,4,9]"];

/** The seed task of each type: f(x) = x. */
export function identityTask(type: TaskType): Task {
  const inputs = IDENTITY_INPUTS.slice(0, type === "induction" ? INDUCTION_INPUTS : 1);
  const program = IDENTITY_PROGRAM;
  return makeTask({ id: `seed/${type}`, type, program, inputs, outputs: inputs, normalized: program });
}
