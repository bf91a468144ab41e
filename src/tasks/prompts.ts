import {
  KelvinError,
  kindOf,
  type Method,
  type Policy,
  type Prompt,
  type Task,
  type TaskType,
  typeOf,
} from "../contracts";
import { inWords } from "./chat-text";
import {
  completionLimit,
  EASIER_START,
  easierText,
  INTEGRAL_START,
  JUDGE_START,
  proposerText,
  solverText,
  type TaskRole,
  TRACE_START,
} from "./formats";
import { spoilt } from "./language";

/** Longest prompt, in tokens of its format. Self-play lengthens programs, and the context must still hold an answer. */
const LONGEST_PROMPT = 110;
/** Fewest tokens left for the completion. With fewer, every answer would be cut off and punished. */
const LEAST_ROOM = 44;

/** The parts of a policy that prompts depend on. */
export type Writer = Pick<Policy, "tokenizer" | "contextLength" | "longestCompletion" | "chat">;

/** The prompt that asks a solver to solve `task`. */
export function solverPrompt(policy: Writer, id: string, task: Task): Prompt {
  return { ...base(policy, id, "solver", task.type, spoken(policy, "solver", task.type, solverText(task))), task };
}

/** The same prompt, judged by a wrong output: a control. What the solver reads stays as it is. */
export function mislabelled(prompt: Prompt): Prompt {
  const task = taskOf(prompt);
  return { ...prompt, task: { ...task, pairs: task.pairs.map((pair) => ({ ...pair, output: spoilt(pair.output) })) } };
}

/** The prompt that asks a proposer to vary `reference` or, for induction, to write inputs for it. */
export function proposerPrompt(policy: Writer, id: string, type: TaskType, reference: string): Prompt {
  const text = spoken(policy, "proposer", type, proposerText(type, reference));
  return { ...base(policy, id, "proposer", type, text), reference };
}

/**
 * The prompt that asks for an easier variant of a deduction task.
 * @param known whether the policy can read it; if not, its tokens are those of a plain proposal, and nothing may be sampled from it
 */
export function easierPrompt(policy: Writer, id: string, task: Task, known = true): Prompt {
  const text = known ? easierText(task) : proposerText(task.type, task.program);
  return { ...base(policy, id, "proposer", task.type, text), reference: task.program, parent: task.id };
}

/** Whether this policy can be asked for easier tasks. */
export function knowsEasier(policy: Writer): boolean {
  return knows(policy, EASIER_START);
}

/** Whether this policy reads integrals. */
export function knowsIntegrals(policy: Writer): boolean {
  return knows(policy, INTEGRAL_START);
}

/** Whether this policy can be asked to judge. */
export function knowsJudging(policy: Writer): boolean {
  return knows(policy, JUDGE_START);
}

/** @throws KelvinError "config" for a method that works on programs and a policy that reads integrals */
export function demandPrograms({ title, integrals }: Pick<Method, "title" | "integrals">, policy: Writer): void {
  if (integrals || !knowsIntegrals(policy)) return;
  throw new KelvinError(
    "config",
    `${title} works on programs, and this model reads integrals`,
    "choose LADDER, or another model",
  );
}

/** Whether this policy's vocabulary has a format: one token, and no chat template around it. */
function knows({ tokenizer, chat }: Writer, start: string): boolean {
  if (chat) return false;
  try {
    return tokenizer.encode(start).length === 1;
  } catch (error) {
    if (error instanceof KelvinError) return false;
    throw error;
  }
}

/** The same prompt, whose program is to run on what `first` leaves. */
export function compositePrompt(prompt: Prompt, first: string): Prompt {
  return { ...prompt, about: { after: first } };
}

/** The program that a proposal is to run after; null if it stands alone. */
export function programBefore({ about }: Pick<Prompt, "about">): string | null {
  const after = about && typeof about === "object" && "after" in about ? about["after"] : null;
  return typeof after === "string" ? after : null;
}

/** The same prompt with all the room that the model's plan has, for programs that are longer than those of training. */
export function roomyPrompt(policy: Writer, prompt: Prompt): Prompt {
  const limit = policy.longestCompletion ?? prompt.maxNewTokens;
  return { ...prompt, maxNewTokens: roomFor(policy, prompt.tokens, limit) };
}

/**
 * The same prompt with the start of a trace appended (in a chat: as the start of the model's turn), so that the answer
 * is worked out.
 */
export function tracePrompt(policy: Writer, prompt: Prompt): Prompt {
  const text = `${prompt.text}${TRACE_START}`;
  const tokens = promptTokens(policy, text);
  // The forced token counts towards the limit, as it would if the policy had written it.
  return { ...prompt, text, tokens, maxNewTokens: Math.max(1, roomFor(policy, tokens, prompt.maxNewTokens) - 1) };
}

/** The only use of the chat template: returns the format unchanged, or as a user's turn that explains it in words. */
function spoken({ chat }: Writer, role: TaskRole, type: TaskType, text: string): string {
  return chat ? chat(inWords(role, type, text)) : text;
}

/** Ids of a whole prompt. A chat template writes the beginning itself, as transformers takes it. */
export function promptTokens({ tokenizer, chat }: Writer, text: string): Int32Array {
  const ids = tokenizer.encode(text);
  return chat ? ids : Int32Array.from([...(tokenizer.beginning ?? []), ...ids]);
}

function base(policy: Writer, id: string, role: TaskRole, type: TaskType, text: string): Prompt {
  const tokens = promptTokens(policy, text);
  const maxNewTokens = roomFor(policy, tokens, completionLimit(role, type, policy.longestCompletion));
  return { id, kind: kindOf(role, type), text, tokens, maxNewTokens };
}

function roomFor({ contextLength }: Writer, tokens: Int32Array, limit: number): number {
  return Math.max(1, Math.min(limit, contextLength - tokens.length));
}

/** The task of a solver's prompt. @throws for a prompt that is about none */
export function taskOf({ id, task }: Pick<Prompt, "id" | "task">): Task {
  if (!task) throw new Error(`prompt ${id} has no task`);
  return task;
}

/** The task type of a proposer's prompt. @throws for a prompt of a kind that names none */
export function proposedType({ id, kind }: Pick<Prompt, "id" | "kind">): TaskType {
  const type = typeOf(kind);
  if (!type) throw new Error(`prompt ${id} of kind ${kind} is about no task type`);
  return type;
}

/** Whether the context has room to solve the task and, for types that serve as references, to vary its program. */
export function fits(policy: Writer, task: Task): boolean {
  const { type, program } = task;
  const solving = hasRoom(policy, "solver", type, solverText(task));
  return solving && (type === "induction" || hasRoom(policy, "proposer", type, proposerText(type, program)));
}

/** Measures the prompt without the chat instructions, so that the template does not decide which tasks exist. */
function hasRoom(policy: Writer, role: TaskRole, type: TaskType, text: string): boolean {
  if (policy.tokenizer.encode(text).length > LONGEST_PROMPT) return false;
  return promptTokens(policy, spoken(policy, role, type, text)).length <= policy.contextLength - LEAST_ROOM;
}
