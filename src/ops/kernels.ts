import type { Device, Simd } from "../device/device";
import {
  type AttentionKernels,
  attentionBy,
  attentionKernels,
  parseAttentionKernels,
  sameAttention,
  useAttentionKernels,
} from "./attention-variants";
import { gateAttention } from "./gate-attention";
import { gateLinear } from "./gate-linear";
import {
  type LinearKernels,
  linearKernels,
  parseLinearKernels,
  sameLinearKernels,
  useLinearKernels,
} from "./linear-variants";

/** The variant of each op on a device. Part of a run's record, because other variants may give other bits. */
export type Kernels = {
  readonly linear: LinearKernels;
  readonly attention: AttentionKernels;
  /** The arithmetic of the CPU engine, where that computes. */
  readonly simd?: Simd;
  /** There: the shards of an update, which decide about its bits; and the workers, which do not. */
  readonly shards?: number;
  readonly workers?: number;
};

/** The kernels of ops created from now on. */
export function kernelsOf(device: Device): Kernels {
  const { simd, shards } = device.traits;
  const cpu = simd && { simd, shards, workers: 1 + (device.helpers?.count ?? 0) };
  return { linear: linearKernels(device), attention: attentionKernels(device), ...cpu };
}

/** Selects kernels for ops created from now on; existing ops keep theirs. */
export function useKernels(device: Device, { linear, attention }: Kernels): void {
  useLinearKernels(device, linear);
  useAttentionKernels(device, attention);
}

/** The wanted kernels (by default the usual ones) that pass the numerics check on this device; plain ones replace the others. */
export async function gateKernels(device: Device, wanted?: Kernels): Promise<Kernels> {
  if (device.traits.simd) return kernelsOf(device); // no siblings to choose among
  return {
    linear: await gateLinear(device, wanted?.linear),
    attention: await gateAttention(device, wanted?.attention),
  };
}

/** Parses kernels from a run's first event; null if this version does not know them. */
export function parseKernels(recorded: unknown): Kernels | null {
  if (typeof recorded !== "object" || recorded === null) return null;
  const { linear, attention, simd, shards } = recorded as Record<string, unknown>;
  const products = parseLinearKernels(linear);
  // A record without attention is from a run with the plain kernel.
  const ways = attention == null ? attentionBy("plain") : parseAttentionKernels(attention);
  const cpu = isSimd(simd) && { simd, shards: typeof shards === "number" ? shards : 1 };
  return products && ways && { linear: products, attention: ways, ...cpu };
}

/** Whether both give the same bits. */
export function sameKernels(a: Kernels, b: Kernels): boolean {
  return (
    a.simd === b.simd &&
    a.shards === b.shards &&
    sameLinearKernels(a.linear, b.linear) &&
    sameAttention(a.attention, b.attention)
  );
}

function isSimd(recorded: unknown): recorded is Simd {
  return recorded === "plain" || recorded === "relaxed";
}
