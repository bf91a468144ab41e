import code from "../../shaders/rmsnorm.wgsl?raw";
import { type Device, groupsFor, type View } from "../device/device";
import type { UniformValues } from "../device/kernel";
import type { Reduce } from "./reduce";

/** Layout of the rows: `rows` of `columns` floats (between heads padded to `stride4` vec4), see rmsnorm.wgsl. */
export interface NormShape {
  readonly rows: number;
  /** Unpadded width; the mean divides by it. */
  readonly columns: number;
  readonly eps: number;
  /** Rows per wider row; 1 for a plain norm. */
  readonly heads: number;
  /** Distance between wider rows in vec4. */
  readonly stride4: number;
  /** vec4 before the first head. */
  readonly offset4: number;
}

export interface RmsNorm {
  forward(shape: NormShape, x: View, w: View, rstd: View, y: View): void;
  backwardX(shape: NormShape, x: View, w: View, rstd: View, dy: View, dx: View, accumulate: boolean): void;
  /** dw += …, with work space partial [SLICES, columns]. */
  backwardW(shape: NormShape, x: View, rstd: View, dy: View, partial: View, dw: View): void;
}

/** Slices of a long sum over rows: parallel on a GPU, and the same order of addition everywhere. */
export const SLICES = 64;

const UNIFORMS = {
  rows: "u32",
  columns4: "u32",
  columns: "f32",
  eps: "f32",
  heads: "u32",
  stride: "u32",
  offset: "u32",
  slices: "u32",
  accumulate: "u32",
} as const;

/** The uniforms of a shape. */
const uniformsOf = (s: NormShape, accumulate = false): UniformValues<typeof UNIFORMS> => ({
  rows: s.rows,
  columns4: Math.ceil(s.columns / 4),
  columns: s.columns,
  eps: s.eps,
  heads: s.heads,
  stride: s.stride4,
  offset: s.offset4,
  slices: SLICES,
  accumulate: accumulate ? 1 : 0,
});

export function rmsNormOps(device: Device, reduce: Reduce): RmsNorm {
  const forward = device.kernel({
    name: "rmsnorm.forward",
    code,
    entry: "forward",
    uniforms: UNIFORMS,
    bindings: { 1: "read", 2: "read", 3: "write", 4: "write" },
  });
  const backwardX = device.kernel({
    name: "rmsnorm.backward_x",
    code,
    entry: "backward_x",
    uniforms: UNIFORMS,
    bindings: { 1: "read", 2: "read", 5: "read", 6: "read", 7: "write" },
  });
  const backwardW = device.kernel({
    name: "rmsnorm.backward_w",
    code,
    entry: "backward_w",
    uniforms: UNIFORMS,
    bindings: { 1: "read", 5: "read", 6: "read", 8: "write" },
  });
  const cost = (s: NormShape): number => s.rows * s.columns * 8;
  return {
    forward(s, x, w, rstd, y) {
      device.dispatch(forward, uniformsOf(s), [x, w, rstd, y], groupsFor(s.rows), cost(s));
    },
    backwardX(s, x, w, rstd, dy, dx, accumulate) {
      device.dispatch(backwardX, uniformsOf(s, accumulate), [x, w, dy, rstd, dx], groupsFor(s.rows), cost(s));
    },
    backwardW(s, x, rstd, dy, partial, dw) {
      const columns4 = Math.ceil(s.columns / 4);
      device.dispatch(backwardW, uniformsOf(s), [x, dy, rstd, partial], groupsFor(SLICES * columns4), cost(s));
      reduce.columnTotal(SLICES, columns4, partial, dw);
    },
  };
}
