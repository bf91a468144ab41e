/**
 * Finds legal programs that make worthless tasks (section G of the catalogue). Pure functions of canonical text; no program runs.
 * Every rule can be switched off except `FORMAT`, which protects the prompt.
 */
import { largest, PROPOSAL_RULES, type ProposalJob, type ProposalRules, SHOWN_PAIRS, type Verdict } from "../contracts";
import type { Outcome } from "./jobs";

/** Longest output of a task, as Python writes it. */
const MOST_OUTPUT_CHARACTERS = 300;
/** Share of the step limit that a task may use, so that no verdict depends on the limit. */
const HEAVY_SHARE = 0.05;
/** Shorter outputs occur in honest programs by chance. */
const LEAST_LEAK_CHARACTERS = 3;
/** Shorter constants equal the output by chance. */
const LEAST_CONSTANT_CHARACTERS = 4;

/** Different inputs with an output that a rule on variations needs. */
const LEAST_OBSERVATIONS = 3;

/** Input of the rules: one proposal that ran, in canonical text. */
export interface Evidence {
  readonly program: string;
  /** The inputs as the proposal wrote them. */
  readonly written: readonly string[];
  /** The program without comments, in Python's own spelling. */
  readonly source: string;
  /** Its constants and structure: names replaced, docstrings removed. */
  readonly normalized: string;
  readonly inputs: readonly string[];
  /** Equal for inputs that are equal by Python's ==. */
  readonly keys: readonly string[];
  readonly outputs: readonly string[];
  readonly probes: readonly (readonly [string, Outcome])[];
  /** Most polls of an input, both calls together, and their limit. */
  readonly polls: number;
  readonly pollLimit: number;
}

/** The rules of a job, with defaults. */
export function rulesOf(job: ProposalJob): ProposalRules {
  return { ...PROPOSAL_RULES, ...job.rules };
}

/** Why this proposal may not become a task; null if it may. */
export function refuse(evidence: Evidence, rules: ProposalRules): Verdict | null {
  return (
    brokenFormat([evidence.program, ...evidence.written]) ??
    (rules.heavy ? tooHeavy(evidence) : null) ??
    (rules.long ? tooLong(evidence.outputs) : null) ??
    (rules.constant ? constant(evidence) : null) ??
    (rules.identity ? identity(evidence) : null) ??
    (rules.leak ? (leak(evidence) ?? singled(evidence)) : null) ??
    distinct(evidence, rules.distinctOutputs) ??
    (rules.unseenInputs ? seenInput(evidence) : null)
  );
}

function brokenFormat(texts: readonly string[]): Verdict | null {
  if (texts.some((text) => text.includes("```")))
    return { verdict: "FORMAT", reason: "contains the fence of the prompt" };
  // With invisible or direction-changing characters a program looks different from what runs.
  if (texts.some((text) => /[^\P{C}\n\t]|[\u2028\u2029]/u.test(text)))
    return { verdict: "FORMAT", reason: "contains a control character" };
  return null;
}

/** Most polls a task may use for one input. */
export function heavyFrom(pollLimit: number): number {
  return HEAVY_SHARE * pollLimit;
}

function tooHeavy({ polls, pollLimit }: Evidence): Verdict | null {
  if (polls <= heavyFrom(pollLimit)) return null;
  return { verdict: "TOO HEAVY", reason: `${polls} of ${pollLimit} polls for one input` };
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

/** Whether the observations would refuse the program but are too few, so that more variations are needed. */
export function lacksEvidence(evidence: Evidence, rules: ProposalRules): boolean {
  const seen = observations(evidence);
  if (seen.size >= LEAST_OBSERVATIONS || takesNothing(evidence) || (rules.heavy && tooHeavy(evidence))) return false;
  return (rules.constant && isConstant(seen)) || (rules.identity && isIdentity(seen));
}

function isConstant(seen: ReadonlyMap<string, string>): boolean {
  return new Set(seen.values()).size === 1;
}

function isIdentity(seen: ReadonlyMap<string, string>): boolean {
  return [...seen].every(([input, output]) => input === output);
}

function takesNothing({ inputs }: Evidence): boolean {
  return inputs.every((input) => input === "");
}

/** Two different outputs pass. One output is refused, also if fewer than three inputs gave it. */
function constant(evidence: Evidence): Verdict | null {
  if (takesNothing(evidence)) return { verdict: "TRIVIAL constant", reason: "takes no argument" };
  const seen = observations(evidence);
  return isConstant(seen) ? worthless("TRIVIAL constant", "same output", seen, evidence) : null;
}

function identity(evidence: Evidence): Verdict | null {
  const seen = observations(evidence);
  return isIdentity(seen) ? worthless("TRIVIAL identity", "output is the input", seen, evidence) : null;
}

function worthless(
  verdict: "TRIVIAL constant" | "TRIVIAL identity",
  what: string,
  seen: ReadonlyMap<string, string>,
  { probes }: Evidence,
): Verdict {
  if (seen.size >= LEAST_OBSERVATIONS) return { verdict, reason: `${what} for ${seen.size} inputs` };
  const other = probes.length - probes.filter(([, [kind]]) => kind === "ok").length;
  return { verdict, reason: `${what}, and ${other} of ${probes.length} variations give none` };
}

/** All variations give one output, and the only input with another output is written in the program. */
function singled(evidence: Evidence): Verdict | null {
  const given = new Set(evidence.inputs);
  const varied = [...observations(evidence)].filter(([input]) => !given.has(input)).map(([, output]) => output);
  if (varied.length < LEAST_OBSERVATIONS || new Set(varied).size > 1 || evidence.outputs.includes(varied[0] ?? ""))
    return null;
  const code = withoutBlanks(evidence.normalized);
  if (!evidence.inputs.every((input) => holds(code, withoutBlanks(input)))) return null;
  return { verdict: "LEAK", reason: "the input stands in the program, and all others give one output" };
}

/** The output is written in the program: in a name, comment or docstring or, if it is longer, in a constant. */
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

/** Values compare as Python compares them: True is no new input beside 1. */
function seenInput({ inputs, keys }: Evidence): Verdict | null {
  const hidden = keys.slice(SHOWN_PAIRS);
  const shown = new Set(keys.slice(0, SHOWN_PAIRS));
  const again = hidden.findIndex((key, index) => shown.has(key) || hidden.indexOf(key) < index);
  if (again < 0) return null;
  const where = shown.has(hidden[again]!) ? "is among the shown ones" : "is hidden twice";
  return { verdict: "LEAK", reason: `hidden input ${inputs[SHOWN_PAIRS + again]} ${where}` };
}
