import type { AdapterChoice } from "../../gpu/node-adapter";

/** One measured figure. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `1/s`, `ms`, … */
  readonly unit: string;
  /** What a reader must know of it: how it was measured, or why it is missing (the value is then NaN). */
  readonly note?: string;
}

/** What was asked for on the command line. */
export interface Settings {
  readonly adapter: AdapterChoice;
  /** How long one measurement repeats its work. */
  readonly seconds: number;
  /** After this a library that has not answered is ended. */
  readonly limitSeconds: number;
}

/** A part of the benchmark: a file per section. It runs alone on the machine, one section after the other. */
export interface Section {
  /** What is measured and where, e.g. `verifier in Node`. */
  readonly name: string;
  /** Measured only where it is named. */
  readonly onRequest?: boolean;
  /** The figures, or why this machine cannot give them. */
  measure(settings: Settings): Promise<readonly Figure[] | string>;
}

/** Runs `measure` an odd number of times and keeps the median of each figure: a burst of other work is no result. */
export async function medianOf(times: number, measure: () => Promise<readonly Figure[]>): Promise<Figure[]> {
  const runs: (readonly Figure[])[] = [];
  for (let turn = 0; turn < times; turn++) runs.push(await measure());
  return (runs[0] ?? []).map((figure, index) => {
    const values = runs.map((run) => run[index]?.value ?? Number.NaN).sort((a, b) => a - b);
    return { ...figure, value: values[times >> 1] ?? Number.NaN };
  });
}
