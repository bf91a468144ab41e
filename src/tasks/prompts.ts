import type { Policy, Prompt, Role, Task, TaskType } from "../contracts";
import { inWords } from "./chat-text";
import { COMPLETION_LIMITS, proposerText, solverText, TRACE_START } from "./formats";

/** Longest prompt, in tokens of its format: self-play lengthens programs, and the context must still hold an answer. */
const LONGEST_PROMPT = 110;
/** Fewest tokens that must be left for the completion: a prompt with less room would punish every answer. */
const LEAST_ROOM = 44;

/** What a prompt is written for. */
export type Writer = Pick<Policy, "tokenizer" | "contextLength" | "chat">;

/** Asks a solver to solve `task`. */
export function solverPrompt(policy: Writer, id: string, task: Task): Prompt {
  return { ...base(policy, id, "solver", task.type, spoken(policy, "solver", task.type, solverText(task))), task };
}

/** Asks a proposer for a variation of `reference`, or (induction) for inputs of it. */
export function proposerPrompt(policy: Writer, id: string, type: TaskType, reference: string): Prompt {
  const text = spoken(policy, "proposer", type, proposerText(type, reference));
  return { ...base(policy, id, "proposer", type, text), reference };
}

/** The same prompt with its trace already begun, in a conversation the model's turn with it, so that the answer has to be worked out. */
export function tracePrompt(policy: Writer, prompt: Prompt): Prompt {
  const forced = base(policy, prompt.id, prompt.role, prompt.type, `${prompt.text}${TRACE_START}`);
  // The forced token counts towards the limit, as it would if the policy had written it.
  return { ...prompt, ...forced, maxNewTokens: forced.maxNewTokens - 1 };
}

/** The one place where a model's chat template comes in: the format as it is, or what it asks in words as a user's turn. */
function spoken({ chat }: Writer, role: Role, type: TaskType, text: string): string {
  return chat ? chat(inWords(role, type, text)) : text;
}

function base(policy: Writer, id: string, role: Role, type: TaskType, text: string): Prompt {
  const tokens = policy.tokenizer.encode(text);
  const maxNewTokens = Math.max(1, Math.min(COMPLETION_LIMITS[role][type], policy.contextLength - tokens.length));
  return { id, role, type, text, tokens, maxNewTokens };
}

/** Is there room to solve the task, and (where it may become a reference) to vary its program? */
export function fits(policy: Writer, task: Task): boolean {
  const { type, program } = task;
  const solving = hasRoom(policy, "solver", type, solverText(task));
  return solving && (type === "induction" || hasRoom(policy, "proposer", type, proposerText(type, program)));
}

/** The longest prompt is measured without the words around it, so that they do not decide which tasks there are. */
function hasRoom(policy: Writer, role: Role, type: TaskType, text: string): boolean {
  const length = (one: string): number => policy.tokenizer.encode(one).length;
  if (length(text) > LONGEST_PROMPT) return false;
  return length(spoken(policy, role, type, text)) <= policy.contextLength - LEAST_ROOM;
}
