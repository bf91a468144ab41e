/**
 * Held-out figures as a list: suites and methods add to it, and nothing has to know every name. A name is `subject/what`: the
 * subject is usually a task type.
 */

/** A share of `n` things, 0 to 1: right answers, traces, preferences that agree. */
export interface Measure {
  /** `deduction/greedy`, `preference/accuracy`: letters and digits, at most one slash. */
  readonly name: string;
  readonly value: number;
  /** How many things the share is of. */
  readonly n: number;
}

/** What is measured for each task type of a suite; "complete" is of deduction alone. */
export const WHATS = {
  /** Right answers, greedy decoding. */
  greedy: "greedy",
  /** Right answers, one sample per task at temperature 1. */
  sampled: "sampled",
  /** Right answers, greedy after a forced `<think>`. */
  forcedTrace: "forced traces",
  /** Sampled answers that have a trace. */
  traceShare: "traces",
  /** Greedy answers that are right and whose trace has every statement in order. */
  complete: "complete and right",
  sampledComplete: "complete and right, sampled",
  forcedComplete: "complete and right, forced",
  /** Tasks with at least one right answer among several samples: pass@k. */
  ever: "at least one right",
  everComplete: "at least one complete and right",
} as const;

/** Measures that a curve of accuracy shows; others are in the tables. */
const HEADLINES: ReadonlySet<string> = new Set(["greedy", "accuracy", ""]);

/** The two halves of a name; a name without a slash has no second one. */
export function partsOf(name: string): { readonly subject: string; readonly what: string } {
  const at = name.indexOf("/");
  return at < 0 ? { subject: name, what: "" } : { subject: name.slice(0, at), what: name.slice(at + 1) };
}

/** For people: "deduction, complete and right". */
export function measureTitle(name: string): string {
  const { subject, what } = partsOf(name);
  const words = Object.entries(WHATS).find(([key]) => key === what)?.[1] ?? what;
  return words === "" ? subject : `${subject}, ${words}`;
}

/** Whether a curve of accuracy shows it. */
export function isHeadline({ name }: Measure): boolean {
  return HEADLINES.has(partsOf(name).what);
}

export function findMeasure(measures: readonly Measure[] | null | undefined, name: string): Measure | undefined {
  return measures?.find((one) => one.name === name);
}

/** The share of that name; undefined if it was not measured. */
export function shareIn(measures: readonly Measure[] | null | undefined, name: string): number | undefined {
  return findMeasure(measures, name)?.value;
}

/** Most things that one of the measures is a share of: 0 for an empty list. */
export function mostMeasured(measures: readonly Measure[]): number {
  return measures.reduce((most, { n }) => Math.max(most, n), 0);
}

/** By subject, as summaries and logs of before have it: `{deduction: {greedy: 0.3, tasks: 400}}`. */
export type Grouped = Readonly<Record<string, Readonly<Record<string, number>>>>;

export function grouped(measures: readonly Measure[]): Grouped {
  const subjects = new Map<string, Measure[]>();
  for (const measure of measures) {
    const { subject } = partsOf(measure.name);
    subjects.set(subject, [...(subjects.get(subject) ?? []), measure]);
  }
  const entry = ([subject, of]: readonly [string, Measure[]]) =>
    [subject, { ...Object.fromEntries(of.map(ratesOf)), tasks: of[0]?.n ?? 0 }] as const;
  return Object.fromEntries([...subjects].map(entry));
}

const ratesOf = ({ name, value }: Measure) => [partsOf(name).what || "share", value] as const;

/** The list that such a record stands for; a part that is no record becomes a measure that no schema accepts. */
export function ungrouped(results: object): Measure[] {
  return Object.entries(results).flatMap(([subject, rates]: readonly [string, unknown]) => {
    if (typeof rates !== "object" || rates === null) return [{ name: subject, value: Number.NaN, n: 0 }];
    const { tasks, ...others } = rates as Readonly<Record<string, number>>;
    return Object.entries(others).map(([what, value]) => ({
      name: `${subject}/${what}`,
      value,
      n: tasks ?? Number.NaN,
    }));
  });
}
