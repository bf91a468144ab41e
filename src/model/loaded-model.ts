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
import { type AdamWOptions, DEFAULT_ADAMW, Optimizer } from "../optimizer/optimizer";
import { placedTensors } from "./belongs";
import type { ChatWriter } from "./chat";
import { Compute } from "./compute";
import type { ModelConfig } from "./config";
import { type GradientSpace, gradientSpace } from "./gradient";
import { type Adapter, mergeAdapter } from "./merge";
import { column, summarize, totalLoss } from "./metrics";
import type { ModelParts } from "./model-parts";
import { type ReadableTensors, readParameters, writeParameters } from "./parameter-transfer";
import type { FlatLayout, ParameterLayout } from "./parameters";
import type { ScoredSequence } from "./passes";
import { holdsReference, partOf } from "./plan";
import { type FileParts, safetensorsParts, type Tensor } from "./safetensors";
import { blobFile, type ModelFile } from "./source";
import { Team } from "./team";
import type { Weights } from "./weights";

/** Sequences of one pre-training update; `weights[t]` multiplies −log p(tokens[t]). */
export interface PretrainBatch {
  readonly sequences: readonly {
    readonly tokens: Int32Array;
    readonly weights: Float32Array;
    readonly positions?: Uint32Array;
  }[];
}

/** A page needs it only when it trains. */
const stateFile = () => import("./state-file");

const LIKELIHOOD: Loss = { kind: "likelihood" };

/** A policy and its learner: weights on the device, compiled kernels, all planned buffers, and the workers that help. */
export class LoadedModel implements Policy, Learner {
  readonly config: ModelConfig;
  readonly contextLength: number;
  readonly longestCompletion: number;
  private readonly layout: ParameterLayout;
  private readonly weights: Weights;
  private readonly compute: Compute;
  private readonly team: Team;
  private readonly maybeOptimizer: Optimizer | null;
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
    const decodeText = (tokens: readonly number[]): string => this.tokenizer.decode(tokens);
    this.compute = new Compute(device, { config, layout, adapterLayout, plan: partOf(plan) }, decodeText);
    this.maybeOptimizer =
      plan.activations !== "inference" ? new Optimizer(device, this.trained.layout, plan.optimizer) : null;
    if (holdsReference(plan, this.lora)) this.reserved = new PagedBuffer(device, "reference weights", layout.pages);
    this.team = this.gathered();
    this.contextLength = config.contextLength;
    this.longestCompletion = plan.capacity;
  }

  /** The workers; they are to hold what this thread holds, besides the optimizer. */
  private gathered(): Team {
    const { base, adapter } = this.weights;
    const team = new Team(this.device, this.compute, this.parts.plan.workers);
    team.share(base, "base");
    if (adapter) team.share(adapter, "adapter");
    if (this.reserved) team.share(this.reserved, "base");
    return team;
  }

  /** Makes the replicas in other workers. @throws KelvinError "out-of-memory" if there is no room for one */
  async gather(): Promise<void> {
    const { config, plan } = this.parts;
    await this.team.build({ config, plan: partOf(plan), lora: this.lora });
  }

  /** Frees the replicas. */
  disperse(): void {
    this.team.destroy();
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

  private get gradientSpace(): GradientSpace {
    return gradientSpace(this.optimizer.grads, this.parts.adapterLayout !== null);
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
    return this.team.generate(this.weights, requests, options);
  }

  score(sequences: readonly ScoredSequence[]): Promise<Float32Array[]> {
    return this.team.score(this.weights, sequences);
  }

  /** The residual stream after `layer` layers, its mean over the rows of each completion. */
  features(sequences: readonly ScoredSequence[], layer: number, _pooling: Pooling): Promise<Float32Array[]> {
    return this.team.features(this.weights, sequences, layer);
  }

  /** Logits [tokens, V] of whole sequences (no padding), for comparison with other implementations. */
  logits(sequences: readonly Int32Array[]): Promise<Float32Array> {
    return this.compute.passes.logits(this.weights, sequences);
  }

  async update(
    sequences: readonly TrainingSequence[],
    loss: Loss,
    learningRate: number,
    over?: Drawn,
  ): Promise<UpdateMetrics> {
    const packed = packCompletions(sequences, loss, over);
    const stats = await this.team.gradient(this.gradientSpace, this.weights, packed, loss);
    this.optimizer.adamWUpdate(this.trained.weights, learningRate);
    this.team.changed(this.trained.weights);
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
    const stats = await this.team.gradient(this.gradientSpace, this.weights, packed, loss);
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
    if (this.lora) throw new Error("pre-training moves whole models, not adapters");
    const packed = packWeighted(batch.sequences);
    const stats = await this.team.gradient(this.gradientSpace, this.weights, packed, LIKELIHOOD);
    this.optimizer.muonUpdate(this.trained.weights, rates.muonLearningRate, rates.adamLearningRate);
    this.team.changed(this.trained.weights);
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
    if (this.lora) return this.withoutAdapter();
    await this.reserveReference();
    const base = this.reserved as PagedBuffer;
    this.reserved = null;
    base.copyFrom(this.device, this.weights.base);
    this.team.changed(base);
    this.frozen.push(base);
    return this.policyOver({ base, adapter: null });
  }

  /**
   * Reserves memory for a reference, if none was planned.
   * @throws KelvinError "out-of-memory" if there is no room; the model stays usable
   */
  async reserveReference(): Promise<void> {
    if (this.lora || this.reserved) return;
    this.reserved = await this.device.allocate(async () => {
      const reserved = new PagedBuffer(this.device, "reference weights", this.layout.pages);
      await this.team.add(reserved);
      return reserved;
    });
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
      generate: (requests, options) => this.team.generate(frozen, requests, options),
      score: (sequences) => this.team.score(frozen, sequences),
      features: (sequences, layer) => this.team.features(frozen, sequences, layer),
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
    return (await stateFile()).writeState({
      trained: this.trained.name,
      values: await this.trained.weights.read(this.device),
      firstMoment: first,
      secondMoment: second,
      updates: this.optimizer.updates,
    });
  }

  /** Keeps the trained numbers, moments and update count as they are now. @returns puts them back, bit for bit */
  async keepState(): Promise<() => Promise<void>> {
    const kept = blobFile("kept state", new Blob([...(await this.exportState())]));
    return () => this.importState(kept);
  }

  /** @throws KelvinError "model" if the state does not fit this model */
  async importState(file: ModelFile): Promise<void> {
    const { name, layout, weights } = this.trained;
    const { values, firstMoment, secondMoment, updates } = await (await stateFile()).readState(
      file,
      name,
      layout.floats,
    );
    this.optimizer.writeMoments(firstMoment, secondMoment, updates);
    weights.write(this.device, values);
    this.team.changed(weights);
  }

  destroy(): void {
    this.team.destroy();
    const paged = [this.weights.base, this.weights.adapter, this.reserved, ...this.frozen];
    const buffers = new Set([
      ...paged.flatMap((one) => one?.buffers ?? []),
      ...this.compute.buffers,
      ...(this.maybeOptimizer?.buffers ?? []),
    ]);
    for (const buffer of buffers) this.device.destroyBuffer(buffer);
  }
}
