/** One or two sentences on what happens now, with the numbers of this moment. */
import { type Credit, PHASES, type Phase } from "../contracts";
import { finishedSteps, type RunState, type SampleRecord, type StepRecord } from "../telemetry/state";
import { fixed, plural, signed, whole } from "./format";
import type { Motion } from "./session";

/** The note below the path of phases. */
export interface PhaseNote {
  readonly title: string;
  readonly text: string;
}

/** The note on the current phase, or on the last one if the run is paused. */
export function phaseNote(run: RunState, motion: Motion): PhaseNote {
  if (run.status === "none")
    return { title: "Ready", text: "Press Start, or step through one phase at a time with the space bar." };
  if (run.status !== "running") return { title: "The run has ended", text: run.message || endText(run) };
  const phase = phaseNow(run);
  if (!phase) return { title: "Preparing", text: "Buffers are filled and kernels compiled before the first step." };
  const text = NOTES[phase]([...run.current.samples.values()], run);
  return { title: motion === "paused" ? `Paused: ${TITLES[phase]}` : TITLES[phase], text };
}

/** The current or last phase; null before the first. */
export function phaseNow({ active, current }: RunState): Phase | null {
  return active?.phase ?? (Object.keys(current.phases) as Phase[]).at(-1) ?? null;
}

/** The next phase, if the run has shown that its method has it; else null. */
export function phaseNext(run: RunState): Phase | null {
  const now = phaseNow(run);
  if (now === null) return null;
  const timings = run.history.at(-1)?.timings;
  const known = timings ? PHASES.filter((phase) => timings[phase] !== undefined) : PHASES;
  return known[known.indexOf(now) + 1] ?? known[0] ?? null;
}

const TITLES: Readonly<Record<Phase, string>> = {
  propose: "The model proposes",
  verify: "The verifier rules",
  solve: "The model solves",
  reward: "Rewards are given",
  advantage: "Rewards are compared",
  update: "The weights move",
  evaluate: "Held-out tasks are tried",
};

type Note = (records: readonly SampleRecord[], run: RunState) => string;

const NOTES: Readonly<Record<Phase, Note>> = {
  propose: (records) => {
    const count = records.filter(isProposal).length;
    const sofar = count > 0 ? ` It has written ${plural(count, "proposal")} in this step.` : "";
    return `The model varies programs from its buffer and invents inputs.${sofar} Nobody gives it tasks.`;
  },
  verify: (records) => {
    const ruled = records.filter((record) => isProposal(record) && record.verdict !== undefined);
    const valid = ruled.filter(({ verdict }) => verdict?.verdict === "VALID").length;
    return `Real Python runs every program twice. ${valid} of ${plural(ruled.length, "proposal")} may become tasks; the rest are refused with a reason.`;
  },
  solve: (records) => {
    const tries = records.filter(({ prompt }) => prompt.role === "solver");
    const traced = tries.filter(({ sample }) => sample.trace).length;
    const probes = tries.filter(({ purpose }) => purpose === "learnability").length;
    if (tries.length === 0) return "The model answers tasks, straight away or step by step.";
    const rated = probes > 0 ? ` ${whole(probes)} of them only rate how hard the new tasks are.` : "";
    return `The model has written ${plural(tries.length, "answer")}, ${whole(traced)} of them step by step.${rated} Whether they are right is not known yet.`;
  },
  reward: (records) => {
    const trained = records.filter((record) => !isProposal(record) && record.reward !== undefined);
    const right = trained.filter(({ verdict }) => verdict?.verdict === "CORRECT").length;
    const paid = records.filter((record) => isProposal(record) && (record.reward ?? 0) > 0).length;
    const found = trained.length > 0 ? ` ${right} of ${whole(trained.length)} trained answers are right.` : "";
    const proposers = records.some(isProposal)
      ? ` ${plural(paid, "proposal")} ${paid === 1 ? "is" : "are"} paid: solved sometimes, but not always.`
      : "";
    return `A right answer earns +1, a wrong one −0.5, an unreadable one −1.${found}${proposers}`;
  },
  advantage: (_records, { current: { credits } }) => {
    const best = extreme(credits);
    if (!best) return "Each reward is compared with the mean of its group.";
    const { credit, advantage, reward } = best;
    const mean = credit.mean < 0 ? `(${fixed(credit.mean)})` : fixed(credit.mean);
    const sum = `(${fixed(reward)} − ${mean}) / ${fixed(credit.deviation)} = ${signed(advantage)}`;
    return `Each reward is compared with the mean of its group, ${plural(credits.length, "group")} in this step. The largest surprise, in “${credit.group}”: ${sum}. Warm becomes more likely, cold less.`;
  },
  update: (_records, { current, history }) => {
    if (current.skipped !== "") return `Nothing is learned in this step: ${current.skipped}.`;
    const done = history.findLast(({ step }) => step === current.step);
    return `One gradient step moves all weights, so that warm tokens become more likely and cold ones less.${done ? moved(done) : ""}`;
  },
  evaluate: (_records, { evaluations, current }) => {
    const last = evaluations.findLast(({ step }) => step === current.step)?.result.deduction;
    const found = last ? ` Deduction: ${fixed(100 * last.greedy, 1)} % of ${whole(last.tasks)} right.` : "";
    return `Tasks that are never trained on are answered greedily: this is the headline curve.${found}`;
  },
};

function isProposal({ prompt }: SampleRecord): boolean {
  return prompt.role === "proposer";
}

/** What the update of a finished step was made of. */
function moved({ metrics }: StepRecord): string {
  const tokens = metrics["tokens/trained"];
  const norm = metrics["policy/gradNorm"];
  const from = tokens === undefined ? "" : ` It was made from ${whole(tokens)} tokens`;
  const length = norm === undefined ? "" : `${from === "" ? " The" : "; the"} gradient had norm ${fixed(norm)}`;
  return from + length === "" ? "" : `${from}${length}.`;
}

/** The sample that differs most from its group, seen positively first. */
function extreme(credits: readonly Credit[]): { credit: Credit; advantage: number; reward: number } | null {
  let best: { credit: Credit; advantage: number; reward: number } | null = null;
  for (const credit of credits)
    credit.advantages.forEach((advantage, index) => {
      if (best === null || Math.abs(advantage) > Math.abs(best.advantage))
        best = { credit, advantage, reward: credit.rewards[index] ?? 0 };
    });
  return best;
}

function endText(run: RunState): string {
  const how = { done: "All steps are done", stopped: "It was stopped", failed: "It failed" }[
    run.status as "done" | "stopped" | "failed"
  ];
  return `${how} after ${plural(finishedSteps(run), "step")}.`;
}
