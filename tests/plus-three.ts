import type { Task } from "../src/contracts";

/** A deduction task, f(4) = 7 where f adds 3, with whatever a test needs to be otherwise. */
export function plusThree(changes: Partial<Task> = {}): Task {
  const program = "def f(x):\n return x+3";
  return {
    ...{ id: "t", type: "deduction", program, pairs: [{ input: "4", output: "7" }] },
    ...{ message: "", statements: 1, step: -1, normalized: program },
    ...changes,
  };
}
