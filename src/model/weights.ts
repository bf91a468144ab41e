import { type View, view } from "../gpu/gpu";
import type { Segment } from "./parameters";

/** Numbers of one policy on the device: the base, and the adapters it is read with, if any. */
export interface Weights {
  readonly base: GPUBuffer;
  readonly adapter: GPUBuffer | null;
}

/** Where gradients go: into both, either or none of the two; what has no buffer is frozen. */
export interface Gradients {
  readonly base: GPUBuffer | null;
  readonly adapter: GPUBuffer | null;
}

/** The part of a flat parameter (or gradient) buffer that a segment names. */
export function segmentView(flat: GPUBuffer, segment: Segment): View {
  return view(flat, segment.offset * 4, segment.size * 4);
}
