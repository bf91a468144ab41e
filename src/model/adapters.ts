import { largest } from "../contracts";
import { type Allocator, type Gpu, type View, view } from "../gpu/gpu";
import type { PagedBuffer } from "../gpu/pages";
import type { Linear } from "../ops/linear";
import { type LoraShape, loraOps, loraSlices } from "../ops/lora";
import type { Reduce } from "../ops/reduce";
import type { AdapterLayout, AdapterPart, Projection, ProjectionAdapters } from "./adapter-layout";

/** Work space of adapters. */
export interface AdapterSpace {
  /** A x of all targets of a projection, and its gradient. */
  readonly h: View;
  readonly dh: View;
  readonly partial: View;
}

/** Plans the work space for at most `rows` tokens: as wide as the widest projection needs. */
export function planAdapters(allocator: Allocator, layout: AdapterLayout, rows: number): AdapterSpace {
  const all = layout.layers.flatMap((layer) => Object.values(layer).filter((one) => one !== null));
  const ranks = largest(all.map((one) => one.ranks));
  const cells = all.flatMap((one) => one.parts.map((part) => part.outputs * layout.rank));
  return {
    h: view(allocator.storage("adapter.h", rows * ranks)),
    dh: view(allocator.storage("adapter.dh", rows * ranks)),
    partial: view(allocator.storage("adapter.partial", largest(cells.map((count) => loraSlices(count) * count)))),
  };
}

/**
 * Low-rank adapters beside the projections of a model: forward adds (alpha / rank) · B (A x) to a projection's result,
 * backward gives dA, dB and the share of dx. h = A x is computed again in the backward pass: it costs a fraction
 * rank / outputs of the projection, and nothing is kept per layer.
 */
export class Adapters {
  private readonly space: AdapterSpace;
  private readonly lora;

  /** Work space for at most `rows` tokens; rows in training and generation use the same. */
  constructor(
    gpu: Gpu,
    readonly layout: AdapterLayout,
    rows: number,
    private readonly linear: Linear,
    reduce: Reduce,
  ) {
    this.space = planAdapters(gpu, layout, rows);
    this.lora = loraOps(gpu, reduce);
  }

  get buffers(): readonly GPUBuffer[] {
    return [this.space.h.buffer, this.space.dh.buffer, this.space.partial.buffer];
  }

  /** y += (alpha / rank) · B (A x), where `weights` holds adapters and the projection has one. */
  forward(weights: PagedBuffer | null, layer: number, projection: Projection, rows: number, x: View, y: View): void {
    const found = this.of(layer, projection);
    if (!weights || !found) return;
    this.shrink(weights, found, rows, x);
    for (const part of found.parts)
      this.lora.expand(this.shape(found, part, rows), weights.view(part.b), this.space.h, y);
  }

  /** dx += the adapters' share of the gradient, dA and dB += into `grads`. dx holds the base's share already. */
  backward(
    weights: PagedBuffer | null,
    grads: PagedBuffer | null,
    layer: number,
    projection: Projection,
    rows: number,
    tensors: { x: View; dy: View; dx: View },
  ): void {
    const found = this.of(layer, projection);
    if (!weights || !found) return;
    const { x, dy, dx } = tensors;
    if (grads) this.shrink(weights, found, rows, x);
    for (const part of found.parts) {
      const shape = this.shape(found, part, rows);
      if (grads) this.lora.backwardB(shape, dy, this.space.h, this.space.partial, grads.view(part.b));
      this.lora.backwardH(shape, weights.view(part.b), dy, this.space.dh);
    }
    const down = { rows, inputs: found.inputs, outputs: found.ranks };
    if (grads) this.linear.backwardW(down, this.space.dh, x, grads.view(found.a));
    this.linear.backwardX(down, this.space.dh, weights.view(found.a), dx, true);
  }

  private shrink(weights: PagedBuffer, { inputs, ranks, a }: ProjectionAdapters, rows: number, x: View): void {
    this.linear.forward({ rows, inputs, outputs: ranks }, x, weights.view(a), this.space.h);
  }

  private of(layer: number, projection: Projection): ProjectionAdapters | null {
    return this.layout.layers[layer]?.[projection] ?? null;
  }

  private shape(found: ProjectionAdapters, part: AdapterPart, rows: number): LoraShape {
    const { rank, lora } = this.layout;
    const { width, ranks } = found;
    const { outputs, offset, rankOffset } = part;
    return { rows, outputs, offset, width, rank, rankOffset, ranks, scale: lora.alpha / lora.rank };
  }
}
