import { isSolver, type SamplePurpose, type Task, type TrainEvent, type Verdict } from "../contracts";

/** One answer to a task. */
export interface TaskAttempt {
  readonly step: number;
  readonly sampleId: string;
  /** The completion as text. */
  readonly text: string;
  readonly trace: boolean;
  readonly purpose: SamplePurpose;
  verdict: Verdict | null;
  reward: number | null;
}

/** A task of a run with everything that happened to it. */
export interface TaskRecord {
  readonly task: Task;
  /** Position in order of arrival. */
  readonly index: number;
  /** Solve rate over the learnability rollouts; null if there were none. */
  solveRate: number | null;
  /** Judged answers and right ones, including learnability rollouts. */
  judged: number;
  right: number;
  /** Answers trained on. */
  used: number;
  /** The latest answers, oldest first. */
  readonly attempts: TaskAttempt[];
}

/** Answers stored per task: a run draws tens of thousands. */
const ATTEMPTS_KEPT = 32;

/**
 * The tasks of a run, computed from its events: live, replayed and imported logs alike. It is mutated, because copying thousands
 * of tasks per event would cost more than the run; `version` increases with each change.
 */
export class TaskBook {
  version = 0;
  /** Events not yet processed: a seek in a recording only stores them here. */
  private unread: TrainEvent[] = [];
  private readonly byId = new Map<string, TaskRecord>();
  /** Answers of the current step by sample, waiting for verdicts and rewards. */
  private readonly open = new Map<string, { record: TaskRecord; attempt: TaskAttempt }>();

  /** In order of arrival. */
  get records(): readonly TaskRecord[] {
    this.readOn();
    return [...this.byId.values()];
  }

  find(id: string): TaskRecord | null {
    this.readOn();
    return this.byId.get(id) ?? null;
  }

  /** Starts again with these events. */
  restart(past: readonly TrainEvent[] = []): void {
    this.byId.clear();
    this.open.clear();
    this.unread = [...past];
    this.version += 1;
  }

  see(event: TrainEvent): void {
    if (this.unread.length > 0) this.unread.push(event);
    else this.fold(event);
  }

  private readOn(): void {
    const { unread } = this;
    this.unread = [];
    for (const event of unread) this.fold(event);
  }

  private fold(event: TrainEvent): void {
    switch (event.type) {
      case "run.start":
        this.byId.clear();
        this.open.clear();
        break;
      case "task.add":
        this.add(event.task);
        break;
      case "rollout.sample":
        this.attempt(event);
        break;
      case "verify.verdict":
        this.judge(event.sampleId, event.verdict);
        break;
      case "reward.sample":
        this.reward(event.sampleId, event.reward);
        break;
      case "reward.proposal":
        this.rate(event.sampleId, event.solveRate);
        break;
      case "step.end":
      case "step.skip":
        this.open.clear();
        return;
      default:
        return;
    }
    this.version += 1;
  }

  /** Tasks from outside the run first appear in a prompt. */
  private add(task: Task): TaskRecord {
    const known = this.byId.get(task.id);
    if (known) return known;
    const record = { task, index: this.byId.size, solveRate: null, judged: 0, right: 0, used: 0, attempts: [] };
    this.byId.set(task.id, record);
    return record;
  }

  private attempt({ prompt, sample, purpose, step }: Extract<TrainEvent, { type: "rollout.sample" }>): void {
    if (!isSolver(prompt) || !prompt.task || purpose === "evaluate") return;
    const record = this.add(prompt.task);
    const { id: sampleId, text, trace } = sample;
    const attempt: TaskAttempt = { step, sampleId, text, trace, purpose, verdict: null, reward: null };
    record.used += purpose === "train" ? 1 : 0;
    record.attempts.push(attempt);
    if (record.attempts.length > ATTEMPTS_KEPT) record.attempts.shift();
    this.open.set(sampleId, { record, attempt });
  }

  private judge(sampleId: string, verdict: Verdict): void {
    const found = this.open.get(sampleId);
    if (!found) return;
    found.attempt.verdict = verdict;
    found.record.judged += 1;
    found.record.right += verdict.verdict === "CORRECT" ? 1 : 0;
  }

  private reward(sampleId: string, reward: number): void {
    const found = this.open.get(sampleId);
    if (found) found.attempt.reward = reward;
  }

  /** A task has the id of the sample that proposed it. */
  private rate(sampleId: string, solveRate: number | null): void {
    const record = this.byId.get(sampleId);
    if (record) record.solveRate = solveRate;
  }
}
