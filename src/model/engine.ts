import { type DeviceInfo, KelvinError, type LoraConfig, type MemoryNeed, type Rng, type Tokenizer } from "../contracts";
import type { DeviceAdapter, DeviceOptions } from "../device/adapter";
import type { Device } from "../device/device";
import { PagedBuffer } from "../device/pages";
import { attentionKernels, useAttentionKernels } from "../ops/attention-variants";
import { gateAttention } from "../ops/gate-attention";
import { gateHalves } from "../ops/gate-linear";
import { gateKernels, type Kernels, kernelsOf, sameKernels, useKernels } from "../ops/kernels";
import { cutsGradients } from "../ops/linear";
import { linearKernels, useLinearKernels } from "../ops/linear-variants";
import { tunedAttention } from "../ops/tune-attention";
import { tunedLinear } from "../ops/tune-linear";
import type { TuningStore } from "../ops/tuning";
import { type AdapterLayout, adapterLayout, freshAdapter } from "./adapter-layout";
import { checkParameters, placedTensors } from "./belongs";
import { type ModelConfig, parseConfig, stretched, widths } from "./config";
import { openLanguage } from "./language";
import { LoadedModel } from "./loaded-model";
import { fitPlan, memoryNeed, type Room } from "./memory-plan";
import type { Adapter } from "./merge";
import type { ModelFiles } from "./model-files";
import type { ModelParts } from "./model-parts";
import {
  type ReadableTensor,
  type ReadableTensors,
  readable,
  readableTensors,
  writeParameters,
} from "./parameter-transfer";
import { parameterLayout } from "./parameters";
import { cpuPlan, defaultPlan, layoutOf, leanerPlans, type Plan, withinReach } from "./plan";
import type { Tensor } from "./safetensors";
import type { Weights } from "./weights";

export { LoadedModel } from "./loaded-model";
export type { ModelFiles } from "./model-files";
export { DEFAULT_PLAN, type Plan } from "./plan";

/** Adapters to train: newly drawn, or loaded. */
export type AdapterSource = { readonly lora: LoraConfig; readonly rng: Rng } | Adapter;

/** Options of the device, and its kernels. */
export interface EngineOptions extends DeviceOptions {
  /** Kernels of a recorded run, to resume or repeat it; then nothing is measured. */
  readonly kernels?: Kernels;
  /** Storage of measured choices. If absent, nothing is measured and the default kernels run. */
  readonly tuning?: TuningStore;
}

/** The configuration with the tokenizer's end token if it has none: a completion must be able to end. */
function endedBy(config: ModelConfig, tokenizer: Tokenizer | null): ModelConfig {
  if (config.endTokens.length > 0 || !tokenizer) return config;
  return { ...config, endToken: tokenizer.endToken, endTokens: [tokenizer.endToken] };
}

/** A device that can load models. */
export class Engine {
  constructor(
    readonly device: Device,
    readonly info: DeviceInfo,
    /** Bytes available to a model now; infinite if the adapter does not say. */
    readonly availableBytes: () => number = () => Number.POSITIVE_INFINITY,
    /** Set until the first model is loaded; its widths are then measured. */
    private tuning: TuningStore | null = null,
  ) {}

  /** The variant of each op on this device. Part of a run's record; complete once a model is loaded. */
  get kernels(): Kernels {
    return kernelsOf(this.device);
  }

  /**
   * Chooses kernels once per device, by the first model's widths. A software adapter keeps the defaults: they are the fastest by
   * far, and CPU timings are too noisy to select kernels, which would change the bits.
   */
  private async tune(config: ModelConfig): Promise<void> {
    const store = this.tuning;
    this.tuning = null;
    if (!store || this.info.software) return;
    const { hidden, intermediate } = widths(config);
    const width = { inputs: hidden, outputs: 2 * intermediate };
    useKernels(this.device, {
      linear: await tunedLinear(this.device, this.info.description, width, store),
      attention: await tunedAttention(this.device, this.info.description, config.heads, store),
    });
  }

  /**
   * The start-up check used small heads; this repeats it with the model's. A GPU's driver compiles the code of each head shape
   * anew. Software adapters skip it: the plain kernel takes them seconds to compile, and the tests compare every sibling on them.
   */
  private async gateHeads({ heads }: ModelConfig): Promise<void> {
    if (this.info.software) return;
    useAttentionKernels(this.device, await gateAttention(this.device, attentionKernels(this.device), heads));
  }

  /**
   * Selects the kernels of a recorded run, as far as they pass the check here. Models loaded later use them.
   * @returns whether the selection changed
   */
  async repeatKernels(recorded: Kernels): Promise<boolean> {
    this.tuning = null;
    const before = this.kernels;
    useKernels(this.device, await gateKernels(this.device, recorded));
    return !sameKernels(before, this.kernels);
  }

  /** Workers that can compute. */
  private get workers(): number {
    return 1 + (this.device.helpers?.count ?? 0);
  }

  /** Sizes of a model on this device, unless its caller wants others. */
  private usualPlan(config: ModelConfig): Plan {
    return this.device.traits.simd ? cpuPlan(config, this.workers) : defaultPlan(config);
  }

  /** Whether weight gradients are summed in slices; assumed true for a GPU whose kernels are not chosen yet. */
  private get cutsGradients(): boolean {
    return cutsGradients(linearKernels(this.device)) || (this.tuning !== null && !this.info.software);
  }

  /**
   * Bytes that a model of this `config.json` would need for training, whole or by adapters. Allocates nothing.
   * @param reference whether the loss compares it with a frozen copy of itself
   * @throws KelvinError "model" for an invalid configuration, "out-of-memory" if the adapter's largest binding is too small
   */
  memoryNeed(configJson: unknown, lora: LoraConfig | null, reference = false): MemoryNeed {
    const parsed = parseConfig(configJson);
    const config = stretched(parsed);
    const { mostBytes } = this.device;
    return memoryNeed(
      config,
      withinReach(config, { ...this.usualPlan(parsed), reference }, mostBytes),
      lora,
      mostBytes,
      this.cutsGradients,
    );
  }

  /**
   * Loads a model from its files. With `adapter`, only the adapter is trained and the weights are frozen.
   * @throws KelvinError "model" for a fault in the files, "out-of-memory" if the device has no room; models loaded before stay
   * usable
   */
  async loadModel(files: ModelFiles, plan: Partial<Plan> = {}, adapter?: AdapterSource): Promise<LoadedModel> {
    const config = parseConfig(files.config);
    const { endTokens, ...language } = await openLanguage(files, config);
    const ended = { ...config, endToken: endTokens[0] ?? -1, endTokens };
    return this.build(files.name, ended, files.weights, language, plan, adapter);
  }

  /** Creates a model from initial weights, for pre-training or reference vectors. */
  async createModel(
    configJson: unknown,
    weights: ReadonlyMap<string, Float32Array | Tensor | ReadableTensor>,
    tokenizer: Tokenizer | null = null,
    plan: Partial<Plan> = {},
    adapter?: AdapterSource,
  ): Promise<LoadedModel> {
    const config = parseConfig(configJson);
    const shapes = new Map(parameterLayout(config).parameters.map((p) => [p.name, p.shape]));
    const tensors = new Map<string, ReadableTensor>();
    for (const [name, value] of weights) {
      if ("read" in value) tensors.set(name, value);
      else if ("data" in value) tensors.set(name, readable(value));
      else tensors.set(name, readable({ shape: shapes.get(name) ?? [value.length], data: Float32Array.from(value) }));
    }
    return this.build("model", config, tensors, { tokenizer, chat: null }, plan, adapter);
  }

  private async build(
    name: string,
    parsed: ModelConfig,
    stored: ReadableTensors,
    language: Pick<ModelParts, "tokenizer" | "chat">,
    plan: Partial<Plan>,
    adapter?: AdapterSource,
  ): Promise<LoadedModel> {
    const config = stretched(endedBy(parsed, language.tokenizer));
    const asked = { ...this.usualPlan(parsed), ...plan };
    const workers = Math.min(asked.workers, this.workers);
    const wanted = withinReach(config, { ...asked, workers }, this.device.mostBytes);
    const layout = layoutOf(config, wanted, this.device.mostBytes, adapter?.lora.base);
    const tensors = await placedTensors(layout, stored);
    const own = adapter ? adapterOf(adapterLayout(layout, adapter.lora), adapter) : null;
    const needOf = (one: Plan): MemoryNeed =>
      memoryNeed(config, one, adapter?.lora ?? null, this.device.mostBytes, this.cutsGradients);
    const place = (one: Plan): Promise<{ model: LoadedModel; weights: Weights }> =>
      this.device.allocate(async () => {
        const base = new PagedBuffer(this.device, "weights", layout.pages);
        const weights = { base, adapter: own && new PagedBuffer(this.device, "adapter weights", own.layout.pages) };
        const adapterLayout = own?.layout ?? null;
        const made = { name, config, layout, adapterLayout, weights, ...language, plan: one, memory: needOf(one) };
        return { model: await this.gathered(new LoadedModel(this.device, made)), weights };
      });
    const fitting = fitPlan(name, wanted, needOf, this.room, adapter?.lora ?? null);
    await this.tune(config);
    await this.gateHeads(config);
    if (layout.precision === "float16")
      useLinearKernels(this.device, await gateHalves(this.device, linearKernels(this.device)));
    const { model, weights } = await placeOrShrink(place, fitting);
    await this.fill(model, async () => {
      await writeParameters(this.device, layout, weights.base, tensors);
      if (own && weights.adapter) await writeParameters(this.device, own.layout, weights.adapter, own.tensors);
    });
    await this.device.ready();
    return model;
  }

  /** Bytes for a model: in this thread's memory, and in all threads' together. */
  private get room(): Room {
    const bytes = this.availableBytes();
    const most = this.device.traits.simd && this.info.limits["memory"];
    return { bytes, withReplicas: this.device.helpers?.freeBytes() ?? bytes, ...(most && { most }) };
  }

  /** A new model with its replicas, if its plan has any; the replicas that were made go if one cannot be. */
  private async gathered(model: LoadedModel): Promise<LoadedModel> {
    try {
      await model.gather();
      return model;
    } catch (error) {
      model.disperse();
      throw error;
    }
  }

  /** Writes the numbers of a new model; destroys its buffers if that fails. */
  private async fill(model: LoadedModel, write: () => Promise<void>): Promise<void> {
    try {
      await this.device.allocate(write);
    } catch (error) {
      model.destroy();
      throw error;
    }
  }
}

/** If allocation fails, tries the smaller plans in order. */
async function placeOrShrink<T>(place: (plan: Plan) => Promise<T>, plan: Plan): Promise<T> {
  const leaner = leanerPlans(plan)[Symbol.iterator]();
  for (let one = plan; ; ) {
    try {
      return await place(one);
    } catch (error) {
      const isShort = error instanceof KelvinError && error.reason === "out-of-memory";
      const next = leaner.next();
      if (!isShort || next.done) throw error;
      one = next.value;
    }
  }
}

/** @throws KelvinError "model" if loaded adapters belong to another model */
function adapterOf(layout: AdapterLayout, source: AdapterSource): { layout: AdapterLayout; tensors: ReadableTensors } {
  const tensors = readableTensors("rng" in source ? freshAdapter(layout, source.rng) : source.tensors);
  checkParameters(layout, tensors, "adapter_model.safetensors");
  return { layout, tensors };
}

/**
 * A device with kernels that passed the numerics gate: the recorded ones where they are given and right here.
 * @throws KelvinError "no-webgpu" or "no-webassembly" where the adapter gives no device
 */
export async function openEngine(adapter: DeviceAdapter, options: EngineOptions = {}): Promise<Engine> {
  const { device, info } = await adapter.open(options);
  useKernels(device, await gateKernels(device, options.kernels));
  return new Engine(device, info, adapter.availableBytes, options.kernels ? null : (options.tuning ?? null));
}
