/** Head geometry, fixed for a model. */
export interface HeadShape {
  readonly queryHeads: number;
  readonly keyHeads: number;
  /** True head width D: the scale is 1/√D. */
  readonly headDim: number;
}

/** vec4 per head: D padded to a multiple of 4. */
export function headVectors(shape: HeadShape): number {
  return Math.ceil(shape.headDim / 4);
}

export type HeadConstants = Readonly<Record<"D4" | "HQ" | "HK", number>>;

/** The same for the CPU's siblings: D in floats, padded, then HQ and HK. */
export function cpuHeads(shape: HeadShape): readonly number[] {
  return [4 * headVectors(shape), shape.queryHeads, shape.keyHeads];
}

/** Constants for attention.wgsl, its siblings and decode.wgsl. */
export function headConstants(shape: HeadShape): HeadConstants {
  return { D4: headVectors(shape), HQ: shape.queryHeads, HK: shape.keyHeads };
}
