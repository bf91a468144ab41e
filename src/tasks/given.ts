/** Tasks that a person gave: what they leave out is found by running their programs. */
import { KelvinError, type PairRow, type Task, type Verifier, type WorkedPair } from "../contracts";
import { isHeldOut } from "./held-out";
import { canonical } from "./language";
import { makeTask } from "./task";

/**
 * The tasks with their outputs and normal forms.
 * @throws KelvinError "input" for a program that does not run, or a wrong output
 */
export async function checkedTasks(verifier: Verifier, tasks: readonly Task[]): Promise<Task[]> {
  const rules = { constant: false, identity: false, leak: false };
  const results = await verifier.propose(
    tasks.map(({ program, pairs }) => ({ program, inputs: pairs.map(({ input }) => input), rules })),
  );
  return tasks.map((task, index) => {
    const { verdict, reason = "", outputs = [], normalized = "" } = results[index] ?? {};
    const fail = (why: string) => new KelvinError("input", `${task.id}: ${why}`, "correct the pair or leave it out");
    if (verdict !== "VALID") throw fail(`its program is refused: ${`${verdict} ${reason}`.trim()}`);
    const pairs = task.pairs.map(({ input, output }, place) => {
      const found = canonical(outputs[place] ?? "");
      if (output !== "" && canonical(output) !== found) throw fail(`its output is ${found}, not ${output}`);
      return { input: canonical(input), output: found };
    });
    return { ...task, pairs, normalized };
  });
}

/** @throws KelvinError "input" that names the first task that must not be trained on */
export function demandTrainable(tasks: readonly Task[], heldOut: ReadonlySet<string>): void {
  const leaked = tasks.find((task) => isHeldOut(task, heldOut));
  if (leaked) throw new KelvinError("input", `${leaked.id}: its program is kept for evaluation`, "leave it out");
}

/** @param number of the pair, for its id */
export function workedPair({ type, program, input, output, answer }: PairRow, number: number): WorkedPair {
  const id = `pair/${number}`;
  const task = makeTask({ id, type, program, inputs: [input], outputs: [output], normalized: "" });
  return { task, ...(answer === undefined ? {} : { answer }) };
}

/** The pair as files hold it. @throws KelvinError "internal" for a task of a type that has no pairs */
export function pairRow({ task: { type, program, pairs }, answer }: WorkedPair): PairRow {
  if (type !== "deduction" && type !== "abduction")
    throw new KelvinError("internal", `an ${type} task is no pair`, "leave it out");
  const { input = "", output = "" } = pairs[0] ?? {};
  return { type, program, input, output, ...(answer === undefined ? {} : { answer }) };
}
