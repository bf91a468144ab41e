/** The figures of a moment, under the names that the notes of phases use. */
import { type Credit, findMeasure, isProposer, isSolver, largest, roleOf, smallest } from "../contracts";
import type { Figures } from "../telemetry/note";
import type { RunState, SampleRecord } from "../telemetry/state";
import { divisorOf } from "./explain";
import { fixed, signed } from "./format";

/**
 * Every figure that is known now. A count of zero is left out, and so is the part of a note that speaks of it:
 * - `proposals` `ruled` `valid` `paid`: tasks written in this step, ruled on, admitted, paid for
 * - `answers` `traced` `probes` `rewarded` `right`: answers to tasks, with a trace, only to rate; paid answers, right ones
 * - `samples/ROLE`: completions of any role, and `samples` of all
 * - `groups` `group` `surprise`: baselines of the step, the one with the largest advantage and its arithmetic
 * - `best` `worst`: advantages of the group on stage
 * - `skipped` `tokens` `norm` `parameters`: the update
 * - `deduction` `deductionTasks`: the last evaluation
 * - any metric of the step that has just ended, under its own key
 *
 * @param shown the group of the samples on screen
 */
export function momentFigures(run: RunState, shown: Credit | null = null): Figures {
  const { current, history, header } = run;
  const records = [...current.samples.values()];
  const metrics = history.findLast(({ step }) => step === current.step)?.metrics;
  return {
    ...metrics,
    ...written(records),
    ...ruled(records.filter(({ prompt }) => isProposer(prompt))),
    ...answered(records.filter(({ prompt }) => isSolver(prompt))),
    ...compared(current.credits, shown),
    ...examined(run),
    skipped: current.skipped === "" ? undefined : current.skipped,
    tokens: metrics?.["tokens/trained"],
    norm: metrics?.["policy/gradNorm"] === undefined ? undefined : fixed(metrics["policy/gradNorm"]),
    parameters: header?.model.parameters,
  };
}

const some = (count: number): number | undefined => (count > 0 ? count : undefined);

function written(records: readonly SampleRecord[]): Figures {
  const roles = new Set(records.map(({ prompt }) => roleOf(prompt.kind)));
  const counts = [...roles].map((role) => [
    `samples/${role}`,
    records.filter(({ prompt }) => roleOf(prompt.kind) === role).length,
  ]);
  return { samples: some(records.length), ...Object.fromEntries(counts) };
}

function ruled(proposals: readonly SampleRecord[]): Figures {
  const judged = proposals.filter(({ verdict }) => verdict !== undefined);
  return {
    proposals: some(proposals.length),
    ruled: some(judged.length),
    valid: judged.filter(({ verdict }) => verdict?.verdict === "VALID").length,
    paid: proposals.length > 0 ? proposals.filter(({ reward = 0 }) => reward > 0).length : undefined,
  };
}

function answered(answers: readonly SampleRecord[]): Figures {
  const rewarded = answers.filter(({ reward }) => reward !== undefined);
  const right = rewarded.filter(({ verdict }) => verdict?.verdict === "CORRECT").length;
  return {
    answers: some(answers.length),
    traced: answers.filter(({ sample }) => sample.trace).length,
    probes: some(answers.filter(({ purpose }) => purpose === "learnability").length),
    rewarded: some(rewarded.length),
    right: rewarded.length > 0 ? right : undefined,
  };
}

function compared(credits: readonly Credit[], shown: Credit | null): Figures {
  const farthest = extreme(credits);
  const credit = creditOf(credits, shown);
  const differs = credit !== undefined && credit.deviation > 0;
  return {
    groups: some(credits.length),
    group: farthest?.credit.group,
    surprise: farthest ? arithmetic(farthest) : undefined,
    best: differs ? signed(largest(credit.advantages)) : undefined,
    worst: differs ? signed(smallest(credit.advantages)) : undefined,
  };
}

function examined({ evaluations, current }: RunState): Figures {
  const now = evaluations.filter(({ step }) => step === current.step);
  const greedy = now.map(({ measures }) => findMeasure(measures, "deduction/greedy")).findLast((one) => one);
  return { deduction: greedy && fixed(100 * greedy.value, 1), deductionTasks: greedy?.n };
}

interface Extreme {
  readonly credit: Credit;
  readonly advantage: number;
  readonly reward: number;
}

/** The sample that differs most from its group, seen positively first. */
function extreme(credits: readonly Credit[]): Extreme | null {
  let best: Extreme | null = null;
  for (const credit of credits)
    credit.advantages.forEach((advantage, index) => {
      if (best === null || Math.abs(advantage) > Math.abs(best.advantage))
        best = { credit, advantage, reward: credit.rewards[index] ?? 0 };
    });
  return best;
}

function arithmetic({ credit, advantage, reward }: Extreme): string {
  const mean = credit.mean < 0 ? `(${fixed(credit.mean)})` : fixed(credit.mean);
  return `(${fixed(reward)} − ${mean}) / ${fixed(divisorOf(credit).value)} = ${signed(advantage)}`;
}

/** The group on screen where its rewards differ; else one of solvers in which they do, else any. */
function creditOf(credits: readonly Credit[], shown: Credit | null): Credit | undefined {
  const differing = credits.filter(({ deviation }) => deviation > 0);
  if (shown && shown.deviation > 0) return shown;
  return differing.find(({ group }) => group.startsWith("solver")) ?? differing[0];
}
