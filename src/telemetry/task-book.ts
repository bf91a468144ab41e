import type { SamplePurpose, Task, TrainEvent, Verdict } from "../contracts";

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
  /** Solved share of the rollouts that rated it when it was new; null where none were drawn. */
  solveRate: number | null;
  /** Judged answers and right ones, those that rated it included. */
  judged: number;
  right: number;
  /** Answers trained on. */
  used: number;
  /** The latest answers, oldest first. */
  readonly attempts: TaskAttempt[];
}

/** Answers kept per task: a run draws tens of thousands. */
const ATTEMPTS_KEPT = 32;

/**
 * The tasks of a run, folded from its events like the run's state: live, replayed and imported logs alike. It grows in
 * place, because a copy per event of thousands of tasks would cost more than the run; `version` tells that it has.
 */
export class TaskBook {
  version = 0;
  /** Events of a past that nobody has looked at yet: moving about in a recording must cost nothing. */
  private unread: TrainEvent[] = [];
  private readonly byId = new Map<string, TaskRecord>();
  /** Answers of the step under way, by sample: verdicts and rewards still come. */
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

  /** Begin anew with these events. */
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

  /** Tasks that come from elsewhere are first seen in a prompt. */
  private add(task: Task): TaskRecord {
    const known = this.byId.get(task.id);
    if (known) return known;
    const record = { task, index: this.byId.size, solveRate: null, judged: 0, right: 0, used: 0, attempts: [] };
    this.byId.set(task.id, record);
    return record;
  }

  private attempt({ prompt, sample, purpose, step }: Extract<TrainEvent, { type: "rollout.sample" }>): void {
    if (prompt.role !== "solver" || !prompt.task || purpose === "evaluate") return;
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

  /** A task keeps the id of the sample that proposed it. */
  private rate(sampleId: string, solveRate: number | null): void {
    const record = this.byId.get(sampleId);
    if (record) record.solveRate = solveRate;
  }
}

/** The tasks that a log leaves behind. */
export function taskBookOf(events: Iterable<TrainEvent>): TaskBook {
  const book = new TaskBook();
  for (const event of events) book.see(event);
  return book;
}
