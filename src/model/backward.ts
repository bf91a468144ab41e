import type { Loss } from "../contracts";
import type { Gpu, View } from "../gpu/gpu";
import { SLICES } from "../ops/rmsnorm";
import type { Batch } from "./batch";
import { widths } from "./config";
import { headNorms, rowNorm } from "./norm-shapes";
import type { Transformer } from "./transformer";
import type { Gradients, Weights } from "./weights";
import type { BackwardSpace, LayerActivations, Workspace } from "./workspace";

/** The backward pass of a transformer: its forward's list of op calls, read from the end. */
export class Backward {
  private readonly config;
  private readonly ops;
  private readonly projections;
  private readonly w;

  constructor(
    private readonly gpu: Gpu,
    private readonly transformer: Transformer,
  ) {
    this.config = transformer.config;
    this.ops = transformer.ops;
    this.projections = transformer.projections;
    this.w = widths(this.config);
  }

  /**
   * Loss and its gradient from the observed logits down to every parameter that is not frozen; gradients accumulate into
   * `grads`.
   */
  async run(space: Workspace, weights: Weights, grads: Gradients, batch: Batch, loss: Loss): Promise<void> {
    const back = space.backward;
    if (!back) throw new Error("this workspace was planned for inference");
    const { rows } = batch;
    await this.transformer.head.backward(space, back, weights, grads, { rows, headRows: batch.headRows.length }, loss);
    for (let layer = this.config.layers - 1; layer >= 0; layer--) {
      const a = space.layers[layer] as LayerActivations;
      const isThere = space.keepsLayers || layer === this.config.layers - 1;
      if (!isThere) this.transformer.forwardLayer(space, weights, layer, rows, null);
      this.mlp(a, back, weights, grads, layer, rows);
      this.attention(space, a, back, weights, grads, layer, rows);
      await this.gpu.breathe();
    }
    this.embedding(space, back, grads, batch);
  }

  private embedding(space: Workspace, back: BackwardSpace, { base }: Gradients, batch: Batch): void {
    if (!base) return;
    const table = this.transformer.layout.embedding;
    const { tokens, order, runs } = space;
    for (const shard of base.shards(table))
      this.ops.embedding.backward(batch.runs.length - 1, this.w.hidden, tokens, order, runs, back.dx, shard);
  }

  private mlp(
    a: LayerActivations,
    back: BackwardSpace,
    weights: Weights,
    grads: Gradients,
    layer: number,
    rows: number,
  ): void {
    const { norm, swiglu } = this.ops;
    const { norm2 } = this.projections.segments(layer);
    const shape = rowNorm(this.config, rows);
    const down = { x: a.activated, dy: back.dx, dx: back.dActivated };
    const gateUp = { x: a.normed2, dy: back.dGateUp, dx: back.dNormed };
    this.projections.backward(weights, grads, layer, "down", rows, down);
    swiglu.backward(rows, this.w.intermediate, a.gateUp, back.dActivated, back.dGateUp);
    this.projections.backward(weights, grads, layer, "gateUp", rows, gateUp);
    norm.backwardX(shape, a.middle, weights.base.view(norm2), a.rstd2, back.dNormed, back.dx, true);
    if (grads.base) norm.backwardW(shape, a.middle, a.rstd2, back.dNormed, back.partial, grads.base.view(norm2));
  }

  private attention(
    space: Workspace,
    a: LayerActivations,
    back: BackwardSpace,
    weights: Weights,
    grads: Gradients,
    layer: number,
    rows: number,
  ): void {
    const { attention, norm, reduce } = this.ops;
    const { norm1, qkvBias } = this.projections.segments(layer);
    const shape = rowNorm(this.config, rows);
    const output = { x: a.attended, dy: back.dx, dx: back.dAttended };
    this.projections.backward(weights, grads, layer, "output", rows, output);
    attention.backward(rows, {
      qkv: a.qkv,
      start: space.start,
      end: space.end,
      out: a.attended,
      lse: a.lse,
      dout: back.dAttended,
      dqkv: back.dQkv,
      delta: back.delta,
    });
    this.transformer.rotate(rows, -1, space.positions, space.rope, back.dQkv);
    const dQkv = this.headNorms(a, back, weights, grads, layer, rows);
    if (grads.base && qkvBias) {
      reduce.columnPartial(rows, this.w.qkv / 4, SLICES, dQkv, back.partial);
      reduce.columnTotal(SLICES, this.w.qkv / 4, back.partial, grads.base.view(qkvBias));
    }
    const qkv = { x: a.normed1, dy: dQkv, dx: back.dNormed };
    this.projections.backward(weights, grads, layer, "qkv", rows, qkv);
    norm.backwardX(shape, a.input, weights.base.view(norm1), a.rstd1, back.dNormed, back.dx, true);
    if (grads.base) norm.backwardW(shape, a.input, a.rstd1, back.dNormed, back.partial, grads.base.view(norm1));
  }

  /** Through the norms on q and k where the family has them; values pass unchanged. */
  private headNorms(
    a: LayerActivations,
    back: BackwardSpace,
    weights: Weights,
    grads: Gradients,
    layer: number,
    rows: number,
  ): View {
    const s = this.projections.segments(layer);
    if (!(a.rawQkv && a.queryRstd && a.keyRstd && back.dRawQkv && s.queryNorm && s.keyNorm)) return back.dQkv;
    const { norm } = this.ops;
    const { queries, keys } = headNorms(this.config, rows);
    const [queryGain, keyGain] = [weights.base.view(s.queryNorm), weights.base.view(s.keyNorm)];
    this.gpu.copy({ ...back.dQkv, size: rows * this.w.qkv * 4 }, back.dRawQkv);
    norm.backwardX(queries, a.rawQkv, queryGain, a.queryRstd, back.dQkv, back.dRawQkv, false);
    norm.backwardX(keys, a.rawQkv, keyGain, a.keyRstd, back.dQkv, back.dRawQkv, false);
    if (grads.base) {
      const [dQueryGain, dKeyGain] = [grads.base.view(s.queryNorm), grads.base.view(s.keyNorm)];
      norm.backwardW(queries, a.rawQkv, a.queryRstd, back.dQkv, back.partial, dQueryGain);
      norm.backwardW(keys, a.rawQkv, a.keyRstd, back.dQkv, back.partial, dKeyGain);
    }
    return back.dRawQkv;
  }
}
