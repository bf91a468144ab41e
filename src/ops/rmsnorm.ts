import code from "../../shaders/rmsnorm.wgsl?raw";
import { type Device, groupsFor, type View } from "../device/device";
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

export function rmsNormOps(device: Device, reduce: Reduce): RmsNorm {
  const params = "uuffuuuuu";
  const forward = device.kernel({
    name: "rmsnorm.forward",
    code,
    entry: "forward",
    params,
    bindings: { 1: "read", 2: "read", 3: "write", 4: "write" },
  });
  const backwardX = device.kernel({
    name: "rmsnorm.backward_x",
    code,
    entry: "backward_x",
    params,
    bindings: { 1: "read", 2: "read", 5: "read", 6: "read", 7: "write" },
  });
  const backwardW = device.kernel({
    name: "rmsnorm.backward_w",
    code,
    entry: "backward_w",
    params,
    bindings: { 1: "read", 5: "read", 6: "read", 8: "write" },
  });
  const fields = (s: NormShape, accumulate = 0): number[] => [
    s.rows,
    Math.ceil(s.columns / 4),
    s.columns,
    s.eps,
    s.heads,
    s.stride4,
    s.offset4,
    SLICES,
    accumulate,
  ];
  const cost = (s: NormShape): number => s.rows * s.columns * 8;
  return {
    forward(s, x, w, rstd, y) {
      device.dispatch(forward, fields(s), [x, w, rstd, y], groupsFor(s.rows), cost(s));
    },
    backwardX(s, x, w, rstd, dy, dx, accumulate) {
      device.dispatch(backwardX, fields(s, accumulate ? 1 : 0), [x, w, dy, rstd, dx], groupsFor(s.rows), cost(s));
    },
    backwardW(s, x, rstd, dy, partial, dw) {
      const columns4 = Math.ceil(s.columns / 4);
      device.dispatch(backwardW, fields(s), [x, dy, rstd, partial], groupsFor(SLICES * columns4), cost(s));
      reduce.columnTotal(SLICES, columns4, partial, dw);
    },
  };
}
