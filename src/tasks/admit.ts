import {
  ALL_TASK_TYPES,
  type Group,
  KelvinError,
  type Policy,
  type ProposalResult,
  type Sample,
  type Stage,
  type Task,
  type Verdict,
} from "../contracts";
import { taskKey } from "./buffer";
import { type Checks, type Draft, verdictOf } from "./check";
import type { Proposal } from "./formats";
import { isHeldOut } from "./held-out";
import { canonical, isValue } from "./language";
import { fits, proposedType } from "./prompts";
import { makeTask } from "./task";

/** No task is known yet, of any type. */
export function nothingKnown(): Record<Task["type"], Set<string>> {
  const sets = ALL_TASK_TYPES.map((type) => [type, new Set<string>()] as const);
  return Object.fromEntries(sets) as Record<Task["type"], Set<string>>;
}

/** A proposal that became a task. */
export interface Admitted {
  readonly sample: Sample;
  readonly task: Task;
}

/** Context of the rules of admission. */
export interface Admission {
  readonly policy: Pick<Policy, "tokenizer" | "contextLength">;
  /** The verifier's results. It may have started while the proposals were being generated. */
  readonly checks: Checks;
  readonly heldOut: ReadonlySet<string>;
  /** Keys (see `taskKey`) of the existing tasks, one set per type. Admitted tasks are added. */
  readonly known: Readonly<Record<Task["type"], Set<string>>>;
  /** Step stored in the tasks; -1 for seeds. */
  readonly step: number;
}

/**
 * Applies every rule to the proposals: form, language, the verifier's rules (runs, deterministic, not trivial, no leak, not
 * heavy), domain of the outputs, held-out programs, room in the context, duplicates. Fills `sample.verdict`, yields the verdicts
 * in the order of the samples and a `task.add` per admitted task, and returns the admitted tasks.
 */
export async function* admit(groups: readonly Group[], admission: Admission): Stage<Admitted[]> {
  const admitted: Admitted[] = [];
  for (const draft of await admission.checks.settle(groups)) {
    const { sample } = draft;
    const { verdict, task, output } = rule(draft, admission);
    sample.verdict = verdict;
    yield { type: "verify.verdict", sampleId: sample.id, verdict, ...(output === undefined ? {} : { output }) };
    if (task) admitted.push({ sample, task });
    if (task) yield { type: "task.add", task };
  }
  return admitted;
}

interface Ruling {
  readonly verdict: Verdict;
  readonly task?: Task;
  readonly output?: string;
}

function rule(draft: Draft, admission: Admission): Ruling {
  const { proposal, fault: unfit, result } = draft;
  if (unfit) return { verdict: unfit };
  if (!proposal || !result) throw new Error(`admit: the verifier left out ${draft.sample.id}`);
  if (result.verdict !== "VALID") return { verdict: ruled(result) };
  const outputs = result.outputs.map(canonical);
  const output = outputs.length > 0 ? outputs.join(";") : undefined;
  const task = toTask(draft, proposal, outputs, result, admission.step);
  const fault = taskFault(task, outputs, draft.idle, admission);
  if (fault) return { verdict: fault, ...(output === undefined ? {} : { output }) };
  admission.known[task.type].add(taskKey(task));
  return { verdict: verdictOf("VALID", ""), task, ...(output === undefined ? {} : { output }) };
}

function toTask(
  { prompt, sample }: Draft,
  { program, inputs, message }: Proposal,
  outputs: readonly string[],
  { normalized }: ProposalResult,
  step: number,
): Task {
  const type = proposedType(prompt);
  const task = makeTask({ id: sample.id, type, program, inputs, outputs, message, step, normalized });
  return prompt.parent === undefined ? task : { ...task, parent: prompt.parent };
}

function taskFault(
  task: Task,
  outputs: readonly string[],
  idle: string | null,
  { checks, heldOut, known, policy }: Admission,
): Verdict | null {
  const foreign = outputs.find((output) => !isValue(output));
  if (foreign !== undefined) return verdictOf("OUT OF DOMAIN", `output ${foreign}`);
  if (isHeldOut(task, heldOut)) return verdictOf("HELD OUT", "the program is kept for evaluation");
  if (idle !== null) return verdictOf("TRIVIAL statement", `the output is the same without ${idle}`);
  if (checks.rules.duplicates && known[task.type].has(taskKey(task)))
    return verdictOf("DUPLICATE", "this task exists already");
  return spellingFault(policy, task);
}

/** A policy may write what its own vocabulary cannot spell again. */
function spellingFault(policy: Admission["policy"], task: Task): Verdict | null {
  try {
    return fits(policy, task) ? null : verdictOf("TOO LONG", "no room is left for an answer");
  } catch (error) {
    if (error instanceof KelvinError && error.reason === "input") return verdictOf("OUT OF DOMAIN", error.message);
    throw error;
  }
}

/** The verdict without outputs and syntax tree. */
function ruled({ verdict, reason, attack }: Verdict): Verdict {
  return attack ? { verdict, reason, attack } : { verdict, reason };
}
