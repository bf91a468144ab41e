/** Worked answers as the shipped model writes them, made by running a program statement by statement. */
import type { Task, Verifier } from "../contracts";
import { directText, TRACE_START } from "./formats";
import { canonical, isValue } from "./language";
import { statementsOf } from "./traces";

/** The first lines of a program, returning what they leave. */
function prefixOf(statements: readonly string[], count: number): string {
  return `def f(x):\n ${[...statements.slice(0, count), "return x"].join("\n ")}`;
}

/** The value after each statement of a task's program, the input before them all; null if one leaves the language. */
async function valuesOf(verifier: Verifier, tasks: readonly Task[]): Promise<(string[] | null)[]> {
  const jobs = tasks.flatMap(({ program, pairs }) => {
    const statements = statementsOf(program);
    const inputs = [pairs[0]?.input ?? ""];
    return statements.slice(0, -1).map((_, index) => ({ program: prefixOf(statements, index + 1), inputs }));
  });
  const results = await verifier.run(jobs);
  let next = 0;
  return tasks.map(({ program, pairs }) => {
    const between = statementsOf(program)
      .slice(0, -1)
      .map(() => results[next++]?.outputs[0] ?? null);
    const all = [pairs[0]?.input ?? null, ...between, pairs[0]?.output ?? null];
    const values = all.map((value) => (value === null ? "" : canonical(value)));
    return values.every(isValue) ? values : null;
  });
}

/** Changes a value into another of its kind. */
export type Spoil = (value: string) => string;

/**
 * The worked answer to each task: a deduction forwards, each statement with the value it leaves; an abduction backwards, each
 * statement with the value it starts from. null where a value leaves the language.
 * @param spoil changes the values: for a control
 */
export async function workedTexts(
  verifier: Verifier,
  tasks: readonly Task[],
  spoil: Spoil = (value) => value,
): Promise<(string | null)[]> {
  const programs = tasks.filter(({ type }) => type !== "integration");
  const values = await valuesOf(verifier, programs);
  const integrals = programs.length < tasks.length ? await import("./integrals") : null;
  let next = 0;
  return tasks.map((task) => {
    if (task.type === "integration") return directText(integrals?.antiderivativeOf(task.program) ?? "");
    const own = values[next++];
    return own ? workedText(task, own.map(spoil)) : null;
  });
}

function workedText({ type, program }: Task, values: readonly string[]): string {
  const statements = statementsOf(program);
  const forward = type === "deduction";
  const lines = statements.map((statement, index) => `\n ${statement}#${values[forward ? index + 1 : index]}`);
  const answer = values[forward ? values.length - 1 : 0] ?? "";
  return `${TRACE_START}${(forward ? lines : lines.reverse()).join("")}${directText(answer)}`;
}
