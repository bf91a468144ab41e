import type { Loss } from "../contracts";
import type { Device, View } from "../device/device";
import { SLICES } from "../ops/rmsnorm";
import type { Projection } from "./adapter-layout";
import type { Batch } from "./batch";
import { widths } from "./config";
import { headNorms, rowNorm } from "./norm-shapes";
import type { Transformer } from "./transformer";
import type { Gradients, Weights } from "./weights";
import type { BackwardSpace, LayerActivations, Workspace } from "./workspace";

/** Backward pass of one layer: its buffers. `back` holds the activation gradients of the current layer. */
interface LayerPass {
  readonly layer: number;
  readonly rows: number;
  readonly weights: Weights;
  readonly grads: Gradients;
  readonly activations: LayerActivations;
  readonly back: BackwardSpace;
}

/** The backward pass of a transformer: the forward pass's operations in reverse order. */
export class Backward {
  private readonly config;
  private readonly ops;
  private readonly projections;
  private readonly w;

  constructor(
    private readonly device: Device,
    private readonly transformer: Transformer,
  ) {
    this.config = transformer.config;
    this.ops = transformer.ops;
    this.projections = transformer.projections;
    this.w = widths(this.config);
  }

  /**
   * Computes the loss and its gradients from the observed logits down to every trainable parameter; gradients accumulate into
   * `grads`.
   */
  async run(space: Workspace, weights: Weights, grads: Gradients, batch: Batch, loss: Loss): Promise<void> {
    const back = space.backward;
    if (!back) throw new Error("this workspace was planned for inference");
    const { rows } = batch;
    await this.transformer.head.backward(space, back, weights, grads, { rows, headRows: batch.headRows.length }, loss);
    for (let layer = this.config.layers - 1; layer >= 0; layer--) {
      const isThere = space.keepsLayers || layer === this.config.layers - 1;
      if (!isThere) this.transformer.forwardLayer(space, weights, layer, rows, null);
      const pass = { layer, rows, weights, grads, activations: space.layers[layer] as LayerActivations, back };
      this.mlp(pass);
      this.attention(pass, space);
      await this.device.breathe();
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

  private mlp(pass: LayerPass): void {
    const { activations: a, back, rows } = pass;
    this.projection(pass, "down", { x: a.activated, dy: back.dx, dx: back.dActivated });
    this.ops.swiglu.backward(rows, this.w.intermediate, a.gateUp, back.dActivated, back.dGateUp);
    this.projection(pass, "gateUp", { x: a.normed2, dy: back.dGateUp, dx: back.dNormed });
    this.rowNorm(pass, "norm2", a.middle, a.rstd2);
  }

  private attention(pass: LayerPass, { start, end, positions, rope }: Workspace): void {
    const { activations: a, back, rows } = pass;
    const { qkv, attended: out, lse } = a;
    this.projection(pass, "output", { x: out, dy: back.dx, dx: back.dAttended });
    const tensors = { qkv, start, end, out, lse, dout: back.dAttended, dqkv: back.dQkv, delta: back.delta };
    this.ops.attention.backward(rows, tensors);
    this.transformer.rotate(rows, -1, positions, rope, back.dQkv);
    const dQkv = this.headNorms(pass);
    this.bias(pass, dQkv);
    this.projection(pass, "qkv", { x: a.normed1, dy: dQkv, dx: back.dNormed });
    this.rowNorm(pass, "norm1", a.input, a.rstd1);
  }

  /** Overwrites dx. */
  private projection(pass: LayerPass, name: Projection, tensors: { x: View; dy: View; dx: View }): void {
    this.projections.backward(pass.weights, pass.grads, pass.layer, name, pass.rows, tensors);
  }

  /** Gradient of a norm on the residual stream x, added to the stream's gradient. */
  private rowNorm(
    { layer, rows, weights, grads, back }: LayerPass,
    name: "norm1" | "norm2",
    x: View,
    rstd: View,
  ): void {
    const { norm } = this.ops;
    const gain = this.projections.segments(layer)[name];
    const shape = rowNorm(this.config, rows);
    norm.backwardX(shape, x, weights.base.view(gain), rstd, back.dNormed, back.dx, true);
    if (grads.base) norm.backwardW(shape, x, rstd, back.dNormed, back.partial, grads.base.view(gain));
  }

  /** Gradient of the biases on q, k and v, if the family has them. */
  private bias({ layer, rows, grads, back }: LayerPass, dQkv: View): void {
    const { qkvBias } = this.projections.segments(layer);
    if (!(grads.base && qkvBias)) return;
    this.ops.reduce.columnPartial(rows, this.w.qkv / 4, SLICES, dQkv, back.partial);
    this.ops.reduce.columnTotal(SLICES, this.w.qkv / 4, back.partial, grads.base.view(qkvBias));
  }

  /** Gradient of the norms on q and k, if the family has them; values pass unchanged. */
  private headNorms({ layer, rows, weights, grads, activations: a, back }: LayerPass): View {
    const s = this.projections.segments(layer);
    if (!(a.rawQkv && a.queryRstd && a.keyRstd && back.dRawQkv && s.queryNorm && s.keyNorm)) return back.dQkv;
    const { norm } = this.ops;
    const { queries, keys } = headNorms(this.config, rows);
    const [queryGain, keyGain] = [weights.base.view(s.queryNorm), weights.base.view(s.keyNorm)];
    this.device.copy({ ...back.dQkv, size: rows * this.w.qkv * 4 }, back.dRawQkv);
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
