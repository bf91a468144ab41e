import type { Verdict } from "./data";

/**
 * The verification environment: runs untrusted Python, parses answers as literals, compares outside the
 * interpreter. It knows nothing of training. Every method answers one result per job, in order; wrong, slow or
 * hostile programs are verdicts, never exceptions.
 */
export interface Verifier {
  /** Run `program` on every input (twice, and under a second hash seed) and rule on whether it may become a task. */
  propose(jobs: readonly ProposalJob[]): Promise<ProposalResult[]>;
  /** Is `answer` the literal `gold`? No program runs. */
  deduce(jobs: readonly DeductionJob[]): Promise<Verdict[]>;
  /** Does `program` map `answer` to `gold`? Any preimage is right. */
  abduce(jobs: readonly AbductionJob[]): Promise<Verdict[]>;
  /** Does the answered program map every input to its gold output? */
  induce(jobs: readonly InductionJob[]): Promise<Verdict[]>;
  /** Plain outputs of trusted or untrusted programs; null where there is none. */
  run(jobs: readonly { program: string; inputs: readonly string[] }[]): Promise<RunResult[]>;
  dispose(): Promise<void>;
}

/** Task-quality rules; each can be switched off, so that an experiment can show what it prevents. */
export interface ProposalRules {
  readonly deterministic: boolean;
  readonly constant: boolean;
  readonly identity: boolean;
  readonly leak: boolean;
  readonly heavy: boolean;
  readonly long: boolean;
  /** Induction: at least this many distinct outputs; 0 switches it off. */
  readonly distinctOutputs: number;
  /** Induction: no hidden input (from the fourth on) is among the three shown ones. */
  readonly unseenInputs: boolean;
}

export interface ProposalJob {
  readonly program: string;
  readonly inputs: readonly string[];
  readonly rules?: Partial<ProposalRules>;
}
export interface ProposalResult extends Verdict {
  /** Output of each input as Python literal text (`[1, 2]`), where the verdict is VALID; else []. */
  readonly outputs: readonly string[];
  /** Text of the normalised syntax tree; "" when there is none. */
  readonly normalized: string;
}
export interface DeductionJob {
  readonly gold: string;
  readonly answer: string;
}
export interface AbductionJob {
  readonly program: string;
  readonly gold: string;
  readonly answer: string;
}
export interface InductionJob {
  readonly program: string;
  readonly pairs: readonly { readonly input: string; readonly output: string }[];
}
export interface RunResult {
  readonly outputs: readonly (string | null)[];
  readonly verdict: Verdict;
}
