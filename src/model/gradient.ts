import type { Loss } from "../contracts";
import type { Device } from "../device/device";
import type { PagedBuffer } from "../device/pages";
import type { PackedSequence } from "../loss/pack";
import type { Compute } from "./compute";
import type { Gradient } from "./replica-tasks";
import type { Gradients, Weights } from "./weights";

/** Buffers for a gradient: which weights are trained, and where their gradient goes. */
export interface GradientSpace {
  readonly grads: PagedBuffer;
  readonly targets: Gradients;
}

/** The gradient of the base, or of the adapters if there are any. */
export function gradientSpace(grads: PagedBuffer, trainsAdapters: boolean): GradientSpace {
  return { grads, targets: trainsAdapters ? { base: null, adapter: grads } : { base: grads, adapter: null } };
}

/** The gradient of a loss over some sequences, read to the host. */
export async function gradientOf(
  device: Device,
  { passes }: Compute,
  { grads, targets }: GradientSpace,
  weights: Weights,
  sequences: readonly PackedSequence[],
  loss: Loss,
): Promise<Gradient> {
  grads.clear(device);
  const stats = await passes.accumulate(weights, targets, sequences, loss);
  const pages: ArrayBuffer[] = [];
  for (const page of grads.views) pages.push(await device.read(page));
  return { pages, stats };
}

/** Gradients of shards, added in the order of the shards, whatever the order in which they come. */
export class GradientSum {
  private readonly waiting = new Map<number, Gradient>();
  private readonly statistics: Float32Array[] = [];
  /** The sum so far, page by page. */
  pages: readonly ArrayBuffer[] = [];

  take(shard: number, gradient: Gradient): void {
    this.waiting.set(shard, gradient);
    for (let next = this.statistics.length; ; next++) {
      const found = this.waiting.get(next);
      if (!found) return;
      this.waiting.delete(next);
      if (next === 0) this.pages = found.pages;
      else addTo(this.pages, found.pages);
      this.statistics.push(found.stats);
    }
  }

  /** Statistics of every predicted token, in order. */
  stats(): Float32Array {
    const all = new Float32Array(this.statistics.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const one of this.statistics) {
      all.set(one, at);
      at += one.length;
    }
    return all;
  }
}

/** Adds numbers to others, in float32. */
function addTo(sum: readonly ArrayBuffer[], other: readonly ArrayBuffer[]): void {
  for (const [page, bytes] of sum.entries()) {
    const to = new Float32Array(bytes);
    const from = new Float32Array(other[page] as ArrayBuffer);
    for (let i = 0; i < to.length; i++) (to[i] as number) += from[i] as number;
  }
}
