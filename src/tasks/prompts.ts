import type { Policy, Prompt, Role, Task, TaskType } from "../contracts";
import { COMPLETION_LIMITS, proposerText, solverText, TRACE_START } from "./formats";

/** Longest prompt, in tokens: self-play lengthens programs, and the context must still hold an answer. */
const LONGEST_PROMPT = 110;
/** Fewest tokens that must be left for the completion: a prompt with less room would punish every answer. */
const LEAST_ROOM = 44;

type Writer = Pick<Policy, "tokenizer" | "contextLength">;

/** Asks a solver to solve `task`. */
export function solverPrompt(policy: Writer, id: string, task: Task): Prompt {
  return { ...base(policy, id, "solver", task.type, solverText(task)), task };
}

/** Asks a proposer for a variation of `reference`, or (induction) for inputs of it. */
export function proposerPrompt(policy: Writer, id: string, type: TaskType, reference: string): Prompt {
  return { ...base(policy, id, "proposer", type, proposerText(type, reference)), reference };
}

/** The same prompt with its trace already begun, so that the answer has to be worked out. */
export function tracePrompt(policy: Writer, prompt: Prompt): Prompt {
  const forced = base(policy, prompt.id, prompt.role, prompt.type, `${prompt.text}${TRACE_START}`);
  // The forced token counts towards the limit, as it would if the policy had written it.
  return { ...prompt, ...forced, maxNewTokens: forced.maxNewTokens - 1 };
}

function base(policy: Writer, id: string, role: Role, type: TaskType, text: string): Prompt {
  const tokens = policy.tokenizer.encode(text);
  const maxNewTokens = Math.max(1, Math.min(COMPLETION_LIMITS[role][type], policy.contextLength - tokens.length));
  return { id, role, type, text, tokens, maxNewTokens };
}

/** Is there room to solve the task, and (where it may become a reference) to vary its program? */
export function fits(policy: Writer, task: Task): boolean {
  const texts =
    task.type === "induction" ? [solverText(task)] : [solverText(task), proposerText(task.type, task.program)];
  const longest = Math.min(LONGEST_PROMPT, policy.contextLength - LEAST_ROOM);
  return texts.every((text) => policy.tokenizer.encode(text).length <= longest);
}
