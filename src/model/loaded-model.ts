import {
  type Completion,
  KelvinError,
  type Learner,
  type LiveTokens,
  type LoraConfig,
  type Loss,
  type ModelInfo,
  type Policy,
  type SamplingOptions,
  type SamplingRequest,
  type Tokenizer,
  type TrainingSequence,
  type UpdateMetrics,
} from "../contracts";
import { type Gpu, view } from "../gpu/gpu";
import { microBatches, type PackedSequence, packCompletions, packWeighted } from "../loss/pack";
import { decodeOps } from "../ops/decode";
import { STATS } from "../ops/head";
import { sampleOps } from "../ops/sample";
import { type AdamWOptions, DEFAULT_ADAMW, Optimizer } from "../optimizer/optimizer";
import type { PackedAdapter } from "./adapter-layout";
import { Adapters } from "./adapters";
import { type Batch, makeBatch } from "./batch";
import { type GenerationPlan, generationBuffers, PREFILL_ROWS, planGeneration } from "./caches";
import type { ModelConfig } from "./config";
import { Generator } from "./generator";

import { type Adapter, mergeAdapter } from "./merge";
import { type FlatLayout, type ParameterLayout, packParameters, unpackParameters } from "./parameters";
import { readSafetensors, type Tensor, writeSafetensors } from "./safetensors";
import { Transformer, transformerOps } from "./transformer";
import type { Gradients, Weights } from "./weights";
import { planWorkspace } from "./workspace";

/** Sizes planned before anything is allocated. */
export interface Plan extends GenerationPlan {
  /** Tokens per training micro-batch. */
  readonly trainingRows: number;
  /** Whether layers keep their activations for the backward pass, or it computes them again from the layers' inputs. */
  readonly activations: "kept" | "recomputed";
}

export const DEFAULT_PLAN: Plan = {
  slots: 256,
  capacity: 112,
  promptRows: 16384,
  chunk: 8,
  trainingRows: 2048,
  activations: "kept",
};

export interface PretrainBatch {
  readonly sequences: readonly { readonly tokens: Int32Array; readonly weights: Float32Array }[];
}

const CROSS_ENTROPY: Loss = { kind: "cross-entropy" };

/** A policy with its learner: weights on the device, kernels compiled, every buffer planned. */
export class LoadedModel implements Policy, Learner {
  readonly info: ModelInfo;
  readonly contextLength: number;
  private readonly transformer: Transformer;
  private readonly generator: Generator;
  private readonly generation;
  private readonly workspace;
  private readonly optimizer: Optimizer;
  private readonly weights: Weights;
  private readonly adapters: Adapters | null;
  private readonly references: GPUBuffer[] = [];

  constructor(
    private readonly gpu: Gpu,
    name: string,
    readonly config: ModelConfig,
    private readonly layout: ParameterLayout,
    flat: Float32Array<ArrayBuffer>,
    private readonly maybeTokenizer: Tokenizer | null,
    private readonly plan: Plan,
    private readonly adapter: PackedAdapter | null = null,
  ) {
    this.weights = {
      base: this.upload("weights", flat),
      adapter: adapter && this.upload("adapter weights", adapter.flat),
    };
    const ops = transformerOps(gpu, config);
    const rows = Math.max(plan.trainingRows, plan.slots, PREFILL_ROWS);
    this.adapters = adapter && new Adapters(gpu, adapter.layout, rows, ops.linear, ops.reduce);
    this.transformer = new Transformer(gpu, config, layout, ops, this.adapters);
    this.workspace = planWorkspace(gpu, config, plan.trainingRows, plan.trainingRows, plan.activations);
    this.optimizer = new Optimizer(gpu, this.trained.layout);
    this.generation = planGeneration(gpu, config, plan);
    const generationOps = [decodeOps(gpu, config.heads), sampleOps(gpu)] as const;
    const decodeText = (tokens: readonly number[]): string => this.tokenizer.decode(tokens);
    this.generator = new Generator(gpu, this.transformer, ...generationOps, this.generation, decodeText);
    this.contextLength = config.contextLength;
    this.info = {
      name,
      family: config.family,
      parameters: layout.count,
      layers: config.layers,
      hidden: config.hidden,
      vocabulary: config.vocabulary,
    };
  }

  private upload(label: string, flat: Float32Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.gpu.storage(label, flat.length);
    this.gpu.write(buffer, flat);
    return buffer;
  }

  /** What the optimizer moves: the adapters where the model has them, else the whole model. */
  private get trained(): { layout: FlatLayout; weights: GPUBuffer } {
    const { base, adapter } = this.weights;
    return this.adapter && adapter
      ? { layout: this.adapter.layout, weights: adapter }
      : { layout: this.layout, weights: base };
  }

  private get gradientTargets(): Gradients {
    const { grads } = this.optimizer;
    return this.adapter ? { base: null, adapter: grads } : { base: grads, adapter: null };
  }

  /** The adapters that are trained; null where the whole model is. */
  get lora(): LoraConfig | null {
    return this.adapter?.layout.lora ?? null;
  }

  get tokenizer(): Tokenizer {
    if (!this.maybeTokenizer) throw new Error("this model was created without a tokenizer");
    return this.maybeTokenizer;
  }

  /** All bytes this engine has planned on the device. */
  get bytesOnDevice(): number {
    return this.gpu.counters.bytes;
  }

  generate(
    requests: readonly SamplingRequest[],
    options: SamplingOptions,
  ): AsyncGenerator<LiveTokens[], Completion[][]> {
    return this.generator.generate(this.weights, requests, options);
  }

  score(sequences: readonly { prompt: Int32Array; completion: Int32Array }[]): Promise<Float32Array[]> {
    return this.scoreWith(this.weights, sequences);
  }

  private async scoreWith(
    weights: Weights,
    sequences: readonly { prompt: Int32Array; completion: Int32Array }[],
  ): Promise<Float32Array[]> {
    const training = sequences.map((s) => ({ ...s, advantage: 0, oldLogprobs: new Float32Array(0) }));
    const results: Float32Array[] = [];
    for (const micro of microBatches(packCompletions(training, CROSS_ENTROPY), this.plan.trainingRows)) {
      const batch = await this.forward(weights, micro);
      this.transformer.logprobs(this.workspace, batch.headRows.length, 1);
      const stats = await this.gpu.readFloats(this.workspace.stats);
      let at = 0;
      for (const { rows } of micro) {
        results.push(Float32Array.from(rows, () => stats[at++ * STATS] as number));
      }
    }
    return results;
  }

  private async forward(weights: Weights, sequences: readonly PackedSequence[]): Promise<Batch> {
    const batch = makeBatch(sequences, this.config.vocabulary);
    this.transformer.upload(this.workspace, batch);
    await this.transformer.forward(this.workspace, weights, batch.rows);
    this.transformer.logits(this.workspace, weights, batch.headRows.length);
    return batch;
  }

  /** Logits [tokens, V] of whole sequences (no padding), for checks against other implementations. */
  async logits(sequences: readonly Int32Array[]): Promise<Float32Array> {
    const packed = sequences.map((tokens) => ({
      tokens,
      rows: Uint32Array.from(tokens, (_, t) => t),
      terms: new Float32Array(tokens.length * 4),
    }));
    const batch = await this.forward(this.weights, packed);
    const padded = await this.gpu.readFloats(this.workspace.logits);
    const stride = this.workspace.logits.size / 4 / this.workspace.headRows;
    const { vocabulary } = this.config;
    const logits = new Float32Array(batch.rows * vocabulary);
    for (let n = 0; n < batch.rows; n++)
      logits.set(padded.subarray(n * stride, n * stride + vocabulary), n * vocabulary);
    return logits;
  }

  /** Accumulate the gradient of a loss over all sequences; [log p, entropy, loss, k3] of every predicted token. */
  private async accumulate(sequences: readonly PackedSequence[], loss: Loss): Promise<Float32Array> {
    this.optimizer.clearGradients();
    const parts: Float32Array[] = [];
    for (const micro of microBatches(sequences, this.plan.trainingRows)) {
      const batch = await this.forward(this.weights, micro);
      await this.transformer.backward(this.workspace, this.weights, this.gradientTargets, batch, loss);
      const stats = await this.gpu.readFloats(this.workspace.stats);
      parts.push(stats.subarray(0, batch.headRows.length * STATS));
    }
    const all = new Float32Array(parts.reduce((sum, p) => sum + p.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  async update(sequences: readonly TrainingSequence[], loss: Loss, learningRate: number): Promise<UpdateMetrics> {
    const packed = packCompletions(sequences, loss);
    const stats = await this.accumulate(packed, loss);
    this.optimizer.adamWUpdate(this.trained.weights, learningRate);
    const gradNorm = await this.optimizer.readNorm();
    return { ...summarize(stats, sequences), gradNorm };
  }

  /** Loss and gradients of what is trained, by Hugging Face name, without an update: for tests. */
  async gradients(
    sequences: readonly TrainingSequence[],
    loss: Loss,
  ): Promise<{
    metrics: Omit<UpdateMetrics, "gradNorm">;
    logprobs: Float32Array;
    entropies: Float32Array;
    grads: Map<string, Tensor>;
  }> {
    const stats = await this.accumulate(packCompletions(sequences, loss), loss);
    const flat = await this.gpu.readFloats(view(this.optimizer.grads));
    const column = (c: number): Float32Array =>
      Float32Array.from({ length: stats.length / STATS }, (_, i) => stats[i * STATS + c] as number);
    return {
      metrics: summarize(stats, sequences),
      logprobs: column(0),
      entropies: column(1),
      grads: unpackParameters(this.trained.layout, flat),
    };
  }

  /** One pre-training update: Σ weights·(−log p), Muon on matrices, AdamW on the rest. `loss` is that plain sum. */
  async pretrainStep(
    batch: PretrainBatch,
    rates: { muonLearningRate: number; adamLearningRate: number },
  ): Promise<{ loss: number; gradNorm: number }> {
    if (this.adapter) throw new Error("pre-training moves whole models, not adapters");
    const stats = await this.accumulate(packWeighted(batch.sequences), CROSS_ENTROPY);
    this.optimizer.muonUpdate(this.trained.weights, rates.muonLearningRate, rates.adamLearningRate);
    await this.gpu.ready();
    let loss = 0;
    for (let i = 2; i < stats.length; i += STATS) loss += stats[i] as number;
    return { loss, gradNorm: await this.optimizer.readNorm() };
  }

  resetOptimizer(options: Partial<AdamWOptions> = {}): void {
    this.optimizer.reset({ ...DEFAULT_ADAMW, ...options });
  }

  /**
   * The policy that training is held to; shares kernels and work space with this model. With adapters it is the frozen
   * base without them; else a copy of the weights as they are now.
   */
  async freezeReference(): Promise<Policy> {
    return this.policyOver({ base: this.adapter ? this.weights.base : this.copyBase(), adapter: null });
  }

  /** Other weights of the same architecture, by Hugging Face name, as a policy that shares kernels and work space. */
  freezeWeights(tensors: ReadonlyMap<string, Tensor>): Policy {
    const base = this.gpu.storage("frozen weights", this.layout.floats);
    this.references.push(base);
    this.gpu.write(base, packParameters(this.layout, tensors));
    return this.policyOver({ base, adapter: null });
  }

  private policyOver(frozen: Weights): Policy {
    const { tokenizer, contextLength } = this;
    return {
      tokenizer,
      contextLength,
      generate: (requests, options) => this.generator.generate(frozen, requests, options),
      score: (sequences) => this.scoreWith(frozen, sequences),
    };
  }

  private copyBase(): GPUBuffer {
    const copy = this.gpu.storage("reference weights", this.layout.floats);
    this.references.push(copy);
    this.gpu.copy(view(this.weights.base), view(copy));
    return copy;
  }

  /** The whole model by Hugging Face name; adapters are merged into their projections. */
  async tensors(): Promise<Map<string, Tensor>> {
    const base = unpackParameters(this.layout, await this.gpu.readFloats(view(this.weights.base)));
    const adapter = await this.adapterTensors();
    return adapter ? mergeAdapter(base, adapter) : base;
  }

  /** The adapters as they are now, with their configuration; null where the model has none. */
  async adapterTensors(): Promise<Adapter | null> {
    if (!this.adapter || !this.weights.adapter) return null;
    const { layout } = this.adapter;
    const flat = await this.gpu.readFloats(view(this.weights.adapter));
    return { lora: layout.lora, tensors: unpackParameters(layout, flat) };
  }

  async exportWeights(): Promise<Uint8Array<ArrayBuffer>> {
    return writeSafetensors(await this.tensors(), { format: "pt" });
  }

  /** What is trained (the weights, or the adapters), moments and update count, bit for bit. */
  async exportState(): Promise<Uint8Array<ArrayBuffer>> {
    const { first, second } = await this.optimizer.readMoments();
    const flat = await this.gpu.readFloats(view(this.trained.weights));
    const tensor = (data: Float32Array): Tensor => ({ shape: [data.length], data: Float32Array.from(data) });
    const updates = Float32Array.of(this.optimizer.updates);
    return writeSafetensors(
      new Map([
        [this.adapter ? "adapter" : "weights", tensor(flat)],
        ["firstMoment", tensor(first)],
        ["secondMoment", tensor(second)],
        ["updates", tensor(updates)],
      ]),
    );
  }

  /** @throws KelvinError "model" where the state is not this model's */
  importState(bytes: Uint8Array): void {
    const { tensors } = readSafetensors(bytes);
    const flat = (name: string, floats: number): Float32Array<ArrayBuffer> => {
      const tensor = tensors.get(name);
      if (tensor?.data.length !== floats)
        throw new KelvinError(
          "model",
          `checkpoint: ${name} is missing or not ${floats} numbers long`,
          "It belongs to another model.",
        );
      return tensor.data;
    };
    const { floats } = this.trained.layout;
    const weights = flat(this.adapter ? "adapter" : "weights", floats);
    this.optimizer.writeMoments(
      flat("firstMoment", floats),
      flat("secondMoment", floats),
      flat("updates", 1)[0] as number,
    );
    this.gpu.write(this.trained.weights, weights);
  }

  destroy(): void {
    const buffers = new Set([
      this.weights.base,
      ...(this.weights.adapter ? [this.weights.adapter] : []),
      ...(this.adapters?.buffers ?? []),
      ...this.references,
      ...this.workspace.buffers,
      ...generationBuffers(this.generation),
      ...this.optimizer.buffers,
    ]);
    for (const buffer of buffers) this.gpu.destroyBuffer(buffer);
  }
}

/** Means over predicted tokens; the loss is the weighted sum the gradient belongs to. */
function summarize(stats: Float32Array, sequences: readonly TrainingSequence[]): Omit<UpdateMetrics, "gradNorm"> {
  const tokens = stats.length / STATS;
  const old = sequences.flatMap((s) => Array.from({ length: s.completion.length }, (_, t) => s.oldLogprobs[t]));
  let loss = 0;
  let entropy = 0;
  let kl = 0;
  let clipped = 0;
  let gap = 0;
  for (let i = 0; i < tokens; i++) {
    const k3 = stats[i * STATS + 3] as number;
    loss += stats[i * STATS + 2] as number;
    entropy += stats[i * STATS + 1] as number;
    kl += k3 < 0 ? -1 - k3 : k3; // see head.wgsl: a clipped token carries −1 − k3
    clipped += k3 < 0 ? 1 : 0;
    gap += Math.abs((stats[i * STATS] as number) - (old[i] ?? (stats[i * STATS] as number)));
  }
  const n = Math.max(1, tokens);
  return { loss, entropy: entropy / n, klToReference: kl / n, clipFraction: clipped / n, logprobGap: gap / n, tokens };
}
