import type { Group, Sample, Stage, Task, Verdict, Verifier } from "../contracts";
import { parseAnswer, SHOWN_PAIRS, TRACE_START } from "./formats";

/** A solver's sample with the answer that was read from it. */
interface Attempt {
  readonly task: Task;
  readonly sample: Sample;
  readonly answer: string | null;
}

/**
 * Judges solver samples by the verifier: fills `sample.verdict` and yields the verdicts in order. Equal answers to
 * one task are judged once. A completion without a readable answer is FORMAT and never reaches the verifier.
 */
export async function* judge(verifier: Verifier, groups: readonly Group[]): Stage<void> {
  const attempts = groups.flatMap(readAttempts);
  const verdicts = await judgeAnswers(verifier, attempts);
  for (const attempt of attempts) {
    const verdict = verdicts.get(keyOf(attempt)) ?? { verdict: "FORMAT", reason: "no answer in the expected form" };
    attempt.sample.verdict = verdict;
    yield { type: "verify.verdict", sampleId: attempt.sample.id, verdict };
  }
}

function readAttempts({ prompt, samples }: Group): Attempt[] {
  const task = prompt.task;
  if (!task) throw new Error(`judge: prompt ${prompt.id} has no task`);
  const begun = prompt.text.endsWith(TRACE_START) ? TRACE_START : "";
  return samples.map((sample) => ({
    task,
    sample,
    answer: parseAnswer({ text: begun + sample.text, stop: sample.stop }),
  }));
}

/** Verdict of every distinct readable answer, by `keyOf`. */
async function judgeAnswers(verifier: Verifier, attempts: readonly Attempt[]): Promise<Map<string, Verdict>> {
  const distinct = new Map(
    attempts.filter(({ answer }) => answer !== null).map((attempt) => [keyOf(attempt), attempt]),
  );
  const verdicts = new Map<string, Verdict>();
  for (const type of ["deduction", "abduction", "induction"] as const) {
    const entries = [...distinct].filter(([, { task }]) => task.type === type);
    const judged = await judgeType(
      verifier,
      type,
      entries.map(([, attempt]) => attempt),
    );
    for (const [index, [key]] of entries.entries()) verdicts.set(key, judged[index] as Verdict);
  }
  return verdicts;
}

async function judgeType(verifier: Verifier, type: Task["type"], attempts: readonly Attempt[]): Promise<Verdict[]> {
  if (attempts.length === 0) return [];
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
    default:
      return type satisfies never;
  }
}

function firstPair(task: Task) {
  const pair = task.pairs[0];
  if (!pair) throw new Error(`task ${task.id} has no pair`);
  return pair;
}

function keyOf({ task, answer }: Attempt): string {
  return answer === null ? "" : JSON.stringify([task.type, task.id, answer]);
}
