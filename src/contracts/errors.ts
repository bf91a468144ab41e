import type { Json } from "./data";

/** What failed in the environment. */
export type FailureReason =
  | "no-webgpu"
  | "no-webassembly"
  /** Another tab of this page holds the device. */
  | "occupied"
  | "device-lost"
  | "out-of-memory"
  | "model"
  | "verifier"
  | "storage"
  /** A number of the training became infinite or not a number. */
  | "diverged"
  | "config"
  | "internal";

/** An environment failure or bad input that tells the reader what to do. */
export class KelvinError extends Error {
  override readonly name = "KelvinError";
  constructor(
    readonly reason: FailureReason | "input",
    message: string,
    readonly hint: string = "",
    readonly detail: Json = null,
  ) {
    super(message);
  }
}
