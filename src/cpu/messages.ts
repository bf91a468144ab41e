/** What the owner of the engine and its helpers tell each other. */
import { type FailureReason, KelvinError } from "../contracts";
import type { Simd } from "../device/device";

export type ToHelper =
  | { readonly type: "open"; readonly simd: Simd; readonly mostBytes: number; readonly module: WebAssembly.Module }
  | { readonly type: "give"; readonly id: number; readonly name: string; readonly asks: unknown }
  | { readonly type: "cancel"; readonly id: number }
  /** The owner is at work: go on for a while. */
  | { readonly type: "beat" };

export type FromHelper =
  | { readonly type: "ready" }
  | { readonly type: "unable"; readonly failure: Failure }
  | { readonly type: "part"; readonly id: number; readonly part: unknown }
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly type: "failed"; readonly id: number; readonly failure: Failure };

/** An error on its way between threads. */
export interface Failure {
  /** null for a mistake in the code. */
  readonly reason: FailureReason | "input" | null;
  readonly message: string;
  readonly hint: string;
}

export function packed(error: unknown): Failure {
  if (error instanceof KelvinError) return { reason: error.reason, message: error.message, hint: error.hint };
  return { reason: null, message: error instanceof Error ? error.message : String(error), hint: "" };
}

export function unpacked({ reason, message, hint }: Failure): Error {
  return reason === null ? new Error(message) : new KelvinError(reason, message, hint);
}
