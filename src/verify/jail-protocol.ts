/**
 * Messages of the jail. The page gives the frame the bytes and one end of a channel; the trainer's worker has the other end.
 * Programs and reports use that channel only, so they never reach the page's code.
 */
import type { Job, JobResult, Limits } from "./jobs";
import type { GuardSource } from "./pool";

/** Files of Python as fetched by the page. */
export interface JailAssets {
  readonly loader: ArrayBuffer;
  readonly factory: ArrayBuffer;
  readonly wasm: ArrayBuffer;
  /** Needed only to build heap images; null if they are given. */
  readonly library: ArrayBuffer | null;
  /** Packed heap images (image-file.ts) under gzip; null to build them. */
  readonly images: ArrayBuffer | null;
}

/** From the page to the frame, with the frame's end of the channel. */
export interface AssetsMessage {
  readonly type: "jail.assets";
  readonly assets: JailAssets;
}
/** From the frame to the page: it is ready for messages. */
export interface FrameReady {
  readonly type: "jail.ready";
}

/** From the trainer to the frame. */
export type JailRequest =
  | {
      readonly type: "boot";
      /** The worker's script. */
      readonly worker: string;
      /** What images are built from, if the page gave none; null until the frame has asked for it. */
      readonly source: GuardSource | null;
      readonly memoryBytes: number;
      readonly spare: boolean;
    }
  | { readonly type: "run"; readonly id: number; readonly jobs: readonly Job[]; readonly limits: Limits }
  | { readonly type: "dispose" };

/** From the frame to the trainer. */
export type JailReply =
  | { readonly type: "booted" }
  /** The page gave no images: boot again, with what they are built from. */
  | { readonly type: "needs-source" }
  | { readonly type: "results"; readonly id: number; readonly results: readonly JobResult[] }
  /** `id` is absent if the boot failed. */
  | { readonly type: "failed"; readonly id?: number; readonly message: string }
  | { readonly type: "disposed" };
