import type { Device, DeviceBuffer } from "../device/device";
import { decodeOps } from "../ops/decode";
import { sampleOps } from "../ops/sample";
import type { AdapterLayout } from "./adapter-layout";
import { Adapters } from "./adapters";
import { fillGeneration, generationBuffers, planGeneration } from "./caches";
import type { ModelConfig } from "./config";
import { Generator } from "./generator";
import type { ParameterLayout } from "./parameters";
import { Passes } from "./passes";
import { adapterRows, type Plan, passSizes } from "./plan";
import { Transformer, transformerOps } from "./transformer";
import { fillWorkspace, planWorkspace } from "./workspace";

/** What a model's computation is planned from. */
export interface ComputeParts {
  readonly config: ModelConfig;
  readonly layout: ParameterLayout;
  readonly adapterLayout: AdapterLayout | null;
  /** The part of one thread. */
  readonly plan: Plan;
}

/** All of a model on one device but its weights: kernels, work space, caches. A thread that helps has one of its own. */
export class Compute {
  readonly passes: Passes;
  readonly generator: Generator;
  private readonly adapters: Adapters | null;
  private readonly generation;
  private readonly workspace;

  /** @param decodeText needed only for stop strings */
  constructor(
    device: Device,
    { config, layout, adapterLayout, plan }: ComputeParts,
    decodeText: (tokens: readonly number[]) => string,
  ) {
    const ops = transformerOps(device, config, layout.precision);
    this.adapters = adapterLayout && new Adapters(device, adapterLayout, adapterRows(plan), ops.linear, ops.reduce);
    const transformer = new Transformer(device, config, layout, ops, this.adapters);
    this.workspace = planWorkspace(device, config, passSizes(layout, plan));
    fillWorkspace(device, config, this.workspace);
    this.passes = new Passes(device, transformer, this.workspace);
    this.generation = planGeneration(device, config, plan);
    fillGeneration(device, config, this.generation);
    const generationOps = [decodeOps(device, config.heads), sampleOps(device)] as const;
    this.generator = new Generator(device, transformer, ...generationOps, this.generation, decodeText);
  }

  get buffers(): readonly DeviceBuffer[] {
    return [...(this.adapters?.buffers ?? []), ...this.workspace.buffers, ...generationBuffers(this.generation)];
  }
}
