/**
 * Messages of the jail. The page gives the frame bytes and one end of a channel; the trainer's worker holds the other
 * end, and everything that follows passes there: programs and reports never meet the page's code.
 */
import type { Job, JobResult, Limits } from "./jobs";
import type { GuardSource, Images } from "./pool";

/** Pyodide's files as the page fetched them. */
export interface JailAssets {
  readonly loader: ArrayBuffer;
  readonly factory: ArrayBuffer;
  readonly wasm: ArrayBuffer;
  readonly library: ArrayBuffer;
}

/** Page → frame, with the frame's end of the channel. */
export interface AssetsMessage {
  readonly type: "jail.assets";
  readonly assets: JailAssets;
}
/** Frame → page: it listens now. */
export interface FrameReady {
  readonly type: "jail.ready";
}

/** Trainer → frame. */
export type JailRequest =
  | {
      readonly type: "boot";
      /** The worker's script. */
      readonly worker: string;
      readonly source: GuardSource;
      readonly memoryBytes: number;
      readonly spare: boolean;
      /** Kept from an earlier boot; null builds them anew. */
      readonly images: Images | null;
    }
  | { readonly type: "run"; readonly id: number; readonly jobs: readonly Job[]; readonly limits: Limits }
  | { readonly type: "dispose" };

/** Frame → trainer. */
export type JailReply =
  /** `built`: images to keep for the next boot, where none were given. */
  | { readonly type: "booted"; readonly built: Images | null }
  | { readonly type: "results"; readonly id: number; readonly results: readonly JobResult[] }
  /** `id` is absent when the boot failed. */
  | { readonly type: "failed"; readonly id?: number; readonly message: string }
  | { readonly type: "disposed" };
