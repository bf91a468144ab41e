/** What the stage shows: one task with the proposal that made it and the attempts at it. Pure reading of the state. */
import { type Credit, isProposer, isSolver, TASK_TYPES, type Task, type TaskType, typeOf } from "../contracts";
import type { SampleRecord, StepState } from "../telemetry/state";
import { readProposal } from "./reading";

/** A sample's place in the group that it is compared with. */
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
  /** null if the task comes from the buffer or was given. */
  readonly proposal: SampleRecord | null;
  readonly proposalShare: CreditShare | null;
  readonly program: string;
  readonly inputs: readonly string[];
  readonly message: string;
  /** The task as solvers get it; null before the first attempt. */
  readonly task: Task | null;
  readonly attempts: readonly Attempt[];
}

const cache = new WeakMap<StepState, readonly Scene[]>();

/**
 * All scenes of a step: proposals in order of arrival, then tasks from elsewhere. Samples of other kinds than proposals and
 * attempts are in none. Computed once per state.
 */
export function scenesOf(step: StepState): readonly Scene[] {
  const known = cache.get(step);
  if (known) return known;
  const scenes = buildScenes(step);
  cache.set(step, scenes);
  return scenes;
}

/**
 * The scene to show if the visitor chose none: of the task type whose turn it is, the one that has come furthest.
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

/** A sample's place in its group; null before advantages are known, or if it was not trained on. */
export function creditShare(step: StepState, sampleId: string): CreditShare | null {
  for (const credit of step.credits) {
    const index = credit.sampleIds.indexOf(sampleId);
    const reward = credit.rewards[index];
    const advantage = credit.advantages[index];
    if (reward !== undefined && advantage !== undefined) return { credit, reward, advantage };
  }
  return null;
}

/** Tasks with mixed outcomes come first, because they teach most; then those with more to show. */
function progress(scene: Scene): number {
  const right = scene.attempts.filter(({ record }) => record.verdict?.verdict === "CORRECT").length;
  const mixed = right > 0 && right < scene.attempts.length ? 100 : 0;
  const valid = scene.proposal?.verdict?.verdict === "VALID" ? 10 : 0;
  return mixed + valid + Math.min(scene.attempts.length, 8);
}

function buildScenes(step: StepState): Scene[] {
  const builder = new SceneBuilder(step.step);
  const shares = sharesOf(step.credits);
  for (const record of step.samples.values()) builder.add(record, shares.get(record.sample.id) ?? null);
  return builder.scenes;
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

interface Draft extends Omit<Scene, "attempts" | "task"> {
  task: Task | null;
  attempts: Attempt[];
}

class SceneBuilder {
  readonly scenes: Draft[] = [];
  private readonly byId = new Map<string, Draft>();

  constructor(private readonly step: number) {}

  add(record: SampleRecord, share: CreditShare | null): void {
    const type = typeOf(record.prompt.kind);
    if (type === null) return;
    if (isProposer(record.prompt)) this.addProposal(record, type, share);
    else if (isSolver(record.prompt)) this.addAttempt(record, type, share);
  }

  private addProposal(record: SampleRecord, type: TaskType, proposalShare: CreditShare | null): void {
    const { id, text } = record.sample;
    const parts = readProposal(record.prompt, text);
    this.put({ id, step: this.step, type, proposal: record, proposalShare, ...parts, task: null, attempts: [] });
  }

  private addAttempt(record: SampleRecord, type: TaskType, share: CreditShare | null): void {
    const { prompt } = record;
    const task = prompt.task ?? null;
    // A proposed task has the id of its sample; other tasks are identified by their prompts.
    const proposed = task ? this.byId.get(task.id) : undefined;
    const scene = proposed ?? this.byId.get(prompt.id) ?? this.addTask(prompt.id, type, task);
    scene.task ??= task;
    scene.attempts.push({ record, share });
  }

  private addTask(id: string, type: TaskType, task: Task | null): Draft {
    const inputs = task?.pairs.map((pair) => pair.input) ?? [];
    const parts = { program: task?.program ?? "", inputs, message: task?.message ?? "" };
    const given = { proposal: null, proposalShare: null, task, attempts: [] };
    return this.put({ id, step: this.step, type, ...parts, ...given });
  }

  private put(draft: Draft): Draft {
    this.scenes.push(draft);
    this.byId.set(draft.id, draft);
    return draft;
  }
}
