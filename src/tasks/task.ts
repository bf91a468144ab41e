import type { Task } from "../contracts";
import { countStatements } from "./language";
import { termsOf } from "./terms";

/** What a task is made of. */
export interface TaskParts extends Pick<Task, "id" | "type" | "program"> {
  readonly inputs: readonly string[];
  /** One per input. */
  readonly outputs: readonly string[];
  readonly message?: string;
  /** Counted in the program, unless a file says it. */
  readonly statements?: number;
  /** -1 for seeds, examples and held-out tasks. */
  readonly step?: number;
  readonly normalized: string;
}

/** The one place where tasks are made. */
export function makeTask({ inputs, outputs, message = "", statements, step = -1, ...parts }: TaskParts): Task {
  const { id, type, program, normalized } = parts;
  const pairs = inputs.map((input, index) => ({ input, output: outputs[index] ?? "" }));
  return { id, type, program, pairs, message, statements: statements ?? lengthOf(type, program), step, normalized };
}

function lengthOf(type: Task["type"], program: string): number {
  return type === "integration" ? termsOf(program).length : countStatements(program);
}
