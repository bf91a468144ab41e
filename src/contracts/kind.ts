/** What a prompt asks for. Methods name kinds of their own; nothing but the method has to know them all. */
import { ALL_TASK_TYPES, type TaskType } from "./data";

/** Who writes, and on what where that is told apart: "solver/deduction", "judge". */
export type Kind = string;

/** Writes tasks: its completions are proposals, which are ruled on. */
export const PROPOSER = "proposer";
/** Works on the prompt's task: its completions are attempts, which are right or wrong. */
export const SOLVER = "solver";

/** The kind of a role that is about one task type. */
export function kindOf(role: string, type: TaskType): Kind {
  return `${role}/${type}`;
}

/** Who writes: all before the first slash. */
export function roleOf(kind: Kind): string {
  return kind.split("/", 1)[0] ?? "";
}

/** The task type of a kind, the part after its role; null for a kind that names none. */
export function typeOf(kind: Kind): TaskType | null {
  return ALL_TASK_TYPES.find((type) => kind === `${roleOf(kind)}/${type}`) ?? null;
}

/** For people: "solver deduction". */
export function kindText(kind: Kind): string {
  return kind.replaceAll("/", " ");
}

export function isProposer({ kind }: { readonly kind: Kind }): boolean {
  return roleOf(kind) === PROPOSER;
}

export function isSolver({ kind }: { readonly kind: Kind }): boolean {
  return roleOf(kind) === SOLVER;
}
