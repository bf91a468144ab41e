import subgroup from "../../shaders/attention.subgroup.wgsl?raw";
import tiled from "../../shaders/attention.tiled.wgsl?raw";
import plain from "../../shaders/attention.wgsl?raw";
import shared from "../../shaders/lib/attention.wgsl?raw";
import { type Device, groupsFor } from "../device/device";
import { type HeadConstants, type HeadShape, headConstants } from "./heads";
import { unrolled } from "./unroll";

/** Variants of attention.wgsl. */
export const ATTENTION_VARIANTS = ["plain", "subgroup", "tiled"] as const;
export type AttentionVariant = (typeof ATTENTION_VARIANTS)[number];

/** The variant of each direction on a device; part of a run's record. */
export type AttentionKernels = {
  readonly forward: AttentionVariant;
  readonly backward: AttentionVariant;
};

/** Code of a variant, specialised for a model's heads and a device. */
export interface AttentionCode {
  readonly code: string;
  /** Workgroups for this many rows and heads. */
  readonly groups: (rows: number, heads: number) => readonly [number, number?];
}

/** Subgroup sizes that attention.subgroup.wgsl supports. */
const LANES: readonly number[] = [4, 8, 16, 32, 64];
/** Rows that the lanes read together, in equal shares. */
const BLOCK = 4;
/** Wider heads take many seconds to compile, because their loops are written out. */
const WIDEST = 16;
/** Lanes of a workgroup of attention.tiled.wgsl, one row each. */
const TILE = 64;

/** The variants that a device can run. */
export function attentionVariantsOf(device: Device): readonly AttentionVariant[] {
  if (device.traits.simd) return ["plain"]; // the CPU has one kernel each way
  const hasSubgroups = LANES.includes(device.traits.subgroupLanes);
  return hasSubgroups ? ["subgroup", "tiled", "plain"] : ["tiled", "plain"];
}

/** Code of a variant; heads too wide for subgroups get the plain one. */
export function attentionCode(device: Device, variant: AttentionVariant, shape: HeadShape): AttentionCode {
  const heads = headConstants(shape);
  if (variant === "subgroup" && heads.D4 <= WIDEST) return subgroupCode(device.traits.subgroupLanes, heads);
  if (variant === "tiled") {
    const code = unrolled({ ...heads, KEYS: keysOfTile(heads.D4) }, shared + tiled);
    return { code, groups: (rows, count) => [Math.ceil(rows / TILE), count] };
  }
  const code = unrolled(heads, shared + plain);
  return { code, groups: (rows, count) => groupsFor(rows * count) };
}

function subgroupCode(lanes: number, heads: HeadConstants): AttentionCode {
  const own = rowsOfLane(lanes);
  const parts = Math.ceil(heads.D4 / (lanes / BLOCK));
  const constants = { ...heads, LANES: lanes, OWN: own, BLOCK, PARTS: parts };
  return {
    code: `enable subgroups;\n${unrolled(constants, shared + subgroup)}`,
    groups: (rows, count) => [Math.ceil(rows / (lanes * own)), count],
  };
}

/**
 * Rows per lane: a second row reuses what was loaded. Measured on SwiftShader (4 lanes). On lavapipe (8 lanes) two gain nothing;
 * four would gain a little and compile three times as long.
 */
function rowsOfLane(lanes: number): number {
  return lanes === 4 ? 2 : 1;
}

/** Rows in workgroup memory: 8 KiB for both tensors, half of what every device has, so that two workgroups fit. */
function keysOfTile(d4: number): number {
  return Math.max(1, Math.min(32, Math.floor(256 / d4)));
}

/** Both directions by one variant. */
export function attentionBy(variant: AttentionVariant): AttentionKernels {
  return { forward: variant, backward: variant };
}

/** Defaults without measurement: workgroup memory on GPUs, never on software adapters, which have slow barriers. */
export function usualAttention(device: Device): AttentionKernels {
  if (!device.traits.software) return attentionBy("tiled");
  return attentionBy(attentionVariantsOf(device).includes("subgroup") ? "subgroup" : "plain");
}

const chosen = new WeakMap<Device, AttentionKernels>();

/** The kernels of attention ops created from now on. */
export function attentionKernels(device: Device): AttentionKernels {
  return chosen.get(device) ?? usualAttention(device);
}

export function useAttentionKernels(device: Device, kernels: AttentionKernels): void {
  chosen.set(device, kernels);
}

/** Parses kernels from a run's record; null if this version does not know them. */
export function parseAttentionKernels(recorded: unknown): AttentionKernels | null {
  const { forward, backward } = (recorded ?? {}) as Record<string, unknown>;
  return isVariant(forward) && isVariant(backward) ? { forward, backward } : null;
}

export function sameAttention(a: AttentionKernels, b: AttentionKernels): boolean {
  return a.forward === b.forward && a.backward === b.backward;
}

function isVariant(name: unknown): name is AttentionVariant {
  return ATTENTION_VARIANTS.some((known) => known === name);
}
