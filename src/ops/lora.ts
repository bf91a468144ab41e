import code from "../../shaders/lora.wgsl?raw";
import { type Gpu, groupsFor, type View } from "../gpu/gpu";
import type { Reduce } from "./reduce";

/** Slices of rows whose shares of dB are summed apart, so that a long batch keeps many lanes busy. */
export const LORA_SLICES = 16;

/** One adapter on a slice of a fused projection. Numbers of floats, all multiples of 4. */
export interface LoraShape {
  readonly rows: number;
  /** Columns of this target, where they begin in a row of the fused result, and that row's length. */
  readonly outputs: number;
  readonly offset: number;
  readonly width: number;
  /** Ranks of this target, where they begin in a row of the stacked h, and that row's length. */
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
  /** db += scale · dyᵀ·h; partial [LORA_SLICES, outputs, rank]. */
  backwardB(shape: LoraShape, dy: View, h: View, partial: View, db: View): void;
}

export function loraOps(gpu: Gpu, reduce: Reduce): Lora {
  const kernel = (entry: string, read: readonly number[]) =>
    gpu.kernel({
      name: `lora.${entry}`,
      code,
      entry,
      params: "uuuuuuuuf",
      bindings: { ...Object.fromEntries(read.map((binding) => [binding, "read" as const])), 4: "write" },
    });
  const expand = kernel("expand", [1, 3]);
  const backwardH = kernel("backward_h", [1, 2]);
  const backwardB = kernel("backward_b", [2, 3]);
  const params = (s: LoraShape): number[] => [
    s.rows,
    ...[s.outputs, s.rank, s.width, s.offset, s.ranks, s.rankOffset].map((floats) => floats / 4),
    LORA_SLICES,
    s.scale,
  ];
  const cost = (s: LoraShape): number => 2 * s.rows * s.outputs * s.rank;
  return {
    expand(s, b, h, y) {
      checkRows(s, { h, y, b });
      gpu.dispatch(expand, params(s), [b, h, y], [Math.ceil(s.outputs / 32), Math.ceil(s.rows / 32)], cost(s));
    },
    backwardH(s, b, dy, dh) {
      checkRows(s, { h: dh, y: dy, b });
      gpu.dispatch(backwardH, params(s), [b, dy, dh], [Math.ceil(s.rank / 32), Math.ceil(s.rows / 32)], cost(s));
    },
    backwardB(s, dy, h, partial, db) {
      checkRows(s, { h, y: dy, b: db });
      check("partial", partial, LORA_SLICES * s.outputs * s.rank);
      const lanes = (LORA_SLICES * s.outputs * s.rank) / 16;
      gpu.dispatch(backwardB, params(s), [dy, h, partial], groupsFor(lanes), cost(s));
      reduce.columnTotal(LORA_SLICES, (s.outputs * s.rank) / 4, partial, db);
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
