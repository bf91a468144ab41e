/** What the answers to a suite come to. A suite may name measures of its own besides the usual ones. */
import { ALL_TASK_TYPES, type Group, type Measure, type Sample, type TaskType } from "../contracts";
import { isComplete } from "../tasks/traces";

/** How an answer was drawn: greedily, as the options say, or greedily after a forced `<think>`. */
export type Mode = "greedy" | "sampled" | "forcedTrace";

/** Judged answers to some tasks of a type, drawn in one mode. */
export interface Answered {
  readonly type: TaskType;
  readonly mode: Mode;
  readonly groups: readonly Group[];
}

/** A figure, or several, of a suite's answers; none where it does not apply. */
export type SuiteMeasure = (answered: readonly Answered[]) => readonly Measure[];

/** Every suite has these. */
export const USUAL_MEASURES: readonly SuiteMeasure[] = [accuracy, completeTraces, everRight];

const MODES: readonly Mode[] = ["greedy", "sampled", "forcedTrace"];

/** Right answers of each type in each mode, and the sampled answers that have a trace. */
function accuracy(answered: readonly Answered[]): Measure[] {
  return ALL_TASK_TYPES.flatMap((type) => {
    const right = MODES.flatMap((mode) => shareOf(`${type}/${mode}`, answersOf(answered, type, mode), isRight));
    const traced = shareOf(`${type}/traceShare`, answersOf(answered, type, "sampled"), ({ sample }) => sample.trace);
    return [...right, ...traced];
  });
}

const COMPLETE = { greedy: "complete", sampled: "sampledComplete", forcedTrace: "forcedComplete" } as const;

/** Deduction: answers that are right and whose trace has every statement in order, so that luck does not count. */
function completeTraces(answered: readonly Answered[]): Measure[] {
  return MODES.flatMap((mode) =>
    shareOf(`deduction/${COMPLETE[mode]}`, answersOf(answered, "deduction", mode), isWhole),
  );
}

/**
 * pass@k of k samples per task: tasks with at least one right answer, and deductions with at least one that is complete too.
 * Nothing for one sample per task, which `sampled` says already.
 */
function everRight(answered: readonly Answered[]): Measure[] {
  return ALL_TASK_TYPES.flatMap((type) => {
    const tasks = groupsOf(answered, type, "sampled").filter(({ samples }) => samples.length > 1);
    const passed = (name: string, holds: (answer: Answer) => boolean): Measure[] =>
      tasks.length === 0
        ? []
        : [{ name: `${type}/${name}`, value: share(tasks, (task) => answersTo(task).some(holds)), n: tasks.length }];
    return [...passed("ever", isRight), ...(type === "deduction" ? passed("everComplete", isWhole) : [])];
  });
}

interface Answer {
  readonly prompt: Group["prompt"];
  readonly sample: Sample;
}

function groupsOf(answered: readonly Answered[], type: TaskType, mode: Mode): Group[] {
  return answered.filter((one) => one.type === type && one.mode === mode).flatMap((one) => one.groups);
}

const answersTo = ({ prompt, samples }: Group): Answer[] => samples.map((sample) => ({ prompt, sample }));

function answersOf(answered: readonly Answered[], type: TaskType, mode: Mode): Answer[] {
  return groupsOf(answered, type, mode).flatMap(answersTo);
}

const isRight = ({ sample }: Answer): boolean => sample.verdict?.verdict === "CORRECT";
const isWhole = (answer: Answer): boolean => isRight(answer) && isComplete(answer.prompt, answer.sample);

/** The measure, or nothing where nothing was answered. */
function shareOf(name: string, answers: readonly Answer[], holds: (answer: Answer) => boolean): Measure[] {
  return answers.length === 0 ? [] : [{ name, value: share(answers, holds), n: answers.length }];
}

/** Share of the items for which `holds` is true: 0 to 1, and 0 for an empty list. */
export function share<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return items.filter(holds).length / Math.max(1, items.length);
}
