import type { PagedBuffer } from "../gpu/pages";

/** Numbers of one policy on the device: the base, and the adapters it is read with, if any. */
export interface Weights {
  readonly base: PagedBuffer;
  readonly adapter: PagedBuffer | null;
}

/** Where gradients go: into both, either or none of the two; what has no buffer is frozen. */
export interface Gradients {
  readonly base: PagedBuffer | null;
  readonly adapter: PagedBuffer | null;
}
