/** One or two sentences on what happens now, with the numbers of this moment. */
import type { Phase } from "../contracts";
import type { RunState, SampleRecord } from "../telemetry/state";
import { fixed, plural } from "./format";
import type { Motion } from "./session";

export interface PhaseNote {
  readonly title: string;
  readonly text: string;
}

/** The note of the phase that is on, or of the one that has just ended when the run is paused. */
export function phaseNote(run: RunState, motion: Motion): PhaseNote {
  if (run.status === "none")
    return { title: "Ready", text: "Press Start, or step through one phase at a time with the space bar." };
  if (run.status !== "running") return { title: "The run has ended", text: run.message || endText(run) };
  const phase = run.active?.phase ?? lastPhase(run);
  if (!phase) return { title: "Preparing", text: "Buffers are filled and kernels compiled before the first step." };
  const text = NOTES[phase]([...run.current.samples.values()], run);
  return { title: motion === "paused" ? `Paused: ${TITLES[phase]}` : TITLES[phase], text };
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
    const count = records.filter(({ prompt }) => prompt.role === "proposer").length;
    const sofar = count > 0 ? ` ${plural(count, "proposal")} so far in this step.` : "";
    return `The model varies programs from its buffer and writes new ones.${sofar} Nobody gives it tasks.`;
  },
  verify: (records) => {
    const ruled = records.filter(({ prompt, verdict }) => prompt.role === "proposer" && verdict !== undefined);
    const valid = ruled.filter(({ verdict }) => verdict?.verdict === "VALID").length;
    return `Real Python runs every program twice. ${valid} of ${plural(ruled.length, "proposal")} may become tasks; the rest are refused with a reason.`;
  },
  solve: (records, { rulings }) => {
    const tries = records.filter(({ prompt }) => prompt.role === "solver");
    const right = tries.filter(({ verdict }) => verdict?.verdict === "CORRECT").length;
    const found = tries.length > 0 ? ` ${right} of ${tries.length} are right.` : "";
    const rated = Object.keys(rulings).length > 0 ? " How often a task is solved decides what its proposer earns." : "";
    return `The model answers, straight away or step by step.${found}${rated}`;
  },
  reward: (_records, { rulings }) => {
    const proposers =
      Object.keys(rulings).length > 0
        ? " A proposer earns most for tasks that are sometimes, but not always, solved."
        : "";
    return `A right answer earns +1, a wrong one −0.5, none at all −1.${proposers}`;
  },
  advantage: (_records, { current }) => {
    const groups = current.credits.length;
    return `Each reward is compared with the mean of its group, ${plural(groups, "group")} in this step. Above the mean is warm and becomes more likely; below is cold.`;
  },
  update: (_records, { history }) => {
    const last = history.at(-1)?.metrics["policy/gradNorm"];
    const norm = last === undefined ? "" : ` The last gradient had norm ${fixed(last)}.`;
    return `One gradient step moves all weights so that warm tokens become more likely and cold ones less.${norm}`;
  },
  evaluate: () => "Tasks that are never trained on are solved greedily: this is the headline curve.",
};

/** Phases end before the next begins; while paused in between, the note stays with the one that ended. */
function lastPhase(run: RunState): Phase | null {
  const ended = Object.keys(run.current.phases) as Phase[];
  return ended.at(-1) ?? null;
}

function endText({ status, history }: RunState): string {
  const how = { done: "All steps are done", stopped: "It was stopped", failed: "It failed" }[
    status as "done" | "stopped" | "failed"
  ];
  return `${how} after ${plural(history.length, "step")}.`;
}
