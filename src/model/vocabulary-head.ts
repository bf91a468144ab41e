import type { Loss } from "../contracts";
import type { Device, View } from "../device/device";
import type { RowShard } from "../device/pages";
import { type LogitChunk, slicesFor } from "../ops/head";
import { type ModelConfig, widths } from "./config";
import { rowNorm } from "./norm-shapes";
import type { ParameterLayout, Table } from "./parameters";
import type { TransformerOps } from "./transformer";
import type { Gradients, Weights } from "./weights";
import type { BackwardSpace, Workspace } from "./workspace";

/** Widest chunk of logits, in padded columns. */
export function chunkColumns({ head }: ParameterLayout): number {
  return (head.chunks[0] as RowShard).rows;
}

/**
 * From the residual stream to log-probabilities and back, in chunks of the vocabulary. A chunk of logits is computed, added to
 * each row's running distribution and overwritten by the next; the backward pass computes it again. A small vocabulary is one
 * chunk, computed once. Wijmans et al., arXiv 2411.09009.
 */
export class VocabularyHead {
  private readonly hidden: number;
  private readonly slices: number;
  private readonly table: Table;

  constructor(
    private readonly device: Device,
    private readonly config: ModelConfig,
    private readonly layout: ParameterLayout,
    private readonly ops: TransformerOps,
  ) {
    this.hidden = widths(config).hidden;
    this.slices = slicesFor(chunkColumns(layout));
    this.table = layout.head;
  }

  /** The final norm of the rows that predict. */
  normalize(space: Workspace, weights: Weights, headRows: number): void {
    const { rows, norm } = this.ops;
    const gain = weights.base.view(this.layout.finalNorm);
    rows.gather(headRows, this.hidden, space.headIndex, space.output, space.headInput);
    norm.forward(rowNorm(this.config, headRows), space.headInput, gain, space.headRstd, space.headNormed);
  }

  /** Logits of some of the table's rows, for all rows that predict: [headRows, chunk.rows] into `target`. */
  logits(space: Workspace, weights: Weights, headRows: number, chunk: RowShard, target = space.logits): LogitChunk {
    const shape = { rows: headRows, inputs: this.hidden, outputs: chunk.rows };
    this.ops.linear.forward(shape, space.headNormed, weights.base.rows(this.table, this.table.width, chunk), target);
    return this.describe(headRows, chunk);
  }

  /** All logits of a few rows, chunk by chunk, each [headRows, chunk.rows]; `space.logits` must have room for them. */
  allLogits(space: Workspace, weights: Weights, headRows: number): void {
    const bytes = headRows * 4;
    for (const chunk of this.table.chunks) {
      const { buffer, offset } = space.logits;
      const target: View = { buffer, offset: offset + chunk.first * bytes, size: chunk.rows * bytes };
      this.logits(space, weights, headRows, chunk, target);
    }
  }

  /** Computes every row's distribution over the vocabulary; the last chunk's logits stay in place. */
  async observe(space: Workspace, weights: Weights, headRows: number, temperature: number): Promise<void> {
    for (const [i, rows] of this.table.chunks.entries()) {
      const chunk = this.logits(space, weights, headRows, rows);
      const at = { slices: this.slices, fresh: i === 0, temperature };
      this.ops.head.observe(chunk, at, space.logits, space.targets, space.running);
      await this.device.breathe();
    }
  }

  /** stats [headRows] = (log p, entropy, 0, 0) of the targets; call `observe` with the same temperature first. */
  logprobs(space: Workspace, headRows: number, temperature: number): void {
    this.ops.head.logprobs(headRows, this.slices, temperature, space.running, space.stats);
  }

  /** Computes stats and the gradient down to the residual stream, `back.dx`; call `observe` with the loss's temperature first. */
  async backward(
    space: Workspace,
    back: BackwardSpace,
    weights: Weights,
    grads: Gradients,
    { rows, headRows }: { rows: number; headRows: number },
    loss: Loss,
  ): Promise<void> {
    const { head, norm } = this.ops;
    head.losses(headRows, this.slices, loss, space.running, space.terms, space.stats, space.slopes);
    await this.backwardTable(space, back, weights, grads, headRows, loss);
    const shape = rowNorm(this.config, headRows);
    const { headInput, headRstd } = space;
    const gain = weights.base.view(this.layout.finalNorm);
    norm.backwardX(shape, headInput, gain, headRstd, back.dHeadNormed, back.dHead, false);
    if (grads.base) {
      const dGain = grads.base.view(this.layout.finalNorm);
      norm.backwardW(shape, headInput, headRstd, back.dHeadNormed, back.partial, dGain);
    }
    this.device.clear({ ...back.dx, size: rows * this.hidden * 4 });
    this.ops.rows.scatter(headRows, this.hidden, space.headIndex, back.dHead, back.dx);
  }

  /** Goes through the chunks in reverse, because the last one's logits are still there. */
  private async backwardTable(
    space: Workspace,
    back: BackwardSpace,
    weights: Weights,
    grads: Gradients,
    headRows: number,
    loss: Loss,
  ): Promise<void> {
    const { head, linear } = this.ops;
    const { chunks, width } = this.table;
    for (let i = chunks.length - 1; i >= 0; i--) {
      const rows = chunks[i] as RowShard;
      const isLast = i === chunks.length - 1;
      const chunk = isLast ? this.describe(headRows, rows) : this.logits(space, weights, headRows, rows);
      head.gradient(chunk, loss, space.logits, space.targets, space.terms, space.slopes);
      const shape = { rows: headRows, inputs: this.hidden, outputs: rows.rows };
      if (grads.base) linear.backwardW(shape, space.logits, space.headNormed, grads.base.rows(this.table, width, rows));
      linear.backwardX(shape, space.logits, weights.base.rows(this.table, width, rows), back.dHeadNormed, !isLast);
      await this.device.breathe();
    }
  }

  private describe(rows: number, chunk: RowShard): LogitChunk {
    const columns = Math.min(chunk.rows, this.config.vocabulary - chunk.first);
    return { rows, first: chunk.first, columns, stride4: chunk.rows / 4 };
  }
}
