import code from "../../shaders/lora.wgsl?raw";
import { type Device, foldedGroupsFor, type View } from "../device/device";
import type { UniformValues } from "../device/kernel";
import type { Reduce } from "./reduce";

/** Slices of rows with separate sums of dB, so that a long batch keeps many lanes busy. */
const LORA_SLICES = 16;
/** Most floats of all slices' sums: 128 MiB, which every adapter can bind. */
const MOST_PARTIAL = 2 ** 25;

/** Slices of the sum for a dB of `cells` numbers; a large dB has enough lanes with fewer. */
export function loraSlices(cells: number): number {
  return Math.max(1, Math.min(LORA_SLICES, Math.floor(MOST_PARTIAL / cells)));
}

/** One adapter on a slice of a fused projection. Sizes in floats, all multiples of 4. */
export interface LoraShape {
  readonly rows: number;
  /** Columns of this target, their start in a row of the fused result, and that row's length. */
  readonly outputs: number;
  readonly offset: number;
  readonly width: number;
  /** Ranks of this target, their start in a row of the stacked h, and that row's length. */
  readonly rank: number;
  readonly rankOffset: number;
  readonly ranks: number;
  /** alpha / rank. */
  readonly scale: number;
}

/** b [outputs, rank], h and dh [rows, ranks], y and dy [rows, width]. */
export interface Lora {
  /** y += scale · h·bᵀ in this target's columns. */
  expand(shape: LoraShape, b: View, h: View, y: View): void;
  /** dh = scale · dy·b in this target's ranks. */
  backwardH(shape: LoraShape, b: View, dy: View, dh: View): void;
  /** db += scale · dyᵀ·h; partial [loraSlices(outputs · rank), outputs, rank]. */
  backwardB(shape: LoraShape, dy: View, h: View, partial: View, db: View): void;
}

const UNIFORMS = {
  rows: "u32",
  outputs4: "u32",
  rank4: "u32",
  width4: "u32",
  offset4: "u32",
  ranks4: "u32",
  rankOffset4: "u32",
  slices: "u32",
  lanes: "u32",
  scale: "f32",
} as const;

/** The uniforms of a shape. */
const uniformsOf = (s: LoraShape, slices = 0, lanes = 0): UniformValues<typeof UNIFORMS> => ({
  rows: s.rows,
  outputs4: s.outputs / 4,
  rank4: s.rank / 4,
  width4: s.width / 4,
  offset4: s.offset / 4,
  ranks4: s.ranks / 4,
  rankOffset4: s.rankOffset / 4,
  slices,
  lanes,
  scale: s.scale,
});

export function loraOps(device: Device, reduce: Reduce): Lora {
  const kernel = (entry: string, read: readonly number[]) =>
    device.kernel({
      name: `lora.${entry}`,
      code,
      entry,
      uniforms: UNIFORMS,
      bindings: { ...Object.fromEntries(read.map((binding) => [binding, "read" as const])), 4: "write" },
    });
  const expand = kernel("expand", [1, 3]);
  const backwardH = kernel("backward_h", [1, 2]);
  const backwardB = kernel("backward_b", [2, 3]);
  const cost = (s: LoraShape): number => 2 * s.rows * s.outputs * s.rank;
  return {
    expand(s, b, h, y) {
      checkRows(s, { h, y, b });
      const groups = [Math.ceil(s.outputs / 32), Math.ceil(s.rows / 32)] as const;
      device.dispatch(expand, uniformsOf(s), [b, h, y], groups, cost(s));
    },
    backwardH(s, b, dy, dh) {
      checkRows(s, { h: dh, y: dy, b });
      const groups = [Math.ceil(s.rank / 32), Math.ceil(s.rows / 32)] as const;
      device.dispatch(backwardH, uniformsOf(s), [b, dy, dh], groups, cost(s));
    },
    backwardB(s, dy, h, partial, db) {
      checkRows(s, { h, y: dy, b: db });
      const cells = s.outputs * s.rank;
      const slices = loraSlices(cells);
      check("partial", partial, slices * cells);
      const groups = foldedGroupsFor((slices * cells) / 16);
      device.dispatch(backwardB, uniformsOf(s, slices, groups[0] * 64), [dy, h, partial], groups, cost(s));
      reduce.columnTotal(slices, cells / 4, partial, db);
    },
  };
}

function checkRows(s: LoraShape, views: { h: View; y: View; b: View }): void {
  check("y", views.y, s.rows * s.width);
  check("h", views.h, s.rows * s.ranks);
  check("b", views.b, s.outputs * s.rank);
  if (s.offset + s.outputs > s.width || s.rankOffset + s.rank > s.ranks)
    throw new Error(
      `lora: columns ${s.offset}+${s.outputs} of ${s.width}, ranks ${s.rankOffset}+${s.rank} of ${s.ranks}`,
    );
}

function check(name: string, tensor: View, floats: number): void {
  if (floats % 4 !== 0) throw new Error(`lora.${name}: ${floats} floats are not whole vec4`);
  if (tensor.size < floats * 4) throw new Error(`lora.${name}: expected ${floats} floats, got ${tensor.size / 4}`);
}
