/** What a presentation says of one moment: a few words in large type. Pure reading of the run's state. */
import type { Phase, TaskType } from "../../contracts";
import { sayParts } from "../../telemetry/note";
import { finishedSteps, type RunState } from "../../telemetry/state";
import { plural, reward, signed } from "../format";
import type { IconName } from "../icons";
import { momentFigures } from "../moment-figures";
import { phaseInfo } from "../phase-notes";
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
  integration: "What has this derivative?",
};

/** The attempts at a task; those trained on come first. */
export function tilesOf(attempts: readonly Attempt[]): Tile[] {
  const trained = attempts.filter(({ record }) => record.purpose === "train");
  const others = attempts.filter(({ record }) => record.purpose !== "train");
  return [...trained, ...others].slice(0, TILES).map(tile);
}

/** Completions that are no attempts at a task: only their text can be shown. */
export function tilesOfText(attempts: readonly Attempt[]): Tile[] {
  return attempts.slice(0, TILES).map((attempt) => ({ ...tile(attempt), answer: attempt.record.sample.text.trim() }));
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
  const shown = scene?.attempts.find(({ share }) => share !== null)?.share?.credit ?? null;
  return sayParts(phaseInfo(run, phase).caption, momentFigures(run, shown)).map(({ text, figure }) => {
    const heat = figure === null ? undefined : HEAT[figure];
    return heat ? { text, heat } : { text };
  });
}

/** Figures that are advantages. */
const HEAT: Readonly<Record<string, "warm" | "cold">> = { best: "warm", worst: "cold" };

function say(text: string): Said[] {
  return [{ text }];
}

function endText(run: RunState): string {
  const how = { done: "The run is over", stopped: "The run was stopped", failed: "The run failed" };
  return `${how[run.status as keyof typeof how]} after ${plural(finishedSteps(run), "step")}.`;
}
