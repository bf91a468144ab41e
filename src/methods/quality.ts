import type { MethodConfig } from "../contracts";
import type { TaskRules } from "../tasks/check";

/** The rules of task quality as settings, so that a run without a rule shows what the rule prevents. */
export interface QualityConfig extends MethodConfig {
  readonly rejectNondeterministic: boolean;
  readonly rejectConstant: boolean;
  readonly rejectIdentity: boolean;
  readonly rejectLeaking: boolean;
  readonly rejectHeavy: boolean;
  readonly rejectLong: boolean;
  readonly rejectDuplicates: boolean;
  readonly rejectSeenInputs: boolean;
  readonly distinctOutputs: number;
}

/** All rules on. */
export const QUALITY_DEFAULTS: QualityConfig = {
  rejectNondeterministic: true,
  rejectConstant: true,
  rejectIdentity: true,
  rejectLeaking: true,
  rejectHeavy: true,
  rejectLong: true,
  rejectDuplicates: true,
  rejectSeenInputs: true,
  distinctOutputs: 3,
};

/** One line of explanation per rule, for the form on the page. */
export const QUALITY_DESCRIBE: { readonly [K in keyof QualityConfig]: string } = {
  rejectNondeterministic:
    "Refuse programs whose output depends on more than the input: an order, an address, an earlier call.",
  rejectConstant: "Refuse programs that give one output whatever the input.",
  rejectIdentity: "Refuse programs that only hand their input back.",
  rejectLeaking: "Refuse programs in whose text the output stands.",
  rejectHeavy: "Refuse programs that need more than 5 % of the step limit.",
  rejectLong: "Refuse outputs over 300 characters.",
  rejectDuplicates: "Refuse tasks that exist already, however the program is spelt.",
  rejectSeenInputs: "Refuse induction tasks that hide an input they also show, or hide one twice.",
  distinctOutputs: "Fewest distinct outputs of an induction task; 0 asks for none.",
};

/** Converts the settings to rules of admission. Held-out programs are always refused. */
export function taskRules(config: QualityConfig): TaskRules {
  return {
    deterministic: config.rejectNondeterministic,
    constant: config.rejectConstant,
    identity: config.rejectIdentity,
    leak: config.rejectLeaking,
    heavy: config.rejectHeavy,
    long: config.rejectLong,
    distinctOutputs: config.distinctOutputs,
    unseenInputs: config.rejectSeenInputs,
    duplicates: config.rejectDuplicates,
  };
}
