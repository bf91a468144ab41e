/** What the stage shows: one task with the proposal that made it and the attempts at it. Pure reading of the state. */
import { type Credit, TASK_TYPES, type Task, type TaskType } from "../contracts";
import type { SampleRecord, StepState } from "../telemetry/state";
import { readProposal } from "./reading";

/** A sample's place in the group whose rewards it is compared with. */
export interface CreditShare {
  readonly credit: Credit;
  readonly reward: number;
  readonly advantage: number;
}

export interface Attempt {
  readonly record: SampleRecord;
  readonly share: CreditShare | null;
}

export interface Scene {
  readonly id: string;
  readonly step: number;
  readonly type: TaskType;
  /** null: the task comes from the buffer or was given. */
  readonly proposal: SampleRecord | null;
  readonly proposalShare: CreditShare | null;
  readonly program: string;
  readonly inputs: readonly string[];
  readonly message: string;
  /** The task as solvers get it; null while nobody has tried it. */
  readonly task: Task | null;
  readonly attempts: readonly Attempt[];
}

const cache = new WeakMap<StepState, readonly Scene[]>();

/** All scenes of a step: proposals in order of arrival, then tasks from elsewhere. Computed once per state. */
export function scenesOf(step: StepState): readonly Scene[] {
  const known = cache.get(step);
  if (known) return known;
  const scenes = buildScenes(step);
  cache.set(step, scenes);
  return scenes;
}

/**
 * The scene to show when nobody chose one: of the task type whose turn it is, the one that has come furthest.
 * Types take turns by step, so a run that trains all three shows all three.
 */
export function leadingScene(scenes: readonly Scene[]): Scene | null {
  const first = scenes[0];
  if (!first) return null;
  const turn = TASK_TYPES[first.step % TASK_TYPES.length];
  const ofTurn = scenes.filter((scene) => scene.type === turn);
  const candidates = ofTurn.length > 0 ? ofTurn : scenes;
  return candidates.reduce((best, scene) => (progress(scene) > progress(best) ? scene : best));
}

/** Where a sample stands in its group; null before advantages are known or when it was not trained on. */
export function creditShare(step: StepState, sampleId: string): CreditShare | null {
  for (const credit of step.credits) {
    const index = credit.sampleIds.indexOf(sampleId);
    const reward = credit.rewards[index];
    const advantage = credit.advantages[index];
    if (reward !== undefined && advantage !== undefined) return { credit, reward, advantage };
  }
  return null;
}

/** Mixed outcomes teach most, so a task that is sometimes solved leads; then whatever has more to show. */
function progress(scene: Scene): number {
  const right = scene.attempts.filter(({ record }) => record.verdict?.verdict === "CORRECT").length;
  const mixed = right > 0 && right < scene.attempts.length ? 100 : 0;
  const valid = scene.proposal?.verdict?.verdict === "VALID" ? 10 : 0;
  return mixed + valid + Math.min(scene.attempts.length, 8);
}

interface Draft extends Omit<Scene, "attempts" | "task"> {
  task: Task | null;
  attempts: Attempt[];
}

function buildScenes(step: StepState): Scene[] {
  const drafts: Draft[] = [];
  const byTask = new Map<string, Draft>();
  const shares = sharesOf(step.credits);
  for (const record of step.samples.values()) {
    const share = shares.get(record.sample.id) ?? null;
    if (record.prompt.role === "proposer") addProposal(drafts, byTask, step.step, record, share);
    else addAttempt(drafts, byTask, step.step, record, share);
  }
  return drafts;
}

function sharesOf(credits: readonly Credit[]): Map<string, CreditShare> {
  const shares = new Map<string, CreditShare>();
  for (const credit of credits) {
    credit.sampleIds.forEach((id, index) => {
      const reward = credit.rewards[index] ?? 0;
      shares.set(id, { credit, reward, advantage: credit.advantages[index] ?? 0 });
    });
  }
  return shares;
}

function addProposal(
  drafts: Draft[],
  byTask: Map<string, Draft>,
  step: number,
  record: SampleRecord,
  share: CreditShare | null,
): void {
  const { program, inputs, message } = readProposal(record.prompt, record.sample.text);
  const { type } = record.prompt;
  const draft: Draft = {
    id: record.sample.id,
    step,
    type,
    proposal: record,
    proposalShare: share,
    program,
    inputs,
    message,
    task: null,
    attempts: [],
  };
  drafts.push(draft);
  const key = taskKey(type, program, inputs);
  if (!byTask.has(key) || record.verdict?.verdict === "VALID") byTask.set(key, draft);
}

function addAttempt(
  drafts: Draft[],
  byTask: Map<string, Draft>,
  step: number,
  record: SampleRecord,
  share: CreditShare | null,
): void {
  const { prompt } = record;
  const task = prompt.task ?? null;
  const inputs = task?.pairs.map((pair) => pair.input) ?? [];
  const proposed = task ? byTask.get(taskKey(task.type, task.program, inputs)) : undefined;
  const scene = proposed ?? byTask.get(prompt.id) ?? addTask(drafts, byTask, step, record, inputs);
  scene.task ??= task;
  scene.attempts.push({ record, share });
}

function addTask(
  drafts: Draft[],
  byTask: Map<string, Draft>,
  step: number,
  { prompt }: SampleRecord,
  inputs: readonly string[],
): Draft {
  const draft: Draft = {
    id: prompt.id,
    step,
    type: prompt.type,
    proposal: null,
    proposalShare: null,
    program: prompt.task?.program ?? "",
    inputs,
    message: prompt.task?.message ?? "",
    task: prompt.task ?? null,
    attempts: [],
  };
  drafts.push(draft);
  byTask.set(prompt.id, draft);
  return draft;
}

/** Blanks do not matter: the verifier may have rewritten a literal. */
function taskKey(type: TaskType, program: string, inputs: readonly string[]): string {
  return `${type} ${program.trim()} ${inputs.join(";").replaceAll(" ", "")}`;
}
