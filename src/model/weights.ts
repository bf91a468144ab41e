import type { PagedBuffer } from "../device/pages";

/** Weights of one policy on the device: the base, and optionally adapters. */
export interface Weights {
  readonly base: PagedBuffer;
  readonly adapter: PagedBuffer | null;
}

/** Buffers for gradients of base and adapters; a part without a buffer is frozen. */
export interface Gradients {
  readonly base: PagedBuffer | null;
  readonly adapter: PagedBuffer | null;
}
