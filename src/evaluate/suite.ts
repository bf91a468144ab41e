import * as v from "valibot";
import { ALL_TASK_TYPES, KelvinError, type Task, type TaskType, type Verifier } from "../contracts";
import { INDUCTION_INPUTS } from "../tasks/formats";
import { makeTask } from "../tasks/task";
import type { SuiteMeasure } from "./measures";

/** Fixed tasks for measuring a policy; never trained on. */
export interface Suite {
  readonly name: string;
  readonly tasks: readonly Task[];
  /** The visitor's own tasks; measured at every evaluation. */
  readonly probe?: boolean;
  /** Its programs are longer than those of training: answers get all the room that the model's plan has. */
  readonly isLong?: boolean;
  /** What it measures besides the usual. */
  readonly measures?: readonly SuiteMeasure[];
  /** Its file, if it does not ship with Kelvin: then its gold values are checked before use. */
  readonly file?: string;
}

const text = v.pipe(v.string(), v.minLength(1));
const shared = {
  program: text,
  statements: v.pipe(v.number(), v.integer(), v.minValue(1)),
  normalized: v.optional(v.string()),
};
const five = v.pipe(v.array(text), v.length(INDUCTION_INPUTS));
const Row = v.variant("type", [
  v.object({ type: v.literal("deduction"), input: text, output: text, ...shared }),
  v.object({ type: v.literal("abduction"), input: text, output: text, ...shared }),
  v.object({ type: v.literal("integration"), ...shared }),
  v.object({
    type: v.literal("induction"),
    inputs: five,
    outputs: five,
    message: v.optional(v.string(), ""),
    ...shared,
  }),
]);
type Row = v.InferOutput<typeof Row>;

/** Names of the suites of long programs, `long-5` to `fresh-long-8`. */
const LONG = /^(?:fresh-)?long-\d$/;

/**
 * Parses a suite: JSON lines with `type`, `program`, `statements` and either `input` and `output`, or (induction) `inputs`,
 * `outputs` and `message`. Other fields are ignored.
 * @throws KelvinError "input" that names the first line that is not a task.
 */
export function parseSuite(name: string, jsonl: string): Suite {
  const lines = jsonl
    .replace(/^\ufeff/, "")
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }));
  const tasks = lines
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, number }) => toTask(name, number, parseRow(name, number, line)));
  if (tasks.length === 0) throw new KelvinError("input", `suite ${name} has no tasks`, "one JSON object per line");
  return { name, tasks, ...(LONG.test(name) && { isLong: true }) };
}

function parseRow(suite: string, number: number, line: string): Row {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Row), line);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue) ?? "line";
  throw new KelvinError(
    "input",
    `suite ${suite}, line ${number}: ${where}: ${issue.message}`,
    "one task per line, as in public/suites/in-distribution.jsonl",
  );
}

function toTask(suite: string, number: number, row: Row): Task {
  const { type, program, statements, normalized = "" } = row;
  if (type === "integration")
    return makeTask({ id: `${suite}/${number}`, type, program, inputs: [], outputs: [], statements, normalized });
  const given =
    type === "induction"
      ? { inputs: row.inputs, outputs: row.outputs, message: row.message }
      : { inputs: [row.input], outputs: [row.output] };
  return makeTask({ id: `${suite}/${number}`, type, program, ...given, statements, normalized });
}

/** The first `count` tasks of each type. */
export function firstTasks(suite: Suite, count: number): Suite {
  return { ...suite, tasks: ALL_TASK_TYPES.flatMap((type) => tasksOf(suite, type).slice(0, count)) };
}

/** The tasks of one type, in the order of the suite. */
export function tasksOf(suite: Suite, type: TaskType): Task[] {
  return suite.tasks.filter((task) => task.type === type);
}

/** The text of a suite with the normalised program in every row, so that who reads it need not compute them. */
export async function withNormalForms(verifier: Verifier, name: string, jsonl: string): Promise<string> {
  const tasks = await normalizeTasks(verifier, parseSuite(name, jsonl).tasks);
  const rows = jsonl.trimEnd().split("\n");
  return rows
    .map((row, at) => row.replace(/\}$/, `, "normalized": ${JSON.stringify(tasks[at]?.normalized)}}\n`))
    .join("");
}

/**
 * Computes missing normalised programs, so that held-out programs are recognised in any spelling.
 * @throws KelvinError "input" for a text that is not an integrand
 */
export async function normalizeTasks(verifier: Verifier, tasks: readonly Task[]): Promise<Task[]> {
  const missing = tasks.filter(({ normalized }) => normalized === "");
  const integrals = missing.filter(({ type }) => type === "integration");
  const keys = integrals.length > 0 ? await keysOf(integrals) : new Map<string, string>();
  const inputs = new Map(
    missing.filter(({ type }) => type !== "integration").map(({ program, pairs }) => [program, pairs[0]?.input ?? "0"]),
  );
  const rules = {
    deterministic: false,
    constant: false,
    identity: false,
    leak: false,
    heavy: false,
    long: false,
    distinctOutputs: 0,
  };
  const results = await verifier.propose([...inputs].map(([program, input]) => ({ program, inputs: [input], rules })));
  const normalized = new Map(
    [...inputs.keys()].map((program, index) => [program, results[index]?.normalized || program]),
  );
  return tasks.map((task) => ({
    ...task,
    normalized: task.normalized || (keys.get(task.id) ?? normalized.get(task.program) ?? task.program),
  }));
}

/** By id. The rules of integrals are loaded when there are some. */
async function keysOf(tasks: readonly Task[]): Promise<Map<string, string>> {
  const { integrandFault, integrandKey } = await import("../tasks/integrals");
  return new Map(
    tasks.map(({ id, program }) => {
      const fault = integrandFault(program);
      if (fault !== null)
        throw new KelvinError("input", `${id}: ${program} ${fault}`, "correct the line, or leave it out");
      return [id, integrandKey(program) ?? ""];
    }),
  );
}
