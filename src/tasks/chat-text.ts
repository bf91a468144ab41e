import type { TaskType } from "../contracts";
import type { TaskRole } from "./formats";

const VALUES = "ints up to 99 and lists of them";
const STEPS = "You may first work it out: then begin with <think> and your steps, and end with <ans> and the";

/**
 * The instruction of each format in words. A model trained on conversations has never seen the role tokens, so the prompt
 * explains them and says how its answer is read.
 */
const ASKED: Readonly<Record<TaskRole, Readonly<Record<TaskType, string>>>> = {
  solver: {
    deduction: `After <ded> comes a Python function, after <in> its argument. What does it return? Reply with <ans> and the value, nothing else. ${STEPS} value.`,
    abduction: `After <abd> comes a Python function, after <out> what it returned. For which argument? Reply with <ans> and one such argument, nothing else. ${STEPS} argument.`,
    induction:
      "After <ind> come three arguments of a Python function, each with <out> and what it returned, after <msg> a hint. Reply with <ans> and the function, beginning with def f(x):, nothing else.",
    integration:
      "After <int> comes an expression in x. Reply with <ans> and a function whose derivative it is, nothing else.",
  },
  proposer: {
    deduction: `After <pded> comes a Python function. Reply with another one, beginning with def f(x):, then <in> and an argument for it, nothing else. Values are ${VALUES}.`,
    abduction: `After <pabd> comes a Python function. Reply with another one, beginning with def f(x):, then <in> and an argument for it, nothing else. Values are ${VALUES}.`,
    induction: `After <pind> comes a Python function. Reply with five different arguments for it with ; between them, then <msg> and a short hint at what it does, nothing else. Values are ${VALUES}.`,
    integration: "After <easy> comes an expression in x. Reply with one that is easier to integrate, nothing else.",
  },
};

/** A prompt in its format, phrased as a user's message. */
export function inWords(role: TaskRole, type: TaskType, text: string): string {
  return `${ASKED[role][type]}\n\n${text}`;
}
