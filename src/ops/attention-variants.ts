import subgroup from "../../shaders/attention.subgroup.wgsl?raw";
import plain from "../../shaders/attention.wgsl?raw";
import shared from "../../shaders/lib/attention.wgsl?raw";
import { type Gpu, groupsFor } from "../gpu/gpu";
import { type HeadShape, headConstants } from "./heads";
import { unrolled } from "./unroll";

/** Siblings of attention.wgsl. */
export const ATTENTION_VARIANTS = ["plain", "subgroup"] as const;
export type AttentionVariant = (typeof ATTENTION_VARIANTS)[number];

/** Which sibling runs each way on a device: part of a run's record. */
export type AttentionKernels = {
  readonly forward: AttentionVariant;
  readonly backward: AttentionVariant;
};

export type AttentionEntry = "forward" | "backward_q" | "backward_kv";

/** An entry point of a sibling, specialised for a model's heads on a device. */
export interface AttentionCode {
  readonly code: string;
  /** Workgroups for so many rows of so many heads. */
  readonly groups: (rows: number, heads: number) => readonly [number, number?];
}

/** Lanes of a subgroup that attention.subgroup.wgsl is made for. */
const LANES: readonly number[] = [4, 8, 16, 32, 64];
/** Keys that are looked at together; lanes share them evenly. */
const BLOCK = 4;
/** Wider heads, written out, would compile for many seconds. */
const WIDEST = 16;

/** The siblings a device can run, the fastest first. */
export function attentionVariantsOf(gpu: Gpu): readonly AttentionVariant[] {
  return LANES.includes(gpu.traits.subgroupLanes) ? ["subgroup", "plain"] : ["plain"];
}

export function attentionCode(
  gpu: Gpu,
  variant: AttentionVariant,
  shape: HeadShape,
  entry: AttentionEntry,
): AttentionCode {
  const heads = headConstants(shape);
  if (variant === "plain" || heads.D4 > WIDEST) {
    const code = unrolled(heads, shared + plain);
    return { code, groups: (rows, count) => groupsFor(rows * count) };
  }
  const lanes = gpu.traits.subgroupLanes;
  const own = rowsOfLane(lanes, heads.D4, entry);
  const parts = Math.ceil(heads.D4 / (lanes / BLOCK));
  const constants = { ...heads, LANES: lanes, OWN: own, BLOCK, PARTS: parts };
  return {
    code: `enable subgroups;\n${unrolled(constants, shared + subgroup)}`,
    groups: (rows, count) => [Math.ceil(rows / (lanes * own)), count],
  };
}

/**
 * Rows of a lane: more of them share what was loaded. Measured on SwiftShader (4 lanes) and lavapipe (8), where a second one
 * gains nothing; time to compile grows faster than their number times the head's width.
 */
function rowsOfLane(lanes: number, d4: number, entry: AttentionEntry): number {
  if (lanes !== 4) return 1;
  return Math.max(1, Math.min(entry === "forward" ? 4 : 2, Math.floor(32 / d4)));
}

/** Both ways by one sibling. */
export function attentionBy(variant: AttentionVariant): AttentionKernels {
  return { forward: variant, backward: variant };
}

/** What runs before anything was measured: subgroups where there are any that we know. */
export function usualAttention(gpu: Gpu): AttentionKernels {
  return attentionBy(attentionVariantsOf(gpu)[0] ?? "plain");
}

const chosen = new WeakMap<Gpu, AttentionKernels>();

/** The kernels that attention made for this device from now on uses. */
export function attentionKernels(gpu: Gpu): AttentionKernels {
  return chosen.get(gpu) ?? usualAttention(gpu);
}

export function useAttentionKernels(gpu: Gpu, kernels: AttentionKernels): void {
  chosen.set(gpu, kernels);
}

/** Kernels as a run's record holds them. Before there was a choice, all ran on the plain ones. */
export function parseAttentionKernels(recorded: unknown): AttentionKernels {
  const { forward, backward } = (recorded ?? {}) as Record<string, unknown>;
  return isVariant(forward) && isVariant(backward) ? { forward, backward } : attentionBy("plain");
}

function isVariant(name: unknown): name is AttentionVariant {
  return ATTENTION_VARIANTS.some((known) => known === name);
}
