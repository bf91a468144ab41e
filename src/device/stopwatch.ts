/** Times what a device computes. */
export interface Stopwatch {
  /** Milliseconds that what `record` dispatches takes. */
  milliseconds(record: () => void): Promise<number>;
  destroy(): void;
}
