import { largest } from "../contracts";
import { type Allocator, type Device, type DeviceBuffer, type View, view } from "../device/device";
import type { PagedBuffer } from "../device/pages";
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

/** Plans the work space for at most `rows` tokens, as wide as the widest projection. */
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
 * Low-rank adapters on the projections of a model. Forward adds (alpha / rank) · B (A x) to a projection's result; backward
 * computes dA, dB and the adapters' part of dx. The backward pass computes h = A x again: it costs rank / outputs of the
 * projection, and no layer has to store it.
 */
export class Adapters {
  private readonly space: AdapterSpace;
  private readonly lora;

  /** Plans work space for at most `rows` tokens; training and generation share it. */
  constructor(
    device: Device,
    readonly layout: AdapterLayout,
    rows: number,
    private readonly linear: Linear,
    reduce: Reduce,
  ) {
    this.space = planAdapters(device, layout, rows);
    this.lora = loraOps(device, reduce);
  }

  get buffers(): readonly DeviceBuffer[] {
    return [this.space.h.buffer, this.space.dh.buffer, this.space.partial.buffer];
  }

  /** y += (alpha / rank) · B (A x), if `weights` has adapters on this projection. */
  forward(weights: PagedBuffer | null, layer: number, projection: Projection, rows: number, x: View, y: View): void {
    const found = this.of(layer, projection);
    if (!weights || !found) return;
    this.shrink(weights, found, rows, x);
    for (const part of found.parts)
      this.lora.expand(this.shape(found, part, rows), weights.view(part.b), this.space.h, y);
  }

  /** Adds the adapters' part of the gradient to dx, and dA and dB to `grads`. dx already contains the base's part. */
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
