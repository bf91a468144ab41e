/** Shape at the end of a line; each task type has its own, so colour is never alone. */
export type MarkShape = "circle" | "square" | "triangle" | "none";

/** One line; `values` follow the chart's `steps`, null where nothing was measured. */
export interface ChartSeries {
  readonly label: string;
  /** Name of the colour token. */
  readonly color: string;
  readonly dash: readonly number[];
  readonly mark: MarkShape;
  readonly values: readonly (number | null)[];
}

/** A named horizontal line. */
export interface ReferenceLine {
  readonly value: number;
  readonly label: string;
}

/** A single mark, besides the lines; its area says how many things lie there. */
export interface ChartSpot {
  readonly shape: MarkShape;
  /** Name of the colour token. */
  readonly color: string;
  readonly x: number;
  readonly value: number;
  /** In units of the horizontal axis. */
  readonly radius: number;
}
