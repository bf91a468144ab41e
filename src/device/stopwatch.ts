/** Measures the time of dispatches. */
export interface Stopwatch {
  /** Milliseconds of the dispatches in `record`. */
  milliseconds(record: () => void): Promise<number>;
  destroy(): void;
}
