import type { View } from "../device/device";
import type { Addend, Linear, LinearShape } from "../ops/linear";
import { type ShardedLinear, shardedLinear } from "../ops/linear-shards";
import type { Projection } from "./adapter-layout";
import type { Adapters } from "./adapters";
import { type ModelConfig, widths } from "./config";
import type { LayerSegments, ParameterLayout } from "./parameters";
import type { Gradients, Weights } from "./weights";

/** The four matrix products of every layer, each with its adapter if the model has one. */
export class Projections {
  private readonly linear: ShardedLinear;
  private readonly sizes: Readonly<Record<Projection, Omit<LinearShape, "rows">>>;

  constructor(
    config: ModelConfig,
    private readonly layout: ParameterLayout,
    linear: Linear,
    private readonly adapters: Adapters | null,
  ) {
    this.linear = shardedLinear(linear);
    const { hidden, queries, qkv, intermediate } = widths(config);
    this.sizes = {
      qkv: { inputs: hidden, outputs: qkv },
      output: { inputs: queries, outputs: hidden },
      gateUp: { inputs: hidden, outputs: 2 * intermediate },
      down: { inputs: intermediate, outputs: hidden },
    };
  }

  /** Places of a layer's parameters. */
  segments(layer: number): LayerSegments {
    const segments = this.layout.layers[layer];
    if (!segments) throw new Error(`layer ${layer} of ${this.layout.layers.length}`);
    return segments;
  }

  /** y = x·wᵀ (+ bias or residual) (+ the adapter's part) */
  forward(
    weights: Weights,
    layer: number,
    projection: Projection,
    rows: number,
    x: View,
    y: View,
    addend?: Addend,
  ): void {
    const w = weights.base.shards(this.segments(layer)[projection]);
    this.linear.forward({ rows, ...this.sizes[projection] }, x, w, y, addend);
    this.adapters?.forward(weights.adapter, layer, projection, rows, x, y);
  }

  /** Overwrites dx; gradients of trainable parameters accumulate. */
  backward(
    weights: Weights,
    grads: Gradients,
    layer: number,
    projection: Projection,
    rows: number,
    tensors: { x: View; dy: View; dx: View },
  ): void {
    const matrix = this.segments(layer)[projection];
    const shape = { rows, ...this.sizes[projection] };
    this.linear.backwardX(shape, tensors.dy, weights.base.shards(matrix), tensors.dx);
    this.adapters?.backward(weights.adapter, grads.adapter, layer, projection, rows, tensors);
    if (grads.base) this.linear.backwardW(shape, tensors.dy, tensors.x, grads.base.shards(matrix));
  }
}
