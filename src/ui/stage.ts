/** What lies on the stage: derived from the run, what is being written, and what the visitor chose. */
import { type Credit, isProposer, isSolver, type StageName, TASK_TYPES, typeOf } from "../contracts";
import { finishedSteps, type RunState, type SampleRecord, type StepState } from "../telemetry/state";
import { stepNumber } from "./format";
import type { LiveSample, LiveState } from "./live";
import { type Attempt, type CreditShare, creditShare, leadingScene, type Scene, scenesOf } from "./scenes";

/** A moment of a run, frozen while training continues. */
export interface Explained {
  readonly step: number;
  readonly record: SampleRecord;
  readonly share: CreditShare;
  /** All groups of its step, for the share of the loss. */
  readonly credits: readonly Credit[];
}

/** The visitor's selection. */
export interface Selection {
  /** null follows the run. */
  readonly scene: string | null;
  readonly attempt: string | null;
  readonly explained: Explained | null;
}

export const NOTHING_SELECTED: Selection = { scene: null, attempt: null, explained: null };

/** A run with its live tokens and the selection. */
export interface Sight {
  readonly run: RunState;
  readonly live: LiveState;
  readonly selection: Selection;
}

/** The step on stage: the current one, or the last one while the current has nothing to show. */
export function stepOnStage({ current, previous }: RunState): StepState {
  return current.samples.size === 0 && previous !== null ? previous : current;
}

/** Number of the step on screen: the current one, or between two the one on stage; 0 before a run. */
export function stepShown(run: RunState): number {
  if (run.status === "none") return 0;
  const making = run.active !== null && run.active.phase !== "evaluate";
  const number = making
    ? stepNumber(run.current.step)
    : Math.max(finishedSteps(run), stepNumber(stepOnStage(run).step));
  return Math.min(number, run.header?.steps ?? number);
}

/** What draws the samples of the run: as its method declares, "text" where the page does not know that name. */
export function stageName({ header }: Pick<RunState, "header">): StageName {
  return (header?.display.stage ?? "tasks") === "tasks" ? "tasks" : "text";
}

/** The scene on stage: the selected one during its step, else the leading one. */
export function sceneOnStage({ run, selection }: Sight): Scene | null {
  const scenes = scenesOf(stepOnStage(run));
  return scenes.find(({ id }) => id === selection.scene) ?? leadingScene(scenes);
}

/** The proposal to show while it is generated, of the step's task type; null if none is. */
export function proposalOnStage({ run, live, selection }: Sight): LiveSample | null {
  if (selection.scene !== null) return null;
  const writing = [...live.samples.values()].filter(isProposer);
  return writing.find(({ kind }) => typeOf(kind) === turnOf(run)) ?? writing[0] ?? null;
}

/** Unfinished answers: to the task on stage, or to one task of a step that has nothing else to show yet. */
export function answersOnStage(sight: Sight): readonly LiveSample[] {
  const { run, live, selection } = sight;
  const scene = sceneOnStage(sight);
  const writing = [...live.samples.values()].filter(isSolver);
  const here = writing.filter(({ promptId }) => promptId.startsWith(`${scene?.id}/`));
  if (here.length > 0 || selection.scene !== null || scenesOf(run.current).length > 0) return here;
  const first = writing.find(({ kind }) => typeOf(kind) === turnOf(run)) ?? writing[0];
  return writing.filter(({ promptId }) => promptId === first?.promptId);
}

/** The attempt shown in full: the selected one, else the first right one with a trace, else the first. */
export function attemptOnStage(sight: Sight): Attempt | null {
  const attempts = sceneOnStage(sight)?.attempts ?? [];
  const chosen = attempts.find(({ record }) => record.sample.id === sight.selection.attempt);
  const traced = attempts.find(({ record }) => record.sample.trace && record.verdict?.verdict === "CORRECT");
  return chosen ?? traced ?? attempts[0] ?? null;
}

/** The arithmetic of a sample of the step on stage; null if it has none, or its step is over. */
export function explanationOf(run: RunState, scene: Scene, record: SampleRecord): Explained | null {
  const step = stepOnStage(run);
  const share = creditShare(step, record.sample.id);
  return share && scene.step === step.step ? { step: step.step, record, share, credits: step.credits } : null;
}

/** Tokens sampled and trained per second in the last step; null before the first. */
export function tokensPerSecond({ history }: RunState): number | null {
  const last = history.at(-1);
  if (!last) return null;
  const ms = Object.values(last.timings).reduce((sum, value) => sum + value, 0);
  const tokens = (last.metrics["tokens/sampled"] ?? 0) + (last.metrics["tokens/trained"] ?? 0);
  return ms > 0 ? (1000 * tokens) / ms : null;
}

function turnOf({ current }: RunState) {
  return TASK_TYPES[current.step % TASK_TYPES.length];
}
