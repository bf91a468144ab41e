import type { Loss } from "../contracts";
import type { Device } from "../device/device";
import { microBatches, type PackedSequence, packCompletions } from "../loss/pack";
import { STATS, temperatureOf } from "../ops/head";
import { Backward } from "./backward";
import { type Batch, makeBatch } from "./batch";
import { widths } from "./config";
import type { Transformer } from "./transformer";
import type { Gradients, Weights } from "./weights";
import type { Workspace } from "./workspace";

const LIKELIHOOD: Loss = { kind: "likelihood" };

/** A prompt and the completion to score. */
export interface ScoredSequence {
  readonly prompt: Int32Array;
  readonly completion: Int32Array;
}

/** Forward and backward passes over any number of sequences, in micro-batches that fit the workspace. */
export class Passes {
  private readonly backward: Backward;

  constructor(
    private readonly device: Device,
    private readonly transformer: Transformer,
    private readonly workspace: Workspace,
  ) {
    this.backward = new Backward(device, transformer);
  }

  /** log-probabilities at temperature 1 of every completion's tokens. */
  async score(weights: Weights, sequences: readonly ScoredSequence[]): Promise<Float32Array[]> {
    const training = sequences.map((s) => ({ ...s, advantage: 0, oldLogprobs: new Float32Array(0) }));
    const results: Float32Array[] = [];
    for (const micro of microBatches(packCompletions(training, LIKELIHOOD), this.workspace.rows)) {
      const batch = await this.forward(weights, micro);
      const headRows = batch.headRows.length;
      await this.transformer.head.observe(this.workspace, weights, headRows, 1);
      this.transformer.head.logprobs(this.workspace, headRows, 1);
      const stats = await this.device.readFloats(this.workspace.stats);
      let at = 0;
      for (const { rows } of micro) results.push(Float32Array.from(rows, () => stats[at++ * STATS] as number));
    }
    return results;
  }

  /**
   * Returns, per sequence, the mean over its completion's rows of the residual stream after `layer` layers. The host sums in
   * float64, so the sum has the same order everywhere.
   */
  async features(weights: Weights, sequences: readonly ScoredSequence[], layer: number): Promise<Float32Array[]> {
    const { config } = this.transformer;
    if (!(Number.isInteger(layer) && layer >= 0 && layer <= config.layers))
      throw new Error(`features: layer ${layer} of a model of ${config.layers} layers`);
    const training = sequences.map((s) => ({ ...s, advantage: 0, oldLogprobs: new Float32Array(0) }));
    const width = widths(config).hidden;
    const results: Float32Array[] = [];
    for (const micro of microBatches(packCompletions(training, LIKELIHOOD), this.workspace.rows)) {
      const batch = makeBatch(micro, config.vocabulary);
      this.transformer.upload(this.workspace, batch);
      await this.transformer.forward(this.workspace, weights, batch.rows, { layers: layer });
      const stream = this.workspace.layers[layer]?.input ?? this.workspace.output;
      const rows = await this.device.readFloats({ ...stream, size: batch.rows * width * 4 });
      let end = 0;
      for (const { tokens, rows: predicting } of micro) {
        end += tokens.length;
        results.push(meanOfRows(rows.subarray((end - predicting.length) * width, end * width), width, config.hidden));
      }
    }
    return results;
  }

  /** Logits [tokens, V] of whole sequences that fit one pass (no padding), for comparison with other implementations. */
  async logits(weights: Weights, sequences: readonly Int32Array[]): Promise<Float32Array> {
    const packed = sequences.map((tokens) => ({
      tokens,
      rows: Uint32Array.from(tokens, (_, t) => t),
      terms: new Float32Array(tokens.length * 4),
    }));
    const { rows } = await this.forward(weights, packed);
    const { config, layout, head } = this.transformer;
    const logits = new Float32Array(rows * config.vocabulary);
    for (const shard of layout.head.chunks) {
      const { first, columns, stride4 } = head.logits(this.workspace, weights, rows, shard);
      const padded = await this.device.readFloats({ ...this.workspace.logits, size: rows * stride4 * 16 });
      for (let n = 0; n < rows; n++) {
        const row = padded.subarray(n * stride4 * 4, n * stride4 * 4 + columns);
        logits.set(row, n * config.vocabulary + first);
      }
    }
    return logits;
  }

  /** Adds the gradient of a loss over all sequences to `grads`; returns [log p, entropy, loss, k3] of every predicted token. */
  async accumulate(
    weights: Weights,
    grads: Gradients,
    sequences: readonly PackedSequence[],
    loss: Loss,
  ): Promise<Float32Array> {
    const all = new Float32Array(sequences.reduce((sum, { rows }) => sum + rows.length * STATS, 0));
    let at = 0;
    for (const micro of microBatches(sequences, this.workspace.rows)) {
      const batch = await this.forward(weights, micro);
      const headRows = batch.headRows.length;
      await this.transformer.head.observe(this.workspace, weights, headRows, temperatureOf(loss));
      await this.backward.run(this.workspace, weights, grads, batch, loss);
      const stats = await this.device.readFloats(this.workspace.stats);
      all.set(stats.subarray(0, headRows * STATS), at);
      at += headRows * STATS;
    }
    return all;
  }

  /** Forward pass up to the final norm of the rows that predict. */
  private async forward(weights: Weights, sequences: readonly PackedSequence[]): Promise<Batch> {
    const batch = makeBatch(sequences, this.transformer.config.vocabulary);
    this.transformer.upload(this.workspace, batch);
    await this.transformer.forward(this.workspace, weights, batch.rows);
    this.transformer.head.normalize(this.workspace, weights, batch.headRows.length);
    return batch;
  }
}

/** Mean over rows of `width` floats, of which the first `used` count. */
function meanOfRows(rows: Float32Array, width: number, used: number): Float32Array {
  const count = rows.length / width;
  return Float32Array.from({ length: used }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += rows[row * width + column] as number;
    return count > 0 ? sum / count : 0;
  });
}
