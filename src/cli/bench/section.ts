import type { AdapterChoice } from "../node-adapter";

/** One measured figure. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `1/s`, `ms`, … */
  readonly unit: string;
  /** How it was measured, or why it is missing (then the value is NaN). */
  readonly note?: string;
}

/** Options of the command line. */
export interface Settings {
  readonly adapter: AdapterChoice;
  /** How long one measurement repeats its work. */
  readonly seconds: number;
  /** A library without a result after this time is ended. */
  readonly limitSeconds: number;
}

/** A part of the benchmark, one file each. Sections run one after another. */
export interface Section {
  /** What is measured and where, for example `verifier in Node`. */
  readonly name: string;
  /** Runs only if it is named. */
  readonly onRequest?: boolean;
  /** The figures, or the reason why this machine cannot measure them. */
  measure(settings: Settings): Promise<readonly Figure[] | string>;
}

/** Runs `measure` an odd number of times and takes the median of each figure, which ignores bursts of other work. */
export async function medianOf(times: number, measure: () => Promise<readonly Figure[]>): Promise<Figure[]> {
  const runs: (readonly Figure[])[] = [];
  for (let turn = 0; turn < times; turn++) runs.push(await measure());
  return (runs[0] ?? []).map((figure, index) => {
    const values = runs.map((run) => run[index]?.value ?? Number.NaN).sort((a, b) => a - b);
    return { ...figure, value: values[times >> 1] ?? Number.NaN };
  });
}
