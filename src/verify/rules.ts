/**
 * Which legal programs make worthless tasks (section G of the catalogue). Pure functions of canonical text: nothing runs
 * here. Every rule can be switched off; `FORMAT` protects the prompt itself and stays.
 */
import { largest, type ProposalJob, type ProposalRules, SHOWN_PAIRS, type Verdict } from "../contracts";
import type { Outcome } from "./jobs";

/** All rules on. */
export const DEFAULT_RULES: ProposalRules = {
  deterministic: true,
  constant: true,
  identity: true,
  leak: true,
  heavy: true,
  long: true,
  distinctOutputs: 3,
  unseenInputs: true,
};

/** Longest output of a task, as Python writes it. */
const MOST_OUTPUT_CHARACTERS = 300;
/** Most of the step limit that a task may use, so that no verdict depends on the limit. */
const HEAVY_SHARE = 0.05;
/** Shorter outputs occur in honest programs by chance. */
const LEAST_LEAK_CHARACTERS = 3;
/** Shorter constants equal the output by chance. */
const LEAST_CONSTANT_CHARACTERS = 4;

/** Input of the rules: one proposal that ran, in canonical text. */
export interface Evidence {
  readonly program: string;
  /** The program without comments, in Python's own spelling. */
  readonly source: string;
  /** Its constants and structure: names replaced, docstrings removed. */
  readonly normalized: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly probes: readonly (readonly [string, Outcome])[];
  /** Polls per input, both calls together, and their limit. */
  readonly polls: number;
  readonly pollLimit: number;
}

/** The rules of a job, with defaults. */
export function rulesOf(job: ProposalJob): ProposalRules {
  return { ...DEFAULT_RULES, ...job.rules };
}

/** Why this proposal may not become a task; null if it may. */
export function refuse(evidence: Evidence, rules: ProposalRules): Verdict | null {
  return (
    brokenFormat(evidence.program) ??
    (rules.heavy ? tooHeavy(evidence) : null) ??
    (rules.long ? tooLong(evidence.outputs) : null) ??
    (rules.constant ? constant(evidence) : null) ??
    (rules.identity ? identity(evidence) : null) ??
    (rules.leak ? leak(evidence) : null) ??
    distinct(evidence, rules.distinctOutputs) ??
    (rules.unseenInputs ? seenInput(evidence.inputs) : null)
  );
}

function brokenFormat(program: string): Verdict | null {
  if (program.includes("```")) return { verdict: "FORMAT", reason: "contains the fence of the prompt" };
  // Invisible and direction-changing characters make a program read other than it runs.
  if (/[^\P{C}\n\t]|[\u2028\u2029]/u.test(program))
    return { verdict: "FORMAT", reason: "contains a control character" };
  return null;
}

/** Whether a program uses more of the step limit than a task may. */
export function isHeavy(polls: number, pollLimit: number): boolean {
  return polls > HEAVY_SHARE * pollLimit;
}

function tooHeavy({ polls, pollLimit }: Evidence): Verdict | null {
  if (!isHeavy(polls, pollLimit)) return null;
  return { verdict: "TOO HEAVY", reason: `${Math.round(polls)} of ${pollLimit} polls per input` };
}

function tooLong(outputs: readonly string[]): Verdict | null {
  const longest = largest(outputs.map((output) => output.length));
  return longest > MOST_OUTPUT_CHARACTERS ? { verdict: "TOO LONG", reason: `output of ${longest} characters` } : null;
}

/** Distinct inputs with their outputs: the given ones and the variations that ran. */
function observations({ inputs, outputs, probes }: Evidence): Map<string, string> {
  const seen = new Map<string, string>();
  for (const [input, outcome] of probes) if (outcome[0] === "ok") seen.set(input, outcome[1]);
  for (const [index, input] of inputs.entries()) seen.set(input, outputs[index] ?? "");
  return seen;
}

function constant(evidence: Evidence): Verdict | null {
  const seen = observations(evidence);
  if (seen.size < 3 || new Set(seen.values()).size > 1) return null;
  return { verdict: "TRIVIAL constant", reason: `same output for ${seen.size} inputs` };
}

function identity(evidence: Evidence): Verdict | null {
  const seen = [...observations(evidence)];
  if (seen.length < 3 || seen.some(([input, output]) => input !== output)) return null;
  return { verdict: "TRIVIAL identity", reason: `output is the input, ${seen.length} times` };
}

/** Whether the output occurs in the program: in a name, comment or docstring or, if longer, in a constant. */
function leak({ program, source, normalized, outputs }: Evidence): Verdict | null {
  const texts = [program, source].map(withoutBlanks);
  const code = withoutBlanks(normalized);
  const leaked = outputs.map(needleOf).find((needle) => {
    if (needle === null || !texts.some((text) => holds(text, needle))) return false;
    return needle.length >= LEAST_CONSTANT_CHARACTERS || !holds(code, needle);
  });
  return leaked === undefined ? null : { verdict: "LEAK", reason: "the output stands in the program" };
}

/** The text to look for: a string's content, any other literal unchanged; null if it is too short. */
function needleOf(output: string): string | null {
  const needle = withoutBlanks(output).replace(/^'(.*)'$/, "$1");
  return needle.length < LEAST_LEAK_CHARACTERS || ["True", "False", "None"].includes(needle) ? null : needle;
}

function withoutBlanks(text: string): string {
  return text.replace(/\s/g, "");
}

function holds(text: string, needle: string): boolean {
  const number = /^-?[\d.]/.test(needle);
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    const before = text[at - 1] ?? " ";
    const after = text[at + needle.length] ?? " ";
    // 1387 does not occur in 213875 or in 1387.5.
    if (!number || !(/[\d.]/.test(before) || /[\d.]/.test(after))) return true;
  }
  return false;
}

function distinct({ inputs, outputs }: Evidence, wanted: number): Verdict | null {
  const found = new Set(outputs).size;
  if (inputs.length < 2 || found >= Math.min(wanted, inputs.length)) return null;
  return { verdict: "TRIVIAL constant", reason: `${found} distinct outputs of ${wanted}` };
}

function seenInput(inputs: readonly string[]): Verdict | null {
  const shown = new Set(inputs.slice(0, SHOWN_PAIRS));
  const repeated = inputs.slice(SHOWN_PAIRS).find((input) => shown.has(input));
  return repeated === undefined
    ? null
    : { verdict: "LEAK", reason: `hidden input ${repeated} is among the shown ones` };
}
