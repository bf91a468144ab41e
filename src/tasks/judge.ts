import {
  ALL_TASK_TYPES,
  type Group,
  type Sample,
  SHOWN_PAIRS,
  type Stage,
  type Task,
  type TaskType,
  type Verdict,
  type Verifier,
} from "../contracts";
import { parseAnswer, TRACE_START } from "./formats";
import { Pending } from "./pending";
import { taskOf } from "./prompts";

/** A solver's sample with its parsed answer. */
interface Attempt {
  readonly task: Task;
  readonly sample: Sample;
  readonly answer: string | null;
}

/**
 * Judges solver samples with the verifier as soon as they are generated. Equal answers to one task are judged once. A
 * completion without a readable answer gets FORMAT and never reaches the verifier.
 */
export class Judging {
  private readonly pending = new Pending();
  /** By `keyOf`; null until the verifier has answered. */
  private readonly verdicts = new Map<string, Verdict | null>();

  constructor(private readonly verifier: Verifier) {}

  /** Starts judging these samples and returns at once. */
  begin(groups: readonly Group[]): void {
    const attempts = groups.flatMap(readAttempts).filter((attempt) => this.isNew(attempt));
    for (const type of ALL_TASK_TYPES) {
      const own = attempts.filter(({ task }) => task.type === type);
      if (own.length > 0) this.pending.add(this.judge(type, own));
    }
  }

  /**
   * Waits for all verdicts, fills `sample.verdict` and yields the verdicts in the order of the samples; starts those
   * not started by `begin`.
   */
  async *settle(groups: readonly Group[]): Stage<void> {
    this.begin(groups);
    await this.pending.settled();
    for (const attempt of groups.flatMap(readAttempts)) {
      const verdict = this.verdicts.get(keyOf(attempt)) ?? UNREADABLE;
      attempt.sample.verdict = verdict;
      yield { type: "verify.verdict", sampleId: attempt.sample.id, verdict };
    }
  }

  private isNew(attempt: Attempt): boolean {
    const key = keyOf(attempt);
    if (attempt.answer === null || this.verdicts.has(key)) return false;
    this.verdicts.set(key, null);
    return true;
  }

  private async judge(type: TaskType, attempts: readonly Attempt[]): Promise<void> {
    const verdicts = await judgeType(this.verifier, type, attempts);
    for (const [index, attempt] of attempts.entries()) this.verdicts.set(keyOf(attempt), verdicts[index] as Verdict);
  }
}

const UNREADABLE: Verdict = { verdict: "FORMAT", reason: "no answer in the expected form" };

function readAttempts({ prompt, samples }: Group): Attempt[] {
  const task = taskOf(prompt);
  const prefix = prompt.text.endsWith(TRACE_START) ? TRACE_START : "";
  return samples.map((sample) => ({
    task,
    sample,
    answer: parseAnswer({ text: prefix + sample.text, stop: sample.stop }),
  }));
}

function judgeType(verifier: Verifier, type: TaskType, attempts: readonly Attempt[]): Promise<Verdict[]> {
  switch (type) {
    case "deduction":
      return verifier.deduce(
        attempts.map(({ task, answer }) => ({ gold: firstPair(task).output, answer: answer ?? "" })),
      );
    case "abduction":
      return verifier.abduce(
        attempts.map(({ task, answer }) => ({
          program: task.program,
          gold: firstPair(task).output,
          answer: answer ?? "",
        })),
      );
    case "induction":
      return verifier.induce(
        attempts.map(({ task, answer }) => ({ program: answer ?? "", pairs: task.pairs.slice(SHOWN_PAIRS) })),
      );
    case "integration":
      return judgeIntegrals(attempts);
    default:
      return type satisfies never;
  }
}

/** The numeric verifier is loaded when there is an integral to judge. */
async function judgeIntegrals(attempts: readonly Attempt[]): Promise<Verdict[]> {
  const { integralVerdict } = await import("./integrals");
  return attempts.map(({ task, answer }) => integralVerdict(task.program, answer ?? ""));
}

function firstPair(task: Task) {
  const pair = task.pairs[0];
  if (!pair) throw new Error(`task ${task.id} has no pair`);
  return pair;
}

function keyOf({ task, answer }: Attempt): string {
  return answer === null ? "" : JSON.stringify([task.type, task.id, answer]);
}
