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
import type { Job, JobResult, Limits, Outcome } from "./jobs";
import { canonicalLiteral, GOLD_LIMITS, NAMED_CHARACTER } from "./literal";
import type { Pool } from "./pool";
import { isHeavy, refuse, rulesOf } from "./rules";

/** Task programs are small: 20 000 polls are about a million loop turns. */
export const TASK_LIMITS: Limits = { polls: 20_000, milliseconds: 2000 };
/** The limits the attack catalogue's verdicts were fixed with. */
export const CATALOGUE_LIMITS: Limits = { polls: 200_000, milliseconds: 2000 };

/** Python's hash seeds of the two heap images; the second only confirms. */
export const HASH_SEEDS: readonly number[] = [0, 4242];
/** Linear memory a program may grow to. */
export const MEMORY_BYTES = 128 * 2 ** 20;
const CANARY_JOBS = 500;
/** Times the wall clock's limit for a second try. */
const PATIENCE = 3;

const PLAIN = { twice: false, probe: false, describe: false, isolate: false, seed: 0 };

/** Reads an answer with a named character, for which Python has the table of names. */
const ECHO = "def f(x): return x";

/** Result of one input: its outcome, or the verdict on the program. */
type Ending = { readonly outcome: Outcome } | { readonly verdict: Verdict };

/** One worker holds the images of both hash seeds and serves them in turn; the spare only saves time after a hang. */
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
    const rules = jobs.map(rulesOf);
    const first = await this.runProposals(jobs, rules);
    const judged = jobs.map((job, index) => this.judge(job, rules[index]!, first[index]!));
    await this.confirm(jobs, rules, judged);
    return judged.map((result, index) => withAttack("proposal", jobs[index]!.program, result));
  }

  async deduce(jobs: readonly DeductionJob[]): Promise<Verdict[]> {
    const golds = jobs.map(({ gold }) => canonicalGold(gold));
    const verdicts = jobs.map(({ answer }, index) => gradeLiteral(answer, golds[index]!));
    const named = jobs.flatMap((_, index) => (verdicts[index]!.reason === NAMED_CHARACTER ? [index] : []));
    const endings = await this.runEach(named.map((index) => ({ program: ECHO, inputs: [jobs[index]!.answer.trim()] })));
    for (const [at, index] of named.entries()) verdicts[index] = gradeProgramOutput(endings[at]![0]!, golds[index]!);
    return verdicts.map((verdict, index) => withAttack("deduction", jobs[index]!.answer, verdict));
  }

  async abduce(jobs: readonly AbductionJob[]): Promise<Verdict[]> {
    const golds = jobs.map((job) => canonicalGold(job.gold));
    const answers = new Map<string, Set<string>>();
    for (const { program, answer } of jobs) answers.set(program, (answers.get(program) ?? new Set()).add(answer));
    const groups = [...answers].map(([program, inputs]) => ({ program, inputs: [...inputs] }));
    const endings = await this.runEach(groups);
    const found = new Map(
      groups.map(({ program, inputs }, group) => [
        program,
        new Map(inputs.map((input, i) => [input, endings[group]![i]!])),
      ]),
    );
    return jobs.map(({ program, answer }, index) => {
      const ending = found.get(program)!.get(answer)!;
      // A refusal by the gate is about the task's own program, not about the answer.
      if ("verdict" in ending && ending.verdict.verdict === "INVALID PROGRAM") return ending.verdict;
      return withAttack("abduction", answer, gradeProgramOutput(ending, golds[index]!));
    });
  }

  async induce(jobs: readonly InductionJob[]): Promise<Verdict[]> {
    const golds = jobs.map((job) => job.pairs.map((pair) => canonicalGold(pair.output)));
    const endings = await this.runEach(
      jobs.map(({ program, pairs }) => ({ program, inputs: pairs.map((pair) => pair.input) })),
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

  private async runJobs(jobs: readonly Job[]): Promise<JobResult[]> {
    if (jobs.length === 0) return [];
    if (this.sinceCanary >= CANARY_JOBS) {
      this.sinceCanary = 0;
      await checkCanaries(this.pool);
    }
    this.sinceCanary += jobs.length;
    return this.withPatience(jobs, await this.pool.run(jobs, this.limits));
  }

  /** The clock is a backstop: what it stopped is asked again with more time, so that a busy machine does not decide. */
  private async withPatience(jobs: readonly Job[], results: JobResult[]): Promise<JobResult[]> {
    const late = results.flatMap(({ stop }, index) => (stop === "time" ? [index] : []));
    if (late.length === 0) return results;
    const limits = { ...this.limits, milliseconds: PATIENCE * this.limits.milliseconds };
    const repeated = await this.pool.run(
      late.map((index) => ({ ...jobs[index]!, isolate: true })),
      limits,
    );
    for (const [at, index] of late.entries()) results[index] = repeated[at]!;
    return results;
  }

  /** All inputs of a program in one job; when that is stopped, each on its own, so that no input decides for another. */
  private async runEach(programs: readonly { program: string; inputs: readonly string[] }[]): Promise<Ending[][]> {
    const results = await this.runJobs(programs.map((program) => ({ ...PLAIN, ...program })));
    const endings: Ending[][] = [];
    for (const [index, { program, inputs }] of programs.entries()) {
      const result = results[index]!;
      if (!result.stop || inputs.length < 2) endings.push(endingsOf(result, inputs.length));
      else {
        const alone = await this.runJobs(
          inputs.map((input) => ({ ...PLAIN, program, inputs: [input], isolate: true })),
        );
        endings.push(alone.flatMap((single) => endingsOf(single, 1)));
      }
    }
    return endings;
  }

  /**
   * Every program once, with variations of its input. Where those may have spoilt the verdict (a stop, or many steps),
   * once more without them and in a heap image of its own: its steps are then exact.
   */
  private async runProposals(jobs: readonly ProposalJob[], rules: readonly ProposalRules[]): Promise<JobResult[]> {
    const asked = jobs.map(({ program, inputs }, index) => {
      const { deterministic, constant, identity } = rules[index]!;
      return { ...PLAIN, program, inputs, twice: deterministic, probe: constant || identity, describe: true };
    });
    const results = await this.runJobs(asked);
    const again = results.flatMap((result, index) => (this.isSpoilt(result, asked[index]!) ? [index] : []));
    const repeated = await this.runJobs(again.map((index) => ({ ...asked[index]!, probe: false, isolate: true })));
    again.forEach((index, at) => {
      results[index] = repeated[at]!;
    });
    return results;
  }

  private isSpoilt(result: JobResult, job: Job): boolean {
    if (result.stop) return job.probe && result.stop !== "hang";
    return isHeavy(result.polls, this.limits.polls) && result.report?.status === "ran";
  }

  private judge(job: ProposalJob, rules: ProposalRules, result: JobResult): ProposalResult {
    const { report } = result;
    const normalized = report?.status === "ran" ? report.normalized : "";
    const refused = (verdict: Verdict): ProposalResult => ({ ...verdict, outputs: [], normalized });
    const problem = programVerdict(result);
    if (problem) return refused(problem);
    if (report?.status !== "ran") return refused({ verdict: "INVALID PROGRAM", reason: "was not run" });
    const wrong = report.results.map(outcomeVerdict).find((verdict) => verdict !== null);
    if (wrong) return refused(wrong);
    const outputs = report.results.map(([, text]) => text);
    const unfit = refuse(
      { ...report, program: job.program, outputs, polls: result.polls / outputs.length, pollLimit: this.limits.polls },
      rules,
    );
    return unfit ? refused(unfit) : { verdict: "VALID", reason: "", outputs, normalized };
  }

  /** Under the second hash seed, what passed so far must give the same outputs. */
  private async confirm(
    jobs: readonly ProposalJob[],
    rules: readonly ProposalRules[],
    judged: ProposalResult[],
  ): Promise<void> {
    const chosen = judged.flatMap(({ verdict }, index) =>
      verdict === "VALID" && rules[index]!.deterministic ? [index] : [],
    );
    const results = await this.runJobs(
      chosen.map((index) => ({ ...PLAIN, program: jobs[index]!.program, inputs: jobs[index]!.inputs, seed: 1 })),
    );
    chosen.forEach((index, at) => {
      const { outputs, normalized } = judged[index]!;
      const endings = endingsOf(results[at]!, outputs.length);
      const same = endings.every(
        (ending, i) => "outcome" in ending && ending.outcome[0] === "ok" && ending.outcome[1] === outputs[i],
      );
      if (!same)
        judged[index] = { verdict: "NONDETERMINISTIC", reason: "two hash seeds disagree", outputs: [], normalized };
    });
  }
}

function endingsOf(result: JobResult, inputs: number): Ending[] {
  const verdict = programVerdict(result);
  if (verdict) return Array.from({ length: inputs }, () => ({ verdict }));
  return result.report?.status === "ran" ? result.report.results.map((outcome) => ({ outcome })) : [];
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

/** Gold text comes from a verifier or a checked file; text that is not a literal is a mistake of the caller. */
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
