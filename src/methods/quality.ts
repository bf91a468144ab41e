import type { MethodConfig } from "../contracts";
import { TASK_RULES, type TaskRules } from "../tasks/check";

/** Each rule of task quality: its setting, and one line of explanation for the form on the page. */
const SETTINGS = [
  [
    "rejectNondeterministic",
    "deterministic",
    "Refuse programs whose output depends on more than the input: an order, an address, an earlier call.",
  ],
  ["rejectConstant", "constant", "Refuse programs that give one output whatever the input."],
  ["rejectIdentity", "identity", "Refuse programs that only hand their input back."],
  ["rejectLeaking", "leak", "Refuse programs in whose text the output stands."],
  ["rejectHeavy", "heavy", "Refuse programs that need more than 5 % of the step limit."],
  ["rejectLong", "long", "Refuse outputs over 300 characters."],
  ["rejectDuplicates", "duplicates", "Refuse tasks that exist already, however the program is spelt."],
  ["rejectSeenInputs", "unseenInputs", "Refuse induction tasks that hide an input they also show, or hide one twice."],
  [
    "rejectRedundant",
    "redundant",
    "Refuse programs with a statement that changes nothing: without it every output stays the same.",
  ],
  ["distinctOutputs", "distinctOutputs", "Fewest distinct outputs of an induction task; 0 asks for none."],
] as const satisfies readonly (readonly [string, keyof TaskRules, string])[];

type Setting = (typeof SETTINGS)[number][0];
type RuleOf<S extends Setting> = Extract<(typeof SETTINGS)[number], readonly [S, ...unknown[]]>[1];

/** The rules as settings, so that a run without a rule shows what the rule prevents. */
export type QualityConfig = MethodConfig & { readonly [S in Setting]: TaskRules[RuleOf<S>] };

/** What `TASK_RULES` says. */
export const QUALITY_DEFAULTS = Object.fromEntries(
  SETTINGS.map(([setting, rule]) => [setting, TASK_RULES[rule]]),
) as QualityConfig;

/** One line of explanation per setting. */
export const QUALITY_DESCRIBE = Object.fromEntries(SETTINGS.map(([setting, , line]) => [setting, line])) as {
  readonly [S in Setting]: string;
};

/** Converts the settings to rules of admission. Held-out programs are always refused. */
export function taskRules(config: QualityConfig): TaskRules {
  return Object.fromEntries(SETTINGS.map(([setting, rule]) => [rule, config[setting]])) as unknown as TaskRules;
}
