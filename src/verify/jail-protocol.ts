/**
 * Messages of the jail. The page gives the frame the bytes and one end of a channel; the trainer's worker has the other end.
 * Programs and reports use that channel only, so they never reach the page's code.
 */
import type { Job, JobResult, Limits } from "./jobs";

/** Files of Python as fetched by the page. */
export interface JailAssets {
  readonly loader: ArrayBuffer;
  readonly factory: ArrayBuffer;
  readonly wasm: ArrayBuffer;
  /** Packed heap images (image-file.ts) under gzip. */
  readonly images: ArrayBuffer;
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
      readonly memoryBytes: number;
      readonly spare: boolean;
    }
  | { readonly type: "run"; readonly id: number; readonly jobs: readonly Job[]; readonly limits: Limits }
  | { readonly type: "dispose" };

/** From the frame to the trainer. */
export type JailReply =
  | { readonly type: "booted" }
  | { readonly type: "results"; readonly id: number; readonly results: readonly JobResult[] }
  /** `id` is absent if the boot failed. */
  | { readonly type: "failed"; readonly id?: number; readonly message: string }
  | { readonly type: "disposed" };
