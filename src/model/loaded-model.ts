import type {
  Completion,
  Drawn,
  Learner,
  LiveTokens,
  LoraConfig,
  Loss,
  MemoryNeed,
  ModelInfo,
  Policy,
  Pooling,
  SamplingOptions,
  SamplingRequest,
  Tokenizer,
  TrainingSequence,
  UpdateMetrics,
} from "../contracts";
import type { Device } from "../device/device";
import { PagedBuffer } from "../device/pages";
import { packCompletions, packWeighted } from "../loss/pack";
import { decodeOps } from "../ops/decode";
import { sampleOps } from "../ops/sample";
import { type AdamWOptions, DEFAULT_ADAMW, Optimizer } from "../optimizer/optimizer";
import { Adapters } from "./adapters";
import { placedTensors } from "./belongs";
import { fillGeneration, generationBuffers, planGeneration } from "./caches";
import type { ChatWriter } from "./chat";
import type { ModelConfig } from "./config";
import { Generator } from "./generator";
import { type Adapter, mergeAdapter } from "./merge";
import { column, summarize, totalLoss } from "./metrics";
import type { ModelParts } from "./model-parts";
import { type ReadableTensors, readParameters, writeParameters } from "./parameter-transfer";
import type { FlatLayout, ParameterLayout } from "./parameters";
import { Passes, type ScoredSequence } from "./passes";
import { adapterRows, holdsReference, passSizes } from "./plan";
import { type FileParts, safetensorsParts, type Tensor } from "./safetensors";
import type { ModelFile } from "./source";
import { readState, writeState } from "./state-file";
import { Transformer, transformerOps } from "./transformer";
import type { Gradients, Weights } from "./weights";
import { fillWorkspace, planWorkspace } from "./workspace";

/** Sequences of one pre-training update; `weights[t]` multiplies −log p(tokens[t]). */
export interface PretrainBatch {
  readonly sequences: readonly { readonly tokens: Int32Array; readonly weights: Float32Array }[];
}

const LIKELIHOOD: Loss = { kind: "likelihood" };

/** A policy and its learner: weights on the device, compiled kernels and all planned buffers. */
export class LoadedModel implements Policy, Learner {
  readonly config: ModelConfig;
  readonly contextLength: number;
  readonly longestCompletion: number;
  private readonly layout: ParameterLayout;
  private readonly weights: Weights;
  private readonly generator: Generator;
  private readonly generation;
  private readonly workspace;
  private readonly passes: Passes;
  private readonly maybeOptimizer: Optimizer | null;
  private readonly adapters: Adapters | null;
  /** Memory reserved for the reference; null once it is in use, or if none is planned. */
  private reserved: PagedBuffer | null = null;
  private readonly frozen: PagedBuffer[] = [];
  private chatWanted = true;

  constructor(
    private readonly device: Device,
    private readonly parts: ModelParts,
  ) {
    const { config, layout, adapterLayout, plan } = parts;
    this.config = config;
    this.layout = layout;
    this.weights = parts.weights;
    const ops = transformerOps(device, config, layout.precision);
    this.adapters = adapterLayout && new Adapters(device, adapterLayout, adapterRows(plan), ops.linear, ops.reduce);
    const transformer = new Transformer(device, config, layout, ops, this.adapters);
    this.workspace = planWorkspace(device, config, passSizes(layout, plan));
    fillWorkspace(device, config, this.workspace);
    this.passes = new Passes(device, transformer, this.workspace);
    this.maybeOptimizer =
      plan.activations !== "inference" ? new Optimizer(device, this.trained.layout, plan.optimizer) : null;
    if (holdsReference(plan, this.lora)) this.reserved = new PagedBuffer(device, "reference weights", layout.pages);
    this.generation = planGeneration(device, config, plan);
    fillGeneration(device, config, this.generation);
    const generationOps = [decodeOps(device, config.heads), sampleOps(device)] as const;
    const decodeText = (tokens: readonly number[]): string => this.tokenizer.decode(tokens);
    this.generator = new Generator(device, transformer, ...generationOps, this.generation, decodeText);
    this.contextLength = config.contextLength;
    this.longestCompletion = plan.capacity;
  }

  /** What the optimizer updates: the adapters, if any, else the whole model. */
  private get trained(): { layout: FlatLayout; weights: PagedBuffer; name: "weights" | "adapter" } {
    const { base, adapter } = this.weights;
    const { adapterLayout } = this.parts;
    return adapterLayout && adapter
      ? { layout: adapterLayout, weights: adapter, name: "adapter" }
      : { layout: this.layout, weights: base, name: "weights" };
  }

  private get optimizer(): Optimizer {
    if (!this.maybeOptimizer) throw new Error("this model was planned for inference");
    return this.maybeOptimizer;
  }

  private get gradientTargets(): Gradients {
    const { grads } = this.optimizer;
    return this.adapters ? { base: null, adapter: grads } : { base: grads, adapter: null };
  }

  /** Number of trained parameters. */
  get trainedParameters(): number {
    return this.trained.layout.count;
  }

  /** The trained adapters; null if the whole model is trained. */
  get lora(): LoraConfig | null {
    return this.parts.adapterLayout?.lora ?? null;
  }

  /** Description for people and for the log. */
  get info(): ModelInfo {
    const { name, config, layout } = this.parts;
    const { family, layers, hidden, vocabulary } = config;
    const shape = { family, parameters: layout.count, layers, hidden, vocabulary };
    return { name, ...shape, ...(this.parts.chat && { chat: this.chat ? "on" : "off" }) };
  }

  get chat(): ChatWriter | null {
    return this.chatWanted ? this.parts.chat : null;
  }

  /** Switches the chat template on or off; it is on at first, if the model has one. */
  useChat(wanted: boolean): void {
    this.chatWanted = wanted;
  }

  get tokenizer(): Tokenizer {
    if (!this.parts.tokenizer) throw new Error("this model was created without a tokenizer");
    return this.parts.tokenizer;
  }

  /** Device memory of this model. */
  get memory(): MemoryNeed {
    return this.parts.memory;
  }

  /** All bytes that this engine has planned on the device. */
  get bytesOnDevice(): number {
    return this.device.counters.bytes;
  }

  generate(
    requests: readonly SamplingRequest[],
    options: SamplingOptions,
  ): AsyncGenerator<LiveTokens[], Completion[][]> {
    return this.generator.generate(this.weights, requests, options);
  }

  score(sequences: readonly ScoredSequence[]): Promise<Float32Array[]> {
    return this.passes.score(this.weights, sequences);
  }

  /** The residual stream after `layer` layers, its mean over the rows of each completion. */
  features(sequences: readonly ScoredSequence[], layer: number, _pooling: Pooling): Promise<Float32Array[]> {
    return this.passes.features(this.weights, sequences, layer);
  }

  /** Logits [tokens, V] of whole sequences (no padding), for comparison with other implementations. */
  logits(sequences: readonly Int32Array[]): Promise<Float32Array> {
    return this.passes.logits(this.weights, sequences);
  }

  async update(
    sequences: readonly TrainingSequence[],
    loss: Loss,
    learningRate: number,
    over?: Drawn,
  ): Promise<UpdateMetrics> {
    const packed = packCompletions(sequences, loss, over);
    this.optimizer.clearGradients();
    const stats = await this.passes.accumulate(this.weights, this.gradientTargets, packed, loss);
    this.optimizer.adamWUpdate(this.trained.weights, learningRate);
    const gradNorm = await this.optimizer.readNorm();
    return { ...summarize(stats, sequences), gradNorm };
  }

  /** Loss and gradients of the trained parameters, by Hugging Face name, without an update; for tests. */
  async gradients(
    sequences: readonly TrainingSequence[],
    loss: Loss,
    over?: Drawn,
  ): Promise<{
    metrics: Omit<UpdateMetrics, "gradNorm">;
    logprobs: Float32Array;
    entropies: Float32Array;
    grads: Map<string, Tensor>;
  }> {
    const packed = packCompletions(sequences, loss, over);
    this.optimizer.clearGradients();
    const stats = await this.passes.accumulate(this.weights, this.gradientTargets, packed, loss);
    return {
      metrics: summarize(stats, sequences),
      logprobs: column(stats, 0),
      entropies: column(stats, 1),
      grads: await readParameters(this.device, this.trained.layout, this.optimizer.grads),
    };
  }

  /** One pre-training update: Σ weights·(−log p), Muon on matrices, AdamW on the rest. `loss` is this sum. */
  async pretrainStep(
    batch: PretrainBatch,
    rates: { muonLearningRate: number; adamLearningRate: number },
  ): Promise<{ loss: number; gradNorm: number }> {
    if (this.adapters) throw new Error("pre-training moves whole models, not adapters");
    const packed = packWeighted(batch.sequences);
    this.optimizer.clearGradients();
    const stats = await this.passes.accumulate(this.weights, this.gradientTargets, packed, LIKELIHOOD);
    this.optimizer.muonUpdate(this.trained.weights, rates.muonLearningRate, rates.adamLearningRate);
    await this.device.ready();
    return { loss: totalLoss(stats), gradNorm: await this.optimizer.readNorm() };
  }

  resetOptimizer(options: Partial<AdamWOptions> = {}): void {
    this.optimizer.reset({ ...DEFAULT_ADAMW, ...options });
  }

  /**
   * The frozen reference of training. It shares kernels and work space with this model. With adapters it is the base without
   * them; else a copy of the current weights.
   */
  async freezeReference(): Promise<Policy> {
    if (this.adapters) return this.withoutAdapter();
    await this.reserveReference();
    const base = this.reserved as PagedBuffer;
    this.reserved = null;
    base.copyFrom(this.device, this.weights.base);
    this.frozen.push(base);
    return this.policyOver({ base, adapter: null });
  }

  /**
   * Reserves memory for a reference, if none was planned.
   * @throws KelvinError "out-of-memory" if there is no room; the model stays usable
   */
  async reserveReference(): Promise<void> {
    if (this.adapters || this.reserved) return;
    this.reserved = await this.device.allocate(
      async () => new PagedBuffer(this.device, "reference weights", this.layout.pages),
    );
  }

  /** The base without its adapters; takes no memory. */
  withoutAdapter(): Policy {
    return this.policyOver({ base: this.weights.base, adapter: null });
  }

  /** A policy with other weights of the same architecture, by Hugging Face name; shares kernels and work space. */
  async freezeWeights(stored: ReadableTensors): Promise<Policy> {
    const tensors = await placedTensors(this.layout, stored);
    const base = await this.device.allocate(async () => {
      const copy = new PagedBuffer(this.device, "frozen weights", this.layout.pages);
      await writeParameters(this.device, this.layout, copy, tensors);
      return copy;
    });
    this.frozen.push(base);
    return this.policyOver({ base, adapter: null });
  }

  private policyOver(frozen: Weights): Policy {
    const { tokenizer, contextLength, longestCompletion } = this;
    const chat = () => this.chat;
    return {
      tokenizer,
      contextLength,
      longestCompletion,
      get chat() {
        return chat();
      },
      generate: (requests, options) => this.generator.generate(frozen, requests, options),
      score: (sequences) => this.passes.score(frozen, sequences),
      features: (sequences, layer) => this.passes.features(frozen, sequences, layer),
    };
  }

  /** The whole model by Hugging Face name, with adapters merged. */
  async tensors(): Promise<Map<string, Tensor>> {
    const base = await readParameters(this.device, this.layout, this.weights.base);
    const adapter = await this.adapterTensors();
    return adapter ? mergeAdapter(base, adapter) : base;
  }

  /** The current adapters with their configuration; null if the model has none. */
  async adapterTensors(): Promise<Adapter | null> {
    const { adapterLayout } = this.parts;
    if (!adapterLayout || !this.weights.adapter) return null;
    const tensors = await readParameters(this.device, adapterLayout, this.weights.adapter);
    return { lora: adapterLayout.lora, tensors, base: this.info.name };
  }

  /** A safetensors file of the whole model, with adapters merged. */
  async exportWeights(): Promise<FileParts> {
    return safetensorsParts(await this.tensors(), { format: "pt" });
  }

  /** The trained numbers (weights or adapters), moments and update count, bit for bit. */
  async exportState(): Promise<FileParts> {
    const { first, second } = await this.optimizer.readMoments();
    return writeState({
      trained: this.trained.name,
      values: await this.trained.weights.read(this.device),
      firstMoment: first,
      secondMoment: second,
      updates: this.optimizer.updates,
    });
  }

  /** @throws KelvinError "model" if the state does not fit this model */
  async importState(file: ModelFile): Promise<void> {
    const { name, layout, weights } = this.trained;
    const { values, firstMoment, secondMoment, updates } = await readState(file, name, layout.floats);
    this.optimizer.writeMoments(firstMoment, secondMoment, updates);
    weights.write(this.device, values);
  }

  destroy(): void {
    const paged = [this.weights.base, this.weights.adapter, this.reserved, ...this.frozen];
    const buffers = new Set([
      ...paged.flatMap((one) => one?.buffers ?? []),
      ...(this.adapters?.buffers ?? []),
      ...this.workspace.buffers,
      ...generationBuffers(this.generation),
      ...(this.maybeOptimizer?.buffers ?? []),
    ]);
    for (const buffer of buffers) this.device.destroyBuffer(buffer);
  }
}
