import type { Precision } from "../contracts";
import type { Device, View } from "../device/device";
import { attentionOps } from "../ops/attention";
import { embeddingOps } from "../ops/embedding";
import { headOps } from "../ops/head";
import { linearOps } from "../ops/linear";
import { linearKernels } from "../ops/linear-variants";
import { reduceOps } from "../ops/reduce";
import { rmsNormOps } from "../ops/rmsnorm";
import { ropeOps } from "../ops/rope";
import { rowsOps } from "../ops/rows";
import { swiGluOps } from "../ops/swiglu";
import type { Adapters } from "./adapters";
import type { Batch } from "./batch";
import { type ModelConfig, widths } from "./config";
import { headNorms, rowNorm } from "./norm-shapes";
import type { ParameterLayout } from "./parameters";
import { Projections } from "./projections";
import { VocabularyHead } from "./vocabulary-head";
import type { Weights } from "./weights";
import type { LayerActivations, Workspace } from "./workspace";

/** The ops of one model on one device; its matrices are stored in `precision`. */
export function transformerOps(device: Device, config: ModelConfig, precision: Precision) {
  const reduce = reduceOps(device);
  return {
    reduce,
    // Adapters are always float32.
    linear: linearOps(device, linearKernels(device), precision === "float32" ? [precision] : ["float32", precision]),
    norm: rmsNormOps(device, reduce),
    embedding: embeddingOps(device, precision),
    rope: ropeOps(device),
    attention: attentionOps(device, config.heads),
    swiglu: swiGluOps(device),
    rows: rowsOps(device),
    head: headOps(device),
  };
}
export type TransformerOps = ReturnType<typeof transformerOps>;

/** How far a forward pass goes, and what it tells on the way. */
export interface ForwardOptions {
  /** Layers to go through; absent: all. */
  readonly layers?: number;
  /** Gets each layer's q·k·v rows. */
  readonly onLayer?: (layer: number, qkv: View) => void;
}

/** The forward pass of a Llama-family transformer as a straight list of op calls; backward.ts has the backward pass. */
export class Transformer {
  readonly projections: Projections;
  readonly head: VocabularyHead;
  private readonly w;

  constructor(
    private readonly device: Device,
    readonly config: ModelConfig,
    readonly layout: ParameterLayout,
    readonly ops: TransformerOps,
    adapters: Adapters | null = null,
  ) {
    this.w = widths(config);
    this.projections = new Projections(config, layout, ops.linear, adapters);
    this.head = new VocabularyHead(device, config, layout, ops);
  }

  upload(space: Workspace, batch: Batch): void {
    if (batch.rows > space.rows || batch.headRows.length > space.headRows) {
      throw new Error(
        `batch of ${batch.rows}/${batch.headRows.length} rows exceeds the ${space.rows}/${space.headRows} planned for`,
      );
    }
    const { longest } = batch;
    if (longest > this.config.contextLength) {
      throw new Error(`a sequence of ${longest} tokens exceeds the model's context of ${this.config.contextLength}`);
    }
    const write = (target: View, data: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>): void =>
      this.device.write(target.buffer, data);
    write(space.tokens, batch.tokens);
    write(space.positions, batch.positions);
    write(space.start, batch.start);
    write(space.end, batch.end);
    write(space.order, batch.order);
    write(space.runs, batch.runs);
    write(space.headIndex, batch.headRows);
    write(space.targets, batch.targets);
    write(space.terms, batch.terms);
  }

  /** Computes the residual stream before the first layer. */
  embed(space: Workspace, weights: Weights, rows: number): void {
    const table = this.layout.embedding;
    const { input } = space.layers[0] as LayerActivations;
    for (const shard of weights.base.shards(table))
      this.ops.embedding.forward(rows, this.w.hidden, space.tokens, shard, input);
  }

  /** Computes rotated q, k and v from the residual stream. */
  projectQkv(weights: Weights, layer: number, rows: number, a: LayerActivations, positions: View, rope: View): void {
    const { base } = weights;
    const { norm } = this.ops;
    const s = this.projections.segments(layer);
    const raw = a.rawQkv ?? a.qkv;
    norm.forward(rowNorm(this.config, rows), a.input, base.view(s.norm1), a.rstd1, a.normed1);
    const bias = s.qkvBias ? { bias: base.view(s.qkvBias) } : undefined;
    this.projections.forward(weights, layer, "qkv", rows, a.normed1, raw, bias);
    if (a.rawQkv && a.queryRstd && a.keyRstd && s.queryNorm && s.keyNorm) {
      const { queries, keys } = headNorms(this.config, rows);
      this.device.copy({ ...a.rawQkv, size: rows * this.w.qkv * 4 }, a.qkv);
      norm.forward(queries, a.rawQkv, base.view(s.queryNorm), a.queryRstd, a.qkv);
      norm.forward(keys, a.rawQkv, base.view(s.keyNorm), a.keyRstd, a.qkv);
    }
    this.rotate(rows, 1, positions, rope, a.qkv);
  }

  /** Rotary position embedding of queries and keys; −1 gives the inverse, which is its gradient. */
  rotate(rows: number, direction: 1 | -1, positions: View, rope: View, x: View): void {
    const { queryHeads, keyHeads, headDim } = this.config.heads;
    const shape = { rows, heads: queryHeads + keyHeads, stride: this.w.qkv, headStride: this.w.head, headDim };
    this.ops.rope.rotate(shape, direction, positions, rope, x);
  }

  /** Computes the next layer's residual stream from attention's output; skips the last step if `next` is null. */
  finishLayer(weights: Weights, layer: number, rows: number, a: LayerActivations, next: View | null): void {
    const { norm2 } = this.projections.segments(layer);
    this.projections.forward(weights, layer, "output", rows, a.attended, a.middle, { residual: a.input });
    this.ops.norm.forward(rowNorm(this.config, rows), a.middle, weights.base.view(norm2), a.rstd2, a.normed2);
    this.projections.forward(weights, layer, "gateUp", rows, a.normed2, a.gateUp);
    this.ops.swiglu.forward(rows, this.w.intermediate, a.gateUp, a.activated);
    if (next) this.projections.forward(weights, layer, "down", rows, a.activated, next, { residual: a.middle });
  }

  /** Computes the residual stream after the last layer, or after fewer, for `rows` uploaded tokens. */
  async forward(
    space: Workspace,
    weights: Weights,
    rows: number,
    { onLayer, layers = this.config.layers }: ForwardOptions = {},
  ): Promise<void> {
    this.embed(space, weights, rows);
    for (let layer = 0; layer < layers; layer++) {
      const next = space.layers[layer + 1]?.input ?? space.output;
      this.forwardLayer(space, weights, layer, rows, next, onLayer);
      await this.device.breathe();
    }
  }

  /** Computes one layer: all its activations and, if wanted, the input of the next. */
  forwardLayer(
    space: Workspace,
    weights: Weights,
    layer: number,
    rows: number,
    next: View | null,
    onLayer?: (layer: number, qkv: View) => void,
  ): void {
    const a = space.layers[layer] as LayerActivations;
    this.projectQkv(weights, layer, rows, a, space.positions, space.rope);
    onLayer?.(layer, a.qkv);
    this.ops.attention.forward(rows, a.qkv, space.start, a.attended, a.lse);
    this.finishLayer(weights, layer, rows, a, next);
  }
}
