import { type DeviceInfo, KelvinError, type LoraConfig, type Rng, type Tokenizer } from "../contracts";
import { type DeviceOptions, openDevice } from "../gpu/device";
import type { Gpu } from "../gpu/gpu";
import { gateLinear } from "../ops/gate";
import { adapterLayout, freshAdapter, type PackedAdapter } from "./adapter-layout";
import { type ModelConfig, parseConfig } from "./config";
import { DEFAULT_PLAN, LoadedModel, type Plan } from "./loaded-model";
import type { Adapter } from "./merge";
import type { ModelFiles } from "./model-files";
import { type ParameterLayout, packParameters, parameterLayout } from "./parameters";
import type { Tensor } from "./safetensors";
import { readAll } from "./stored-weights";
import { loadTokenizer } from "./tokenizer";

export { DEFAULT_PLAN, LoadedModel, type Plan, type PretrainBatch } from "./loaded-model";
export type { ModelFiles } from "./model-files";

/** Adapters to train: drawn afresh, or loaded. */
export type AdapterSource = { readonly lora: LoraConfig; readonly rng: Rng } | Adapter;

/** Positions rotated for; small models may write past their training context. */
const POSITIONS = 256;

/** A device that holds models. */
export class Engine {
  constructor(
    readonly gpu: Gpu,
    readonly device: DeviceInfo,
    /** Which variant of each op runs on this device: part of a run's record. */
    readonly kernels: { readonly linear: "plain" | "subgroup8" },
  ) {}

  /**
   * A model from its files. With `adapter`, only that is trained and the weights are frozen.
   * @throws KelvinError "model" for anything wrong in them
   */
  async loadModel(files: ModelFiles, plan: Partial<Plan> = {}, adapter?: AdapterSource): Promise<LoadedModel> {
    const config = parseConfig(files.config);
    const tokenizer = loadTokenizer(files.tokenizer, config.endToken < 0 ? undefined : config.endToken);
    if (tokenizer.vocabularySize > config.vocabulary) {
      throw new KelvinError(
        "model",
        `tokenizer.json has ${tokenizer.vocabularySize} tokens, config.json ${config.vocabulary}`,
        "The files belong to different models.",
      );
    }
    return this.build(files.name, config, await readAll(files.weights), tokenizer, plan, adapter);
  }

  /** A model from initial weights, e.g. for pre-training or reference vectors. */
  async createModel(
    configJson: unknown,
    weights: ReadonlyMap<string, Float32Array | Tensor>,
    tokenizer: Tokenizer | null = null,
    plan: Partial<Plan> = {},
    adapter?: AdapterSource,
  ): Promise<LoadedModel> {
    const config = parseConfig(configJson);
    const shapes = new Map(parameterLayout(config).parameters.map((p) => [p.name, p.shape]));
    const tensors = new Map<string, Tensor>();
    for (const [name, value] of weights) {
      tensors.set(
        name,
        "data" in value ? value : { shape: shapes.get(name) ?? [value.length], data: Float32Array.from(value) },
      );
    }
    return this.build("model", config, tensors, tokenizer, plan, adapter);
  }

  private async build(
    name: string,
    parsed: ModelConfig,
    tensors: ReadonlyMap<string, Tensor>,
    tokenizer: Tokenizer | null,
    plan: Partial<Plan>,
    adapter?: AdapterSource,
  ): Promise<LoadedModel> {
    const config = { ...parsed, contextLength: Math.max(parsed.contextLength, POSITIONS) };
    const layout = parameterLayout(config);
    const flat = packParameters(layout, tensors);
    const packed = adapter ? packAdapter(layout, adapter) : null;
    const sizes = { ...DEFAULT_PLAN, ...plan };
    const model = new LoadedModel(this.gpu, name, config, layout, flat, tokenizer, sizes, packed);
    await this.gpu.ready();
    return model;
  }
}

function packAdapter(base: ParameterLayout, source: AdapterSource): PackedAdapter {
  const layout = adapterLayout(base, source.lora);
  const tensors = "rng" in source ? freshAdapter(layout, source.rng) : source.tensors;
  return { layout, flat: packParameters(layout, tensors, "adapter_model.safetensors") };
}

/** @throws KelvinError "no-webgpu" */
export async function openEngine(adapter: GPUAdapter, options: DeviceOptions = {}): Promise<Engine> {
  const { gpu, info } = await openDevice(adapter, options);
  return new Engine(gpu, info, { linear: await gateLinear(gpu) });
}
