/** Choices of kernels between visits. */
import type { Gpu } from "../gpu/gpu";
import type { AttentionKernels } from "./attention-variants";
import type { LinearKernels } from "./linear-variants";

/** Where choices are kept between visits: a folder in Node, the origin's own storage in a browser. */
export interface TuningStore {
  read(key: string): Promise<unknown>;
  write(key: string, choice: LinearKernels | AttentionKernels): Promise<void>;
}

/** Another number where kernels change so much that an old choice means nothing. */
const VERSION = 1;

/** The name under which a choice is kept: what was measured, on what, by which version. */
export function tuningKey(gpu: Gpu, adapter: string, measured: string): string {
  const features = [...gpu.device.features].sort().join(" ");
  return `${VERSION} | ${adapter} | ${features} | ${measured}`;
}
