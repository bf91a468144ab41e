import type { Loss } from "../contracts";
import type { Gpu, View } from "../gpu/gpu";
import { attentionOps } from "../ops/attention";
import { embeddingOps } from "../ops/embedding";
import { headOps } from "../ops/head";
import { linearOps } from "../ops/linear";
import { reduceOps } from "../ops/reduce";
import { type NormShape, rmsNormOps, SLICES } from "../ops/rmsnorm";
import { ropeOps } from "../ops/rope";
import { rowsOps } from "../ops/rows";
import { swiGluOps } from "../ops/swiglu";
import type { Adapters } from "./adapters";
import type { Batch } from "./batch";
import { type ModelConfig, widths } from "./config";
import type { ParameterLayout } from "./parameters";
import { type Gradients, segmentView, type Weights } from "./weights";
import type { BackwardSpace, LayerActivations, Workspace } from "./workspace";

/** The ops of one model on one device. */
export function transformerOps(gpu: Gpu, config: ModelConfig) {
  const reduce = reduceOps(gpu);
  return {
    reduce,
    linear: linearOps(gpu),
    norm: rmsNormOps(gpu, reduce),
    embedding: embeddingOps(gpu),
    rope: ropeOps(gpu),
    attention: attentionOps(gpu, config.heads),
    swiglu: swiGluOps(gpu),
    rows: rowsOps(gpu),
    head: headOps(gpu),
  };
}
export type TransformerOps = ReturnType<typeof transformerOps>;

/** Forward and backward pass of a Llama-family transformer as two straight lists of op calls. */
export class Transformer {
  private readonly w;
  private readonly plainNorm: Omit<NormShape, "rows">;

  constructor(
    private readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly layout: ParameterLayout,
    readonly ops: TransformerOps,
    private readonly adapters: Adapters | null = null,
  ) {
    this.w = widths(config);
    this.plainNorm = { columns: config.hidden, eps: config.eps, heads: 1, stride4: this.w.hidden / 4, offset4: 0 };
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
      this.gpu.write(target.buffer, data);
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

  /** Shapes of the per-head norms inside a q·k·v row. */
  headNorms(rows: number): { queries: NormShape; keys: NormShape } {
    const { queryHeads, keyHeads, headDim } = this.config.heads;
    const shared = { columns: headDim, eps: this.config.eps, stride4: this.w.qkv / 4 };
    return {
      queries: { ...shared, rows: rows * queryHeads, heads: queryHeads, offset4: 0 },
      keys: { ...shared, rows: rows * keyHeads, heads: keyHeads, offset4: this.w.queries / 4 },
    };
  }

  norm(rows: number): NormShape {
    return { rows, ...this.plainNorm };
  }

  /** From the residual stream to rotated q·k·v rows. */
  projectQkv(weights: Weights, layer: number, rows: number, a: LayerActivations, positions: View, rope: View): void {
    const { linear, norm } = this.ops;
    const s = this.segments(layer);
    const raw = a.rawQkv ?? a.qkv;
    norm.forward(this.norm(rows), a.input, segmentView(weights.base, s.norm1), a.rstd1, a.normed1);
    const bias = s.qkvBias ? segmentView(weights.base, s.qkvBias) : undefined;
    linear.forward(
      { rows, inputs: this.w.hidden, outputs: this.w.qkv },
      a.normed1,
      segmentView(weights.base, s.qkv),
      raw,
      {
        bias,
      },
    );
    this.adapters?.forward(weights.adapter, layer, "qkv", rows, a.normed1, raw);
    if (a.rawQkv && a.queryRstd && a.keyRstd && s.queryNorm && s.keyNorm) {
      const shapes = this.headNorms(rows);
      this.gpu.copy({ ...a.rawQkv, size: rows * this.w.qkv * 4 }, a.qkv);
      norm.forward(shapes.queries, a.rawQkv, segmentView(weights.base, s.queryNorm), a.queryRstd, a.qkv);
      norm.forward(shapes.keys, a.rawQkv, segmentView(weights.base, s.keyNorm), a.keyRstd, a.qkv);
    }
    this.rotate(rows, 1, positions, rope, a.qkv);
  }

  private rotate(rows: number, direction: 1 | -1, positions: View, rope: View, x: View): void {
    const { queryHeads, keyHeads, headDim } = this.config.heads;
    const shape = { rows, heads: queryHeads + keyHeads, stride: this.w.qkv, headStride: this.w.head, headDim };
    this.ops.rope.rotate(shape, direction, positions, rope, x);
  }

  /** From attention's output to the residual stream of the next layer, which is left alone where `next` is null. */
  finishLayer(weights: Weights, layer: number, rows: number, a: LayerActivations, next: View | null): void {
    const { linear, norm, swiglu } = this.ops;
    const s = this.segments(layer);
    const { hidden, queries, intermediate } = this.w;
    linear.forward(
      { rows, inputs: queries, outputs: hidden },
      a.attended,
      segmentView(weights.base, s.output),
      a.middle,
      {
        residual: a.input,
      },
    );
    this.adapters?.forward(weights.adapter, layer, "output", rows, a.attended, a.middle);
    norm.forward(this.norm(rows), a.middle, segmentView(weights.base, s.norm2), a.rstd2, a.normed2);
    linear.forward(
      { rows, inputs: hidden, outputs: 2 * intermediate },
      a.normed2,
      segmentView(weights.base, s.gateUp),
      a.gateUp,
    );
    this.adapters?.forward(weights.adapter, layer, "gateUp", rows, a.normed2, a.gateUp);
    swiglu.forward(rows, intermediate, a.gateUp, a.activated);
    if (!next) return;
    linear.forward(
      { rows, inputs: intermediate, outputs: hidden },
      a.activated,
      segmentView(weights.base, s.down),
      next,
      {
        residual: a.middle,
      },
    );
    this.adapters?.forward(weights.adapter, layer, "down", rows, a.activated, next);
  }

  /** Residual stream after the last layer, for `rows` uploaded tokens. `onLayer` sees each layer's q·k·v rows. */
  async forward(
    space: Workspace,
    weights: Weights,
    rows: number,
    onLayer?: (layer: number, qkv: View) => void,
  ): Promise<void> {
    const { embedding } = this.ops;
    const table = segmentView(weights.base, this.layout.embedding);
    embedding.forward(rows, this.w.hidden, space.tokens, table, (space.layers[0] as LayerActivations).input);
    for (let layer = 0; layer < this.config.layers; layer++) {
      const next = space.layers[layer + 1]?.input ?? space.output;
      this.forwardLayer(space, weights, layer, rows, next, onLayer);
      await this.gpu.breathe();
    }
  }

  private forwardLayer(
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

  /** Logits of the head rows. */
  logits(space: Workspace, weights: Weights, headRows: number): void {
    const { rows, norm, linear } = this.ops;
    rows.gather(headRows, this.w.hidden, space.headIndex, space.output, space.headInput);
    norm.forward(
      this.norm(headRows),
      space.headInput,
      segmentView(weights.base, this.layout.finalNorm),
      space.headRstd,
      space.headNormed,
    );
    const shape = { rows: headRows, inputs: this.w.hidden, outputs: this.w.vocabulary };
    linear.forward(shape, space.headNormed, segmentView(weights.base, this.layout.head), space.logits);
  }

  /** stats [headRows] = (log p, entropy, 0, 0) of the targets. */
  logprobs(space: Workspace, headRows: number, temperature: number): void {
    this.ops.head.logprobs(
      headRows,
      this.config.vocabulary,
      this.w.vocabulary / 4,
      temperature,
      space.logits,
      space.targets,
      space.stats,
    );
  }

  /** Loss and its gradient from the logits down to every parameter that is not frozen; they accumulate into `grads`. */
  async backward(space: Workspace, weights: Weights, grads: Gradients, batch: Batch, loss: Loss): Promise<void> {
    const back = space.backward;
    if (!back) throw new Error("this workspace was planned for inference");
    const { rows } = batch;
    this.backwardHead(space, back, weights, grads, rows, batch.headRows.length, loss);
    for (let layer = this.config.layers - 1; layer >= 0; layer--) {
      const a = space.layers[layer] as LayerActivations;
      const isThere = space.keepsLayers || layer === this.config.layers - 1;
      if (!isThere) this.forwardLayer(space, weights, layer, rows, null);
      this.backwardMlp(a, back, weights, grads, layer, rows);
      this.backwardAttention(space, a, back, weights, grads, layer, rows);
      await this.gpu.breathe();
    }
    if (!grads.base) return;
    const table = segmentView(grads.base, this.layout.embedding);
    this.ops.embedding.backward(
      batch.runs.length - 1,
      this.w.hidden,
      space.tokens,
      space.order,
      space.runs,
      back.dx,
      table,
    );
  }

  private backwardHead(
    space: Workspace,
    back: BackwardSpace,
    weights: Weights,
    grads: Gradients,
    rows: number,
    headRows: number,
    loss: Loss,
  ): void {
    const { head, linear, norm, rows: rowOps } = this.ops;
    const { hidden, vocabulary } = this.w;
    const shape = { rows: headRows, inputs: hidden, outputs: vocabulary };
    head.losses(
      headRows,
      this.config.vocabulary,
      vocabulary / 4,
      loss,
      space.logits,
      space.targets,
      space.terms,
      space.stats,
    );
    if (grads.base) linear.backwardW(shape, space.logits, space.headNormed, segmentView(grads.base, this.layout.head));
    linear.backwardX(shape, space.logits, segmentView(weights.base, this.layout.head), back.dHeadNormed);
    const finalNorm = segmentView(weights.base, this.layout.finalNorm);
    norm.backwardX(
      this.norm(headRows),
      space.headInput,
      finalNorm,
      space.headRstd,
      back.dHeadNormed,
      back.dHead,
      false,
    );
    if (grads.base) {
      norm.backwardW(
        this.norm(headRows),
        space.headInput,
        space.headRstd,
        back.dHeadNormed,
        back.partial,
        segmentView(grads.base, this.layout.finalNorm),
      );
    }
    this.gpu.clear({ ...back.dx, size: rows * hidden * 4 });
    rowOps.scatter(headRows, hidden, space.headIndex, back.dHead, back.dx);
  }

  private backwardMlp(
    a: LayerActivations,
    back: BackwardSpace,
    weights: Weights,
    grads: Gradients,
    layer: number,
    rows: number,
  ): void {
    const { linear, norm, swiglu } = this.ops;
    const { hidden, intermediate } = this.w;
    const s = this.segments(layer);
    const full = grads.base;
    const down = { rows, inputs: intermediate, outputs: hidden };
    const gateUp = { rows, inputs: hidden, outputs: 2 * intermediate };
    linear.backwardX(down, back.dx, segmentView(weights.base, s.down), back.dActivated);
    this.adapters?.backward(weights.adapter, grads.adapter, layer, "down", rows, {
      x: a.activated,
      dy: back.dx,
      dx: back.dActivated,
    });
    if (full) linear.backwardW(down, back.dx, a.activated, segmentView(full, s.down));
    swiglu.backward(rows, intermediate, a.gateUp, back.dActivated, back.dGateUp);
    linear.backwardX(gateUp, back.dGateUp, segmentView(weights.base, s.gateUp), back.dNormed);
    this.adapters?.backward(weights.adapter, grads.adapter, layer, "gateUp", rows, {
      x: a.normed2,
      dy: back.dGateUp,
      dx: back.dNormed,
    });
    if (full) linear.backwardW(gateUp, back.dGateUp, a.normed2, segmentView(full, s.gateUp));
    norm.backwardX(this.norm(rows), a.middle, segmentView(weights.base, s.norm2), a.rstd2, back.dNormed, back.dx, true);
    if (full)
      norm.backwardW(this.norm(rows), a.middle, a.rstd2, back.dNormed, back.partial, segmentView(full, s.norm2));
  }

  private backwardAttention(
    space: Workspace,
    a: LayerActivations,
    back: BackwardSpace,
    weights: Weights,
    grads: Gradients,
    layer: number,
    rows: number,
  ): void {
    const { attention, linear, norm, reduce } = this.ops;
    const { hidden, queries, qkv } = this.w;
    const s = this.segments(layer);
    const full = grads.base;
    const output = { rows, inputs: queries, outputs: hidden };
    const projection = { rows, inputs: hidden, outputs: qkv };
    linear.backwardX(output, back.dx, segmentView(weights.base, s.output), back.dAttended);
    this.adapters?.backward(weights.adapter, grads.adapter, layer, "output", rows, {
      x: a.attended,
      dy: back.dx,
      dx: back.dAttended,
    });
    if (full) linear.backwardW(output, back.dx, a.attended, segmentView(full, s.output));
    const { start, end } = space;
    attention.backward(rows, {
      qkv: a.qkv,
      start,
      end,
      out: a.attended,
      lse: a.lse,
      dout: back.dAttended,
      dqkv: back.dQkv,
      delta: back.delta,
    });
    this.rotate(rows, -1, space.positions, space.rope, back.dQkv);
    const dQkv = this.backwardHeadNorms(a, back, weights, grads, layer, rows);
    if (full && s.qkvBias) {
      reduce.columnPartial(rows, qkv / 4, SLICES, dQkv, back.partial);
      reduce.columnTotal(SLICES, qkv / 4, back.partial, segmentView(full, s.qkvBias));
    }
    linear.backwardX(projection, dQkv, segmentView(weights.base, s.qkv), back.dNormed);
    this.adapters?.backward(weights.adapter, grads.adapter, layer, "qkv", rows, {
      x: a.normed1,
      dy: dQkv,
      dx: back.dNormed,
    });
    if (full) linear.backwardW(projection, dQkv, a.normed1, segmentView(full, s.qkv));
    norm.backwardX(this.norm(rows), a.input, segmentView(weights.base, s.norm1), a.rstd1, back.dNormed, back.dx, true);
    if (full) norm.backwardW(this.norm(rows), a.input, a.rstd1, back.dNormed, back.partial, segmentView(full, s.norm1));
  }

  /** Through the norms on q and k where the family has them; values pass unchanged. */
  private backwardHeadNorms(
    a: LayerActivations,
    back: BackwardSpace,
    weights: Weights,
    grads: Gradients,
    layer: number,
    rows: number,
  ): View {
    const s = this.segments(layer);
    if (!(a.rawQkv && a.queryRstd && a.keyRstd && back.dRawQkv && s.queryNorm && s.keyNorm)) return back.dQkv;
    const { norm } = this.ops;
    const full = grads.base;
    const shapes = this.headNorms(rows);
    this.gpu.copy({ ...back.dQkv, size: rows * this.w.qkv * 4 }, back.dRawQkv);
    norm.backwardX(
      shapes.queries,
      a.rawQkv,
      segmentView(weights.base, s.queryNorm),
      a.queryRstd,
      back.dQkv,
      back.dRawQkv,
      false,
    );
    norm.backwardX(
      shapes.keys,
      a.rawQkv,
      segmentView(weights.base, s.keyNorm),
      a.keyRstd,
      back.dQkv,
      back.dRawQkv,
      false,
    );
    if (full) {
      norm.backwardW(shapes.queries, a.rawQkv, a.queryRstd, back.dQkv, back.partial, segmentView(full, s.queryNorm));
      norm.backwardW(shapes.keys, a.rawQkv, a.keyRstd, back.dQkv, back.partial, segmentView(full, s.keyNorm));
    }
    return back.dRawQkv;
  }

  private segments(layer: number) {
    const segments = this.layout.layers[layer];
    if (!segments) throw new Error(`layer ${layer} of ${this.config.layers}`);
    return segments;
  }
}
