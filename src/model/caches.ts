import { type Allocator, type Device, type DeviceBuffer, type View, view } from "../device/device";
import { SLOT_FIELDS } from "../ops/decode";
import { PICKED_WORDS } from "../ops/sample";
import { type ModelConfig, widths } from "./config";
import { fillWorkspace, planWorkspace, type Workspace } from "./workspace";

/** Most tokens that can end a sample, including the model's end tokens. */
export const MOST_STOPS = 16;

/** Sizes of generation, planned once per model. */
export interface GenerationPlan {
  /** Samples generated at the same time. */
  readonly slots: number;
  /** Most new tokens per sample. */
  readonly capacity: number;
  /** Cached prompt tokens; samples of one prompt share its rows. */
  readonly promptRows: number;
  /** Prompt tokens read in one pass. */
  readonly prefillRows: number;
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
  /** 0, 1, 2 … slots − 1. */
  readonly everyRow: View;
  readonly stops: View;
  readonly picked: View;
}

/** Most logits at a time during sampling: 64 MiB, or those of 64 slots for a very large vocabulary. */
const MOST_LOGITS = 2 ** 24;
/** Bindings start at multiples of 256 bytes, so a group of slots starts at a multiple of 64. */
const ROW_STEP = 64;

/** Slots whose logits are computed at the same time. */
export function headRowsFor(slots: number, vocabulary: number): number {
  return Math.min(slots, ROW_STEP * Math.max(1, Math.floor(MOST_LOGITS / vocabulary / ROW_STEP)));
}

/** Plans keys and values of prompts and of samples. */
export function planCaches(
  allocator: Allocator,
  config: ModelConfig,
  { promptRows, slots, capacity }: GenerationPlan,
): Pick<GenerationSpace, "prompt" | "own"> {
  const pair = 2 * widths(config).keys;
  const perLayer = (name: string, rows: number): View[] =>
    Array.from({ length: config.layers }, (_, layer) => view(allocator.storage(`${name}.${layer}`, rows * pair)));
  return { prompt: perLayer("prompt cache", promptRows), own: perLayer("own cache", slots * capacity) };
}

/** Plans every buffer of generation, including a workspace for its forward passes. */
export function planGeneration(allocator: Allocator, config: ModelConfig, plan: GenerationPlan): GenerationSpace {
  const { vocabulary } = widths(config);
  const rows = Math.max(plan.slots, plan.prefillRows);
  const headRows = headRowsFor(plan.slots, vocabulary);
  return {
    plan,
    workspace: planWorkspace(allocator, config, { rows, headRows, columns: vocabulary, activations: "inference" }),
    ...planCaches(allocator, config, plan),
    slots: view(allocator.storage("slots", plan.slots * SLOT_FIELDS)),
    active: view(allocator.storage("active slots", plan.slots)),
    cacheRows: view(allocator.storage("cache rows", rows)),
    everyRow: view(allocator.storage("every row", plan.slots)),
    stops: view(allocator.storage("stop tokens", MOST_STOPS)),
    picked: view(allocator.storage("picked", plan.chunk * plan.slots * PICKED_WORDS)),
  };
}

/** Writes the constant buffers. */
export function fillGeneration(
  device: Device,
  config: ModelConfig,
  { workspace, everyRow, plan }: GenerationSpace,
): void {
  fillWorkspace(device, config, workspace);
  const rows = Uint32Array.from({ length: plan.slots }, (_, i) => i);
  device.write(everyRow.buffer, rows);
}

/** All buffers of generation, for destroying them. */
export function generationBuffers(space: GenerationSpace): DeviceBuffer[] {
  const { prompt, own, slots, active, cacheRows, everyRow, stops, picked } = space;
  const views = [...prompt, ...own, slots, active, cacheRows, everyRow, stops, picked];
  return [...space.workspace.buffers, ...views.map((v) => v.buffer)];
}
