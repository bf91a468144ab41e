/** Threads that compute beside the one that owns a device. Knows neither how a thread is made nor what it computes. */

/** A line to another thread. */
export interface Channel {
  /** The buffers in `transfer` move to the other side. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  /** Called once. `onEnd` says why the other side ended by itself. */
  listen(onMessage: (message: unknown) => void, onEnd: (why: string) => void): void;
  /** Ends the other side. */
  close(): void;
}

/** Makes threads, each of which runs `help` (src/cpu/helper.ts). */
export interface Threads {
  /** How many to make. */
  readonly count: number;
  spawn(): Channel;
}

/** Work for a helper; its name and both types are the caller's. */
export interface Task {
  readonly name: string;
  readonly asks: unknown;
  /** Buffers in `asks` that move to the helper. */
  readonly transfer?: readonly ArrayBuffer[];
}

/** A task that a helper has been given. */
export interface Given {
  /** The answer. Rejects with the helper's error, or KelvinError "device-lost" if it ended. */
  readonly answer: Promise<unknown>;
  /** The answer is no longer wanted: the helper stops soon, and answers null. */
  cancel(): void;
}

/** Threads with a device of their own. Each does its tasks one after another. */
export interface Helpers {
  readonly count: number;
  /** Bytes that the system has free for all threads together; infinite if unknown. */
  readonly freeBytes: () => number;
  /** @param onPart called with each part of an answer that is given in parts */
  give(helper: number, task: Task, onPart?: (part: never) => void): Given;
}
