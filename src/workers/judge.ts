/** Judges a visitor's answers and tasks with the stages that judge the policy's. */
import {
  ALL_TASK_TYPES,
  type DraftRuling,
  type Group,
  KelvinError,
  type Kind,
  kindOf,
  type Policy,
  PROPOSER,
  type Prompt,
  type Sample,
  SOLVER,
  type Stage,
  type StageEvent,
  type Task,
  type TaskDraft,
  type Verdict,
  type Verifier,
} from "../contracts";
import { finish, gather } from "../rollout/phase";
import { admit } from "../tasks/admit";
import { taskKey } from "../tasks/buffer";
import { Checks } from "../tasks/check";
import { directText } from "../tasks/formats";
import { Judging } from "../tasks/judge";
import { canonical, compact } from "../tasks/language";
import { fits } from "../tasks/prompts";

type Writer = Pick<Policy, "tokenizer" | "contextLength">;

/** Judges one answer as if the policy had given it without a trace. */
export async function judgeAnswer(verifier: Verifier, task: Task, answer: string): Promise<Verdict> {
  const sample = sampleOf("yours", directText(answer.trim()));
  const group = { prompt: promptOf(kindOf(SOLVER, task.type), { task }), samples: [sample] };
  await finish(new Judging(verifier).settle([group]));
  return sample.verdict ?? { verdict: "FORMAT", reason: "no answer in the expected form" };
}

/**
 * Checks a visitor's task by the rules of admission for proposals, after removing spaces that the task language does not have.
 * @param writer the model that the task must fit; null if no model is loaded
 * @param known tasks it must differ from
 */
export async function ruleOnDraft(
  verifier: Verifier,
  writer: Writer | null,
  { draft, id, known }: { draft: TaskDraft; id: string; known: readonly Task[] },
): Promise<DraftRuling> {
  const program = compact(draft.program);
  const group = proposalOf(id, { ...draft, program, inputs: draft.inputs.map(canonical) });
  const keys = Object.fromEntries(ALL_TASK_TYPES.map((type) => [type, keysOf(known, type)])) as Record<
    Task["type"],
    Set<string>
  >;
  const rules = {
    policy: writer ?? ROOMY,
    checks: new Checks(verifier),
    heldOut: new Set<string>(),
    known: keys,
    step: -1,
  };
  const events = await rulings(admit([group], rules));
  const task = events.find((event) => event.type === "task.add")?.task ?? null;
  const ruling = events.find((event) => event.type === "verify.verdict");
  const outputs = ruling?.output?.split(";") ?? [];
  const pairs = outputs.map((output, index) => ({ input: canonical(draft.inputs[index] ?? ""), output }));
  return { verdict: ruling?.verdict ?? { verdict: "FORMAT", reason: "not a task" }, program, pairs, task };
}

/** Whether this model can encode the task. */
export function canRead(writer: Writer, task: Task): boolean {
  try {
    return fits(writer, task);
  } catch (error) {
    if (!(error instanceof KelvinError) || error.reason !== "input") throw error;
    return false;
  }
}

/** A program that the vocabulary cannot spell gets a verdict, not an error. */
async function rulings(stage: Stage<unknown>): Promise<StageEvent[]> {
  try {
    return (await gather(stage)).events;
  } catch (error) {
    if (!(error instanceof KelvinError) || error.reason !== "input") throw error;
    const reason = `${error.message}. ${error.hint}`;
    return [{ type: "verify.verdict", sampleId: "", verdict: { verdict: "OUT OF DOMAIN", reason } }];
  }
}

/** Without a model there is no context to fit. */
const ROOMY: Writer = {
  tokenizer: { vocabularySize: 0, endToken: 0, encode: () => new Int32Array(0), decode: () => "" },
  contextLength: Number.POSITIVE_INFINITY,
};

function proposalOf(id: string, { type, program, inputs, message }: TaskDraft): Group {
  const text = type === "induction" ? `${inputs.join(";")}<msg>${message.trim()}` : `${program}<in>${inputs.join(";")}`;
  return { prompt: promptOf(kindOf(PROPOSER, type), { reference: program }), samples: [sampleOf(id, text)] };
}

function keysOf(tasks: readonly Task[], type: Task["type"]): Set<string> {
  return new Set(tasks.filter((task) => task.type === type).map(taskKey));
}

function promptOf(kind: Kind, about: Pick<Prompt, "task" | "reference">): Prompt {
  return { id: "yours", kind, text: "", tokens: new Int32Array(0), maxNewTokens: 0, ...about };
}

function sampleOf(id: string, text: string): Sample {
  const nothing = { tokens: new Int32Array(0), logprobs: new Float32Array(0) };
  return { id, ...nothing, text, stop: "eos", reward: 0, advantage: 0, trace: false };
}
