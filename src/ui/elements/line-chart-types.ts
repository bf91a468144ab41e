/** Shape at the end of a line. Each task type has its own, so that colour is not the only difference. */
export type MarkShape = "circle" | "square" | "triangle" | "diamond" | "none";

/** One line; `values` match the chart's `steps`, null if not measured. */
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

/** A single mark; its area shows the number of tasks. */
export interface ChartSpot {
  readonly shape: MarkShape;
  /** Name of the colour token. */
  readonly color: string;
  readonly x: number;
  readonly value: number;
  /** In units of the horizontal axis. */
  readonly radius: number;
}
