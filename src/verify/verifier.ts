/** The verification environment over any pool of interpreters, in Node and in the browser's jail. */

import type {
  AbductionJob,
  DeductionJob,
  InductionJob,
  ProposalJob,
  ProposalResult,
  ProposalRules,
  RunResult,
  Verdict,
  Verifier,
} from "../contracts";
import { KelvinError } from "../contracts";
import { withAttack } from "./attacks";
import { checkCanaries } from "./canaries";
import { gradeLiteral, gradeOutcome, notSolved, outcomeVerdict, programVerdict } from "./grade";
import {
  ANSWER_MILLISECONDS,
  type Job,
  type JobResult,
  type Limits,
  ONE_CALL,
  type Outcome,
  PROGRAM_MILLISECONDS,
  type Report,
} from "./jobs";
import { canonicalLiteral, GOLD_LIMITS, NAMED_CHARACTER } from "./literal";
import type { Pool } from "./pool";
import { type Evidence, heavyFrom, lacksEvidence, refuse, rulesOf } from "./rules";

/** For task programs, which are small: 20 000 polls are about a million iterations. */
export const TASK_LIMITS: Limits = { polls: 20_000, milliseconds: 1200 };
/** For the attack catalogue, whose verdicts were fixed with these limits. */
export const CATALOGUE_LIMITS: Limits = { polls: 200_000, milliseconds: 1800 };

/** Python's hash seeds of the two heap images. The second is for confirmation only. */
export const HASH_SEEDS: readonly number[] = [0, 4242];
/** Most linear memory of a program. */
export const MEMORY_BYTES = 128 * 2 ** 20;
const CANARY_JOBS = 500;
/** Part of a program's time that is kept for its confirmation. */
const CONFIRMING_MILLISECONDS = 300;
/** With less time left, a program does not run again. */
const LEAST_MILLISECONDS = 100;
/** With less time left, a program gets no further variations: it has used so much that it hangs, or nearly does. */
const VARYING_MILLISECONDS = 1000;

/** The end of one input: its outcome, or the verdict on the program. */
type Ending = { readonly outcome: Outcome } | { readonly verdict: Verdict };

/** Notice for people. One worker holds the images of both hash seeds; a spare only saves time after a hang. */
const ONE_WORKER =
  "Little memory: one Python serves both hash seeds in turn, without a spare. Verdicts are the same; a program that hangs costs a second.";

/** Whether to keep a spare worker; if memory is short, tells the caller what that means. */
export function spareWhere(enough: boolean, { notice }: { notice?(line: string): void }): boolean {
  if (!enough) notice?.(ONE_WORKER);
  return enough;
}

/** A verifier that runs on `pool` and disposes of it. Checks the canaries before it returns. */
export async function createVerifier(pool: Pool, limits: Limits): Promise<Verifier> {
  await checkCanaries(pool);
  return new PoolVerifier(pool, limits);
}

class PoolVerifier implements Verifier {
  private sinceCanary = 0;

  constructor(
    private readonly pool: Pool,
    private readonly limits: Limits,
  ) {}

  async propose(jobs: readonly ProposalJob[]): Promise<ProposalResult[]> {
    const trials = jobs.map(
      (job): Trial => ({ job, rules: rulesOf(job), result: NOT_RUN, probes: [], left: PROGRAM_MILLISECONDS }),
    );
    await this.runProposals(trials);
    await this.varyFurther(trials);
    const judged = trials.map((trial) => this.judge(trial));
    await this.confirm(trials, judged);
    return judged.map((result, index) => withAttack("proposal", jobs[index]!.program, result));
  }

  async deduce(jobs: readonly DeductionJob[]): Promise<Verdict[]> {
    const golds = jobs.map(({ gold }) => canonicalGold(gold));
    const verdicts = jobs.map(({ answer }, index) => gradeLiteral(answer, golds[index]!));
    const named = jobs.flatMap((_, index) => (verdicts[index]!.reason === NAMED_CHARACTER ? [index] : []));
    const read = await this.runJobs(
      named.map((index) => ({ ...ONE_CALL, program: null, inputs: [jobs[index]!.answer] })),
    );
    for (const [at, index] of named.entries())
      verdicts[index] = gradeProgramOutput(endingsOf(read[at]!, 1)[0]!, golds[index]!);
    return verdicts.map((verdict, index) => withAttack("deduction", jobs[index]!.answer, verdict));
  }

  async abduce(jobs: readonly AbductionJob[]): Promise<Verdict[]> {
    const golds = jobs.map((job) => canonicalGold(job.gold));
    const answers = new Map<string, Set<string>>();
    for (const { program, answer } of jobs) answers.set(program, (answers.get(program) ?? new Set()).add(answer));
    const groups = [...answers].map(([program, inputs]) => ({ program, inputs: [...inputs] }));
    const answer = { settle: true, ownTime: true, milliseconds: ANSWER_MILLISECONDS };
    const endings = await this.runEach(groups, answer);
    const found = new Map(
      groups.map(({ program, inputs }, group) => [
        program,
        new Map(inputs.map((input, i) => [input, endings[group]![i]!])),
      ]),
    );
    return jobs.map(({ program, answer }, index) => {
      const ending = found.get(program)!.get(answer)!;
      // The gate refuses the task's program, not the answer.
      if ("verdict" in ending && ending.verdict.verdict === "INVALID PROGRAM") return ending.verdict;
      return withAttack("abduction", answer, gradeProgramOutput(ending, golds[index]!));
    });
  }

  async induce(jobs: readonly InductionJob[]): Promise<Verdict[]> {
    const golds = jobs.map((job) => job.pairs.map((pair) => canonicalGold(pair.output)));
    const endings = await this.runEach(
      jobs.map(({ program, pairs }) => ({ program, inputs: pairs.map((pair) => pair.input) })),
      { untilFault: true },
    );
    return endings.map((each, index) =>
      withAttack("induction", jobs[index]!.program, gradeProgram(each, golds[index]!)),
    );
  }

  async run(jobs: readonly { program: string; inputs: readonly string[] }[]): Promise<RunResult[]> {
    const endings = await this.runEach(jobs);
    return endings.map((each) => {
      const problem = each
        .map((ending) => ("outcome" in ending ? outcomeVerdict(ending.outcome) : ending.verdict))
        .find((verdict) => verdict);
      const outputs = each.map((ending) =>
        "outcome" in ending && ending.outcome[0] === "ok" ? ending.outcome[1] : null,
      );
      return { outputs, verdict: problem ?? { verdict: "VALID", reason: "" } };
    });
  }

  dispose(): Promise<void> {
    return this.pool.dispose();
  }

  private async runJobs(jobs: readonly Job[], limits = this.limits): Promise<JobResult[]> {
    if (jobs.length === 0) return [];
    if (this.sinceCanary >= CANARY_JOBS) {
      this.sinceCanary = 0;
      await checkCanaries(this.pool);
    }
    this.sinceCanary += jobs.length;
    return this.pool.run(jobs, limits);
  }

  /** Runs all inputs of a program in one job. Each has its own end. */
  private async runEach(programs: readonly Runnable[], how: Partial<Job> = {}): Promise<Ending[][]> {
    const jobs = programs.map((program): Job => ({ ...ONE_CALL, ...program, ...how }));
    const results = await this.runJobs(jobs);
    return Promise.all(results.map((result, index) => this.endings(jobs[index]!, result)));
  }

  /** A hang ends the worker. The inputs that follow run in the next one, each in an image of its own. */
  private async endings(job: Job, result: JobResult): Promise<Ending[]> {
    const { inputs } = job;
    if (result.stop !== "hang" || inputs.length < 2 || job.untilFault) return endingsOf(result, inputs.length);
    // If all inputs shared an image, the one that hung is unknown.
    const known = result.report?.status === "ran" || job.isolate ? endingsOf(result, inputs.length) : [];
    const following = inputs.slice(known.length);
    if (following.length === 0) return known;
    const milliseconds = job.ownTime ? job.milliseconds : job.milliseconds - result.milliseconds;
    if (milliseconds < LEAST_MILLISECONDS) return [...known, ...following.map(() => SPENT)];
    const rest = { ...job, inputs: following, isolate: true, milliseconds };
    const [ended] = await this.runJobs([rest]);
    return [...known, ...(await this.endings(rest, ended!))];
  }

  /** Runs every program twice on its inputs, then on variations of the first input. Each input has its own outcome. */
  private async runProposals(trials: readonly Trial[]): Promise<void> {
    const jobs = trials.map((trial): Job => {
      const { program, inputs } = trial.job;
      const { rules } = trial;
      const probe = rules.constant || rules.identity ? "alike" : "";
      const milliseconds = timeToVary(trial);
      const varyBelow = rules.heavy ? heavyFrom(this.limits.polls) : this.limits.polls;
      return {
        ...ONE_CALL,
        program,
        inputs,
        twice: rules.deterministic,
        probe,
        varyBelow,
        untilFault: true,
        describe: true,
        milliseconds,
      };
    });
    const results = await this.runJobs(jobs);
    for (const [index, trial] of trials.entries()) {
      const result = results[index]!;
      Object.assign(trial, { result, left: trial.left - result.milliseconds, probes: ranOf(result)?.probes ?? [] });
    }
  }

  /** If too few variations of the input gave an output, runs the program on values of other types. */
  private async varyFurther(trials: readonly Trial[]): Promise<void> {
    const lacking = trials.filter((trial) => {
      const evidence = this.evidenceOf(trial);
      return evidence !== null && lacksEvidence(evidence, trial.rules) && timeToVary(trial) >= VARYING_MILLISECONDS;
    });
    const results = await this.runJobs(
      lacking.map((trial) => {
        const { program, inputs } = trial.job;
        const milliseconds = timeToVary(trial);
        return { ...ONE_CALL, program, inputs: inputs.slice(0, 1), probe: "others", milliseconds };
      }),
    );
    for (const [index, trial] of lacking.entries()) {
      const result = results[index]!;
      const probes = [...trial.probes, ...(ranOf(result)?.probes ?? [])];
      Object.assign(trial, { left: trial.left - result.milliseconds, probes });
    }
  }

  /** Input of the rules; null if the program gave no outputs. */
  private evidenceOf({ job, result, probes }: Trial): Evidence | null {
    const report = ranOf(result);
    if (programVerdict(result) || !report || report.results.some(([kind]) => kind !== "ok")) return null;
    const outputs = report.results.map(([, text]) => text);
    const polls = report.polls.reduce((most, count) => Math.max(most, count), 0);
    const { program, inputs: written } = job;
    return { ...report, program, written, outputs, probes, polls, pollLimit: this.limits.polls };
  }

  private judge(trial: Trial): ProposalResult {
    const { result, rules } = trial;
    const report = ranOf(result);
    const normalized = report?.normalized ?? "";
    const refused = (verdict: Verdict): ProposalResult => ({ ...verdict, outputs: [], normalized });
    const problem = programVerdict(result);
    if (problem) return refused(problem);
    const wrong = report?.results.map(outcomeVerdict).find((verdict) => verdict !== null);
    if (wrong) return refused(wrong);
    const evidence = this.evidenceOf(trial);
    if (!evidence) return refused({ verdict: "INVALID PROGRAM", reason: "was not run" });
    const unfit = refuse(evidence, rules);
    return unfit ? refused(unfit) : { verdict: "VALID", reason: "", outputs: evidence.outputs, normalized };
  }

  /** Runs accepted programs in another heap, with the second hash seed and in other orders of their sets. All must agree. */
  private async confirm(trials: readonly Trial[], judged: ProposalResult[]): Promise<void> {
    const chosen = judged.flatMap(({ verdict }, index) =>
      verdict === "VALID" && trials[index]!.rules.deterministic ? [index] : [],
    );
    const results = await this.runJobs(
      chosen.map((index) => {
        const { program, inputs } = trials[index]!.job;
        const milliseconds = Math.max(trials[index]!.left, CONFIRMING_MILLISECONDS);
        return { ...ONE_CALL, program, inputs, settle: true, untilFault: true, seed: 1, milliseconds };
      }),
    );
    for (const [at, index] of chosen.entries()) {
      const { outputs, normalized } = judged[index]!;
      const fault = differs(results[at]!, outputs);
      if (fault) judged[index] = { ...fault, outputs: [], normalized };
    }
  }
}

/** A proposal and its results so far. */
interface Trial {
  readonly job: ProposalJob;
  readonly rules: ProposalRules;
  result: JobResult;
  /** All variations so far. */
  probes: readonly (readonly [string, Outcome])[];
  /** Milliseconds left of the program's time. */
  left: number;
}

/** Time that is left before the confirmation. */
function timeToVary({ left }: Trial): number {
  return left - CONFIRMING_MILLISECONDS;
}

interface Runnable {
  readonly program: string;
  readonly inputs: readonly string[];
}

const NOT_RUN: JobResult = { report: null, stop: null, detail: "", polls: 0, milliseconds: 0, grown: false };
const SPENT: Ending = { verdict: { verdict: "LIMIT time", reason: "the program's time is spent" } };

function ranOf({ report }: JobResult): Extract<Report, { status: "ran" }> | null {
  return report?.status === "ran" ? report : null;
}

/** Verdict if the confirmation gives other outputs; null if it confirms them. */
function differs(result: JobResult, outputs: readonly string[]): Verdict | null {
  const problem = programVerdict(result);
  if (problem) return problem;
  const outcomes = ranOf(result)?.results ?? [];
  for (const [index, output] of outputs.entries()) {
    const [kind, text] = outcomes[index] ?? ["raised", ""];
    if (kind === "unsettled") return { verdict: "NONDETERMINISTIC", reason: text };
    if (kind === "refused") return { verdict: "INVALID PROGRAM", reason: text };
    if (kind !== "ok" || text !== output) return { verdict: "NONDETERMINISTIC", reason: "two hash seeds disagree" };
  }
  return null;
}

function endingsOf(result: JobResult, inputs: number): Ending[] {
  const { report } = result;
  if (report?.status === "ran" || report?.status === "read")
    return report.results.map((outcome) =>
      outcome[0] === "stopped" ? { verdict: outcomeVerdict(outcome)! } : { outcome },
    );
  const verdict = programVerdict(result);
  return verdict ? Array.from({ length: inputs }, () => ({ verdict })) : [];
}

function gradeProgramOutput(ending: Ending, gold: string): Verdict {
  return "outcome" in ending ? gradeOutcome(ending.outcome, gold) : notSolved(ending.verdict);
}

function gradeProgram(endings: readonly Ending[], golds: readonly string[]): Verdict {
  for (const [index, ending] of endings.entries()) {
    const verdict = gradeProgramOutput(ending, golds[index]!);
    if (verdict.verdict !== "CORRECT") return { verdict: "WRONG", reason: `input ${index + 1}: ${verdict.reason}` };
  }
  return { verdict: "CORRECT", reason: "" };
}

/** Gold text comes from a verifier or a checked file. @throws KelvinError if it is not a literal */
function canonicalGold(gold: string): string {
  const canonical = canonicalLiteral(gold, GOLD_LIMITS);
  if (canonical.refused !== undefined)
    throw new KelvinError(
      "input",
      `the gold value ${gold} is not a literal: ${canonical.refused}`,
      "Write it as Python does, such as [1, 2].",
    );
  return canonical.text;
}
