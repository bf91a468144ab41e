import { type Gpu, type View, view } from "../gpu/gpu";
import { SLOT_FIELDS } from "../ops/decode";
import { type ModelConfig, widths } from "./config";
import { planWorkspace, type Workspace } from "./workspace";

/** Sizes of generation, planned once per model. */
export interface GenerationPlan {
  /** Samples written at the same time. */
  readonly slots: number;
  /** New tokens per sample at most. */
  readonly capacity: number;
  /** Prompt tokens cached at the same time, prompts shared by their samples. */
  readonly promptRows: number;
  /** Decode steps per submit and readback. */
  readonly chunk: number;
}

/** Buffers of generation. */
export interface GenerationSpace {
  readonly plan: GenerationPlan;
  readonly workspace: Workspace;
  /** Keys and values per layer: [promptRows, 2·keys] and [slots · capacity, 2·keys]. */
  readonly prompt: readonly View[];
  readonly own: readonly View[];
  readonly slots: View;
  readonly active: View;
  readonly cacheRows: View;
  readonly picked: View;
}

/** Rows of prompt that one prefill pass takes. */
export const PREFILL_ROWS = 1024;

export function planGeneration(gpu: Gpu, config: ModelConfig, plan: GenerationPlan): GenerationSpace {
  const pair = 2 * widths(config).keys;
  const perLayer = (name: string, rows: number): View[] =>
    Array.from({ length: config.layers }, (_, layer) => view(gpu.storage(`${name}.${layer}`, rows * pair)));
  const rows = Math.max(plan.slots, PREFILL_ROWS);
  const space = {
    plan,
    workspace: planWorkspace(gpu, config, rows, plan.slots, "inference"),
    prompt: perLayer("prompt cache", plan.promptRows),
    own: perLayer("own cache", plan.slots * plan.capacity),
    slots: view(gpu.storage("slots", plan.slots * SLOT_FIELDS)),
    active: view(gpu.storage("active slots", plan.slots)),
    cacheRows: view(gpu.storage("cache rows", rows)),
    picked: view(gpu.storage("picked", plan.chunk * plan.slots * 2)),
  };
  gpu.write(
    space.workspace.headIndex.buffer,
    Uint32Array.from({ length: plan.slots }, (_, i) => i),
  );
  return space;
}

export function generationBuffers(space: GenerationSpace): GPUBuffer[] {
  const views = [...space.prompt, ...space.own, space.slots, space.active, space.cacheRows, space.picked];
  return [...space.workspace.buffers, ...views.map((v) => v.buffer)];
}
