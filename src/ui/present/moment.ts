/** What a presentation says of one moment: a few words in large type. Pure reading of the run's state. */
import { type Credit, largest, type Phase, smallest, type TaskType } from "../../contracts";
import { finishedSteps, type RunState, type SampleRecord } from "../../telemetry/state";
import { fixed, plural, reward, signed, whole } from "../format";
import type { IconName } from "../icons";
import { readAttempt } from "../reading";
import { attemptWord } from "../rulings";
import type { Attempt, Scene } from "../scenes";

/** A part of the caption; heat colours advantages. */
export interface Said {
  readonly text: string;
  readonly heat?: "warm" | "cold";
}

/** One attempt as a tile. */
export interface Tile {
  readonly answer: string;
  readonly verdict: { readonly icon: IconName; readonly word: string } | null;
  /** null if not trained on, or not compared yet. */
  readonly advantage: number | null;
  /** Text below the answer: the advantage, the reward, or why it has neither. */
  readonly foot: string;
}

/** Text below an attempt that only measures how often the task is solved. */
export const RATES = "rates the task";

/** Tiles per row. */
const TILES = 8;

/** The question to the audience. */
export const QUESTION: Readonly<Record<TaskType, string>> = {
  deduction: "What does it return?",
  abduction: "Which input leads there?",
  induction: "Which program does this?",
};

/** The attempts at a task; those trained on come first. */
export function tilesOf(attempts: readonly Attempt[]): Tile[] {
  const trained = attempts.filter(({ record }) => record.purpose === "train");
  const others = attempts.filter(({ record }) => record.purpose !== "train");
  return [...trained, ...others].slice(0, TILES).map(tile);
}

function tile({ record, share }: Attempt): Tile {
  const { answer } = readAttempt(record.sample.text);
  const foot = share
    ? signed(share.advantage)
    : record.reward !== undefined
      ? reward(record.reward)
      : record.purpose === "learnability"
        ? RATES
        : "";
  return {
    answer: answer ?? "?",
    verdict: record.verdict ? attemptWord(record.verdict) : null,
    advantage: share?.advantage ?? null,
    foot,
  };
}

/** One sentence for the audience. */
export function caption(run: RunState, phase: Phase | null, scene: Scene | null): Said[] {
  if (run.status === "stopped" && run.message !== "") return say(run.message);
  if (run.status !== "running" && run.status !== "none") return say(endText(run));
  if (phase === null) return say("It gets ready.");
  return CAPTIONS[phase](run, scene);
}

type Caption = (run: RunState, scene: Scene | null) => Said[];

const CAPTIONS: Readonly<Record<Phase, Caption>> = {
  propose: ({ current }) => {
    const written = samplesOf(current.samples, "proposer").length;
    return say(
      written > 0 ? `It invented ${plural(written, "task")}. Nobody gave it any.` : "It invents its own tasks.",
    );
  },
  verify: ({ current }) => {
    const proposals = samplesOf(current.samples, "proposer");
    const valid = proposals.filter(({ verdict }) => verdict?.verdict === "VALID").length;
    return say(`Python ran them all: ${valid} of ${whole(proposals.length)} may become tasks.`);
  },
  solve: ({ current }) => {
    const answers = samplesOf(current.samples, "solver");
    const traced = answers.filter(({ sample }) => sample.trace).length;
    if (answers.length === 0) return say("The same model now solves.");
    return say(`${whole(answers.length)} answers, ${whole(traced)} of them worked step by step. Are they right?`);
  },
  reward: ({ current }) => {
    const paid = samplesOf(current.samples, "solver").filter((record) => record.reward !== undefined);
    const right = paid.filter(({ verdict }) => verdict?.verdict === "CORRECT").length;
    return say(`Right earns +1, wrong −0.5: ${right} of ${whole(paid.length)} are right.`);
  },
  advantage: ({ current }, scene) => {
    const { best, worst } = extremes(creditOf(current.credits, scene));
    if (best === null || worst === null) return say("All did equally well: there is nothing to prefer.");
    return [
      { text: "Better than the group: " },
      { text: signed(best), heat: "warm" },
      { text: ", made more likely. Worse: " },
      { text: signed(worst), heat: "cold" },
      { text: ", made less likely." },
    ];
  },
  update: ({ current, history, header }) => {
    const metrics = history.findLast(({ step }) => step === current.step)?.metrics;
    if (current.skipped !== "") return say(`Nothing is learned: ${current.skipped}.`);
    const tokens = metrics?.["tokens/trained"];
    const from = tokens === undefined ? "" : `, from ${whole(tokens)} tokens`;
    return say(`${whole(header?.model.parameters)} weights move a little${from}.`);
  },
  evaluate: ({ evaluations, current }) => {
    const deduction = evaluations.findLast(({ step }) => step === current.step)?.result.deduction;
    const found = deduction ? `: ${fixed(100 * deduction.greedy, 1)} % right` : "";
    return say(`An exam it never trains on${found}.`);
  },
};

function say(text: string): Said[] {
  return [{ text }];
}

function samplesOf(samples: ReadonlyMap<string, SampleRecord>, role: "proposer" | "solver"): SampleRecord[] {
  return [...samples.values()].filter(({ prompt }) => prompt.role === role);
}

/** The group of the attempts on screen where its rewards differ; else one of solvers in which they do, else any. */
function creditOf(credits: readonly Credit[], scene: Scene | null): Credit | undefined {
  const shown = scene?.attempts.find(({ share }) => share !== null)?.share?.credit;
  const differing = [...(shown ? [shown] : []), ...credits].filter(({ deviation }) => deviation > 0);
  if (shown && differing[0] === shown) return shown;
  return differing.find(({ group }) => group.startsWith("solver")) ?? differing[0];
}

/** Best and worst advantage of a group; null where all are equal. */
function extremes(credit: Credit | undefined): { best: number | null; worst: number | null } {
  if (!credit || credit.deviation === 0) return { best: null, worst: null };
  return { best: largest(credit.advantages), worst: smallest(credit.advantages) };
}

function endText(run: RunState): string {
  const how = { done: "The run is over", stopped: "The run was stopped", failed: "The run failed" };
  return `${how[run.status as keyof typeof how]} after ${plural(finishedSteps(run), "step")}.`;
}
