import type {
  Group,
  Pair,
  Policy,
  Prompt,
  ProposalResult,
  Sample,
  Stage,
  Task,
  Verdict,
  VerdictName,
  Verifier,
} from "../contracts";
import { taskKey } from "./buffer";
import { type Proposal, parseProposal } from "./formats";
import { isHeldOut } from "./held-out";
import { canonical, countStatements, isValue, messageFault, programFault } from "./language";
import { fits } from "./prompts";

/** A proposal that became a task. */
export interface Admitted {
  readonly sample: Sample;
  readonly task: Task;
}

/** What the rules of admission look at besides the proposal itself. */
export interface Admission {
  readonly policy: Pick<Policy, "tokenizer" | "contextLength">;
  readonly verifier: Verifier;
  readonly heldOut: ReadonlySet<string>;
  /** Keys (see `taskKey`) of the tasks that exist already, one set per type; admitted tasks are added. */
  readonly known: Readonly<Record<Task["type"], Set<string>>>;
  /** Step written into the tasks; -1 for seeds. */
  readonly step: number;
}

/** Fewest distinct outputs of an induction task: below that, a constant function comes too close. */
const DISTINCT_OUTPUTS = 3;

/**
 * Rules on every proposal: form, language, the verifier's own rules (runs, deterministic, not trivial, no leak, not
 * heavy), domain of the outputs, held-out programs, room, duplicates. Fills `sample.verdict`, yields the verdicts in
 * the order of the samples and a `task.add` for each admitted task, and returns those.
 */
export async function* admit(groups: readonly Group[], admission: Admission): Stage<Admitted[]> {
  const drafts = groups.flatMap(({ prompt, samples }) => samples.map((sample) => draft(prompt, sample)));
  const runnable = drafts.filter((entry) => entry.fault === null);
  const results = await admission.verifier.propose(runnable.map(toJob));
  const ruled = new Map(runnable.map((entry, index) => [entry, results[index]]));
  const admitted: Admitted[] = [];
  for (const entry of drafts) {
    const { verdict, task, output } = rule(entry, ruled.get(entry), admission);
    entry.sample.verdict = verdict;
    yield { type: "verify.verdict", sampleId: entry.sample.id, verdict, ...(output === undefined ? {} : { output }) };
    if (task) admitted.push({ sample: entry.sample, task });
    if (task) yield { type: "task.add", task };
  }
  return admitted;
}

/** A proposal as far as it can be judged without running it. */
interface Draft {
  readonly prompt: Prompt;
  readonly sample: Sample;
  readonly proposal: Proposal | null;
  readonly fault: Verdict | null;
}

function draft(prompt: Prompt, sample: Sample): Draft {
  const proposal = parseProposal(prompt.type, sample, prompt.reference ?? "");
  return {
    prompt,
    sample,
    proposal,
    fault: proposal ? shapeFault(prompt, proposal) : verdictOf("FORMAT", "not a proposal"),
  };
}

function shapeFault({ type }: Prompt, { program, inputs, message }: Proposal): Verdict | null {
  const fault = programFault(program);
  if (fault !== null) return verdictOf("OUT OF DOMAIN", fault);
  const foreign = inputs.find((input) => !isValue(input));
  if (foreign !== undefined) return verdictOf("OUT OF DOMAIN", `input ${foreign}`);
  const misled = type === "induction" ? messageFault(message, program) : null;
  return misled === null ? null : verdictOf("OUT OF DOMAIN", misled);
}

function toJob({ prompt, proposal }: Draft) {
  const distinctOutputs = prompt.type === "induction" ? DISTINCT_OUTPUTS : 0;
  return { program: proposal?.program ?? "", inputs: proposal?.inputs ?? [], rules: { distinctOutputs } };
}

interface Ruling {
  readonly verdict: Verdict;
  readonly task?: Task;
  readonly output?: string;
}

function rule(entry: Draft, result: ProposalResult | undefined, admission: Admission): Ruling {
  if (entry.fault || !entry.proposal) return { verdict: entry.fault ?? verdictOf("FORMAT", "not a proposal") };
  if (!result) throw new Error(`admit: the verifier left out ${entry.sample.id}`);
  if (result.verdict !== "VALID") return { verdict: ruled(result) };
  const outputs = result.outputs.map(canonical);
  const output = outputs.join(";");
  const task = toTask(entry, entry.proposal, outputs, result.normalized, admission.step);
  const fault = taskFault(task, outputs, admission);
  if (fault) return { verdict: fault, output };
  admission.known[task.type].add(taskKey(task));
  return { verdict: verdictOf("VALID", ""), task, output };
}

function toTask(
  { prompt, sample }: Draft,
  { program, inputs, message }: Proposal,
  outputs: readonly string[],
  normalized: string,
  step: number,
): Task {
  const pairs = inputs.map((input, index): Pair => ({ input, output: outputs[index] ?? "" }));
  return {
    id: sample.id,
    type: prompt.type,
    program,
    pairs,
    message,
    statements: countStatements(program),
    step,
    normalized,
  };
}

function taskFault(task: Task, outputs: readonly string[], { heldOut, known, policy }: Admission): Verdict | null {
  const foreign = outputs.find((output) => !isValue(output));
  if (foreign !== undefined) return verdictOf("OUT OF DOMAIN", `output ${foreign}`);
  if (isHeldOut(task, heldOut)) return verdictOf("HELD OUT", "the program is kept for evaluation");
  if (known[task.type].has(taskKey(task))) return verdictOf("DUPLICATE", "this task exists already");
  return fits(policy, task) ? null : verdictOf("TOO LONG", "no room is left for an answer");
}

/** The verdict alone: outputs and syntax tree stay behind. */
function ruled({ verdict, reason, attack }: Verdict): Verdict {
  return attack ? { verdict, reason, attack } : { verdict, reason };
}

function verdictOf(verdict: VerdictName, reason: string): Verdict {
  return { verdict, reason };
}
