import shared from "../../shaders/lib/linear.wgsl?raw";
import few from "../../shaders/linear.few.wgsl?raw";
import subgroup4 from "../../shaders/linear.subgroup4.wgsl?raw";
import subgroup8 from "../../shaders/linear.subgroup8.wgsl?raw";
import tiled from "../../shaders/linear.tiled.wgsl?raw";
import plain from "../../shaders/linear.wgsl?raw";
import type { Device } from "../device/device";

/** Variants of linear.wgsl that compute all three products. */
export const LINEAR_VARIANTS = ["plain", "subgroup4", "subgroup8", "tiled64", "tiled128"] as const;
export type LinearVariant = (typeof LINEAR_VARIANTS)[number];

/** The variant of each product on a device; part of a run's record. */
export type LinearKernels = {
  readonly forward: LinearVariant;
  /** Kernel for forward with at most `FEW_ROWS` rows: the one for few rows, or the same as for many. */
  readonly few: "few" | "forward";
  readonly backwardX: LinearVariant;
  readonly backwardW: LinearVariant;
};

/** Most rows for which forward may have a kernel of its own. */
export const FEW_ROWS = 4;

/** Code of a variant, and the part of the result that one workgroup computes. */
export interface VariantCode {
  /** `enable` directives at the start of the module. */
  readonly enable: string;
  /** Appended after ADDEND and the prelude of the right operand. */
  readonly code: string;
  readonly rows: number;
  readonly columns4: number;
  /** Whether sums of weight gradients may be cut into slices. */
  readonly slices: boolean;
}

const SUBGROUPS = "enable subgroups;\n";

export const VARIANT_CODE: Readonly<Record<LinearVariant | "few", VariantCode>> = {
  plain: { enable: "", code: shared + plain, rows: 64, columns4: 16, slices: false },
  subgroup4: { enable: SUBGROUPS, code: shared + subgroup4, rows: 16, columns4: 4, slices: false },
  subgroup8: { enable: SUBGROUPS, code: shared + subgroup8, rows: 16, columns4: 8, slices: false },
  tiled64: { enable: "", code: `const ROWS = 64u;\n${shared}${tiled}`, rows: 64, columns4: 16, slices: true },
  tiled128: { enable: "", code: `const ROWS = 128u;\n${shared}${tiled}`, rows: 128, columns4: 16, slices: true },
  few: { enable: "", code: shared + few, rows: 4, columns4: 32, slices: false },
};

/** Variants without subgroups, fastest on a GPU first. */
const PORTABLE: readonly LinearVariant[] = ["tiled64", "tiled128", "plain"];

/** The variants that a device can run. */
export function variantsOf(device: Device): readonly LinearVariant[] {
  const { subgroupLanes, simd } = device.traits;
  if (simd) return ["plain"]; // the CPU has one kernel a product
  const withSubgroups = LINEAR_VARIANTS.filter((name) => name === `subgroup${subgroupLanes}`);
  return [...withSubgroups, ...PORTABLE];
}

/** All products by one variant. */
export function allBy(variant: LinearVariant): LinearKernels {
  return { forward: variant, few: "forward", backwardX: variant, backwardW: variant };
}

/**
 * Defaults without measurement: subgroups of a known size; else workgroup memory on GPUs, where it is many times faster, and
 * registers on software adapters, which have slow barriers.
 */
export function usualLinearKernels(device: Device): LinearKernels {
  const [first] = variantsOf(device);
  if (first && !PORTABLE.includes(first)) return allBy(first);
  return allBy(device.traits.software ? "plain" : "tiled64");
}

const chosen = new WeakMap<Device, LinearKernels>();

/** The kernels of linear ops created from now on. */
export function linearKernels(device: Device): LinearKernels {
  return chosen.get(device) ?? usualLinearKernels(device);
}

/** Selects kernels for ops created from now on; existing ops keep theirs. */
export function useLinearKernels(device: Device, kernels: LinearKernels): void {
  chosen.set(device, kernels);
}

/** Parses kernels from a run's record; null if this version does not know them. */
export function parseLinearKernels(recorded: unknown): LinearKernels | null {
  // An older record names one variant for all products.
  if (isVariant(recorded)) return allBy(recorded);
  if (typeof recorded !== "object" || recorded === null) return null;
  const { forward, few, backwardX, backwardW } = recorded as Record<string, unknown>;
  if (!(isVariant(forward) && isVariant(backwardX) && isVariant(backwardW))) return null;
  return { forward, few: few === "few" ? "few" : "forward", backwardX, backwardW };
}

function isVariant(name: unknown): name is LinearVariant {
  return LINEAR_VARIANTS.some((known) => known === name);
}

export function sameLinearKernels(a: LinearKernels, b: LinearKernels): boolean {
  return a.forward === b.forward && a.few === b.few && a.backwardX === b.backwardX && a.backwardW === b.backwardW;
}
