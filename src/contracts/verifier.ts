import type { Verdict } from "./data";

/**
 * The verification environment. It runs untrusted Python, parses answers as literals and compares values outside the interpreter.
 * It knows nothing of training. Every method returns one result per job, in order. Wrong, slow or hostile programs are verdicts,
 * never exceptions.
 */
export interface Verifier {
  /** Runs `program` on every input (twice, and again in another heap and other orders of its sets) and decides whether it may become a task. */
  propose(jobs: readonly ProposalJob[]): Promise<ProposalResult[]>;
  /** Is `answer` the literal `gold`? No program runs. */
  deduce(jobs: readonly DeductionJob[]): Promise<Verdict[]>;
  /** Does `program` map `answer` to `gold`? Any preimage is right. */
  abduce(jobs: readonly AbductionJob[]): Promise<Verdict[]>;
  /** Does the answer, a program, map every input to its gold output? */
  induce(jobs: readonly InductionJob[]): Promise<Verdict[]>;
  /** Outputs of programs, trusted or not; null for an input without an output. */
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
  /** Induction: no hidden input (the fourth and later ones) equals one of the three shown or another hidden one. */
  readonly unseenInputs: boolean;
}

/** All rules on. */
export const PROPOSAL_RULES: ProposalRules = {
  deterministic: true,
  constant: true,
  identity: true,
  leak: true,
  heavy: true,
  long: true,
  // With fewer than three, a program may be nearly constant.
  distinctOutputs: 3,
  unseenInputs: true,
};

/** A program that would become a task, with its inputs. */
export interface ProposalJob {
  readonly program: string;
  readonly inputs: readonly string[];
  readonly rules?: Partial<ProposalRules>;
}

/** The verdict, and the outputs and normal form of the program. */
export interface ProposalResult extends Verdict {
  /** Output of each input as Python literal text (`[1, 2]`) if the verdict is VALID; else []. */
  readonly outputs: readonly string[];
  /** Text of the normalised syntax tree; "" if there is no tree. */
  readonly normalized: string;
}

/** An answer that should be the output `gold`. */
export interface DeductionJob {
  readonly gold: string;
  readonly answer: string;
}

/** An answer that `program` should map to the output `gold`. */
export interface AbductionJob {
  readonly program: string;
  readonly gold: string;
  readonly answer: string;
}

/** A program that should map every input to its output. */
export interface InductionJob {
  readonly program: string;
  readonly pairs: readonly { readonly input: string; readonly output: string }[];
}

/** Outputs in the order of the inputs (null if an input has none), and the verdict on the program. */
export interface RunResult {
  readonly outputs: readonly (string | null)[];
  readonly verdict: Verdict;
}
