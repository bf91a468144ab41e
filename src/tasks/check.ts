import {
  type Group,
  PROPOSAL_RULES,
  type Prompt,
  type ProposalJob,
  type ProposalResult,
  type ProposalRules,
  type Sample,
  type Verdict,
  type VerdictName,
  type Verifier,
} from "../contracts";
import { composed } from "./compose";
import { type Proposal, parseProposal } from "./formats";
import { idleStatements } from "./idle-statements";
import { isValue, messageFault, programFault } from "./language";
import { Pending } from "./pending";
import { programBefore, proposedType } from "./prompts";

/** Rules for what a legal proposal needs to become a task. Each can be switched off. */
export interface TaskRules extends ProposalRules {
  /** Refuse a program that exists already, in any spelling, with the same inputs. */
  readonly duplicates: boolean;
  /** Refuse a program with a statement without which every output stays the same. */
  readonly redundant: boolean;
}

/** What holds unless a run says otherwise. docs/log.md has the measurement behind `redundant`. */
export const TASK_RULES: TaskRules = { ...PROPOSAL_RULES, duplicates: true, redundant: false };

/** A parsed proposal and the verifier's result. */
export interface Draft {
  readonly prompt: Prompt;
  readonly sample: Sample;
  readonly proposal: Proposal | null;
  /** Why the verifier need not run it; null if it must. */
  fault: Verdict | null;
  /** null until the verifier has answered, and always null if there is a fault. */
  result: ProposalResult | null;
  /** A statement that changes nothing, where the rules look for one and the program is valid. */
  idle: string | null;
}

/** Parses proposals and starts the verifier on each as soon as it is generated. */
export class Checks {
  private readonly pending = new Pending();
  private readonly drafts = new Map<Sample, Draft>();

  constructor(
    private readonly verifier: Verifier,
    readonly rules: TaskRules = TASK_RULES,
  ) {}

  /** Starts checking these proposals and returns at once. */
  begin(groups: readonly Group[]): void {
    const fresh = groups.flatMap(({ prompt, samples }) =>
      samples.filter((sample) => !this.drafts.has(sample)).map((sample) => draftOf(prompt, sample)),
    );
    for (const draft of fresh) this.drafts.set(draft.sample, draft);
    const sound = fresh.filter(({ fault }) => fault === null);
    const [integrals, programs] = [true, false].map((wanted) =>
      sound.filter(({ prompt }) => (proposedType(prompt) === "integration") === wanted),
    ) as [Draft[], Draft[]];
    if (programs.length > 0) this.pending.add(this.propose(programs));
    if (integrals.length > 0) this.pending.add(checkIntegrands(integrals));
  }

  /** Waits for the verifier. Returns one draft per sample, in order; starts those not started by `begin`. */
  async settle(groups: readonly Group[]): Promise<Draft[]> {
    this.begin(groups);
    await this.pending.settled();
    return groups.flatMap(({ samples }) => samples.map((sample) => this.drafts.get(sample) as Draft));
  }

  private async propose(drafts: readonly Draft[]): Promise<void> {
    const results = await this.verifier.propose(drafts.map((draft) => toJob(draft, this.rules)));
    for (const [index, draft] of drafts.entries()) draft.result = results[index] ?? null;
    if (!this.rules.redundant) return;
    const valid = drafts.flatMap(({ proposal, result }) =>
      proposal && result?.verdict === "VALID" ? [{ ...proposal, outputs: result.outputs }] : [],
    );
    const idle = await idleStatements(this.verifier, valid);
    for (const draft of drafts) if (draft.result?.verdict === "VALID") draft.idle = idle.shift() ?? null;
  }
}

function draftOf(prompt: Prompt, sample: Sample): Draft {
  const proposal = whole(parseProposal(proposedType(prompt), sample, prompt.reference ?? ""), programBefore(prompt));
  const fault = proposal ? shapeFault(prompt, proposal) : verdictOf("FORMAT", "not a proposal");
  return { prompt, sample, proposal, fault, result: null, idle: null };
}

/** No interpreter runs an integrand; its rules are loaded when there is one. */
async function checkIntegrands(drafts: readonly Draft[]): Promise<void> {
  const { integrandFault, integrandKey } = await import("./integrals");
  for (const draft of drafts) {
    const { program = "" } = draft.proposal ?? {};
    const fault = integrandFault(program);
    if (fault !== null) draft.fault = verdictOf("OUT OF DOMAIN", fault);
    else draft.result = { verdict: "VALID", reason: "", outputs: [], normalized: integrandKey(program) ?? "" };
  }
}

/** The proposal with the program that it is to run after. */
function whole(proposal: Proposal | null, before: string | null): Proposal | null {
  const program = proposal && before !== null ? composed(before, proposal.program) : null;
  return proposal && program !== null ? { ...proposal, program } : proposal;
}

function shapeFault(prompt: Prompt, { program, inputs, message }: Proposal): Verdict | null {
  if (proposedType(prompt) === "integration") return null;
  const fault = programFault(program);
  if (fault !== null) return verdictOf("OUT OF DOMAIN", fault);
  const foreign = inputs.find((input) => !isValue(input));
  if (foreign !== undefined) return verdictOf("OUT OF DOMAIN", `input ${foreign}`);
  const misled = proposedType(prompt) === "induction" ? messageFault(message, program) : null;
  return misled === null ? null : verdictOf("OUT OF DOMAIN", misled);
}

/** The minimum number of distinct outputs applies to induction only: other types have one pair. */
function toJob({ prompt, proposal }: Draft, { duplicates: _, redundant: __, ...rules }: TaskRules): ProposalJob {
  const distinctOutputs = proposedType(prompt) === "induction" ? rules.distinctOutputs : 0;
  return { program: proposal?.program ?? "", inputs: proposal?.inputs ?? [], rules: { ...rules, distinctOutputs } };
}

/** A verdict with its reason, for people. */
export function verdictOf(verdict: VerdictName, reason: string): Verdict {
  return { verdict, reason };
}
