import code from "../../shaders/reduce.wgsl?raw";
import { type Device, foldedGroupsFor, groupsFor, type View } from "../device/device";

/** Slices of the norm of one buffer, one lane each. */
export const NORM_SLICES = 256;

export interface Reduce {
  /** partial [slices, columns4] = sums over slices of the rows of x [rows, columns4] (vec4). */
  columnPartial(rows: number, columns4: number, slices: number, x: View, partial: View): void;
  /** total [columns4] += Σ over slices of partial. */
  columnTotal(slices: number, columns4: number, partial: View, total: View): void;
  /** norm = (‖x‖₂, min(1, limit / (‖x‖₂ + 1e-6))) over several buffers; partial [buffers, NORM_SLICES]. */
  norm(parts: readonly View[], limit: number, partial: View, norm: View): void;
}

export function reduceOps(device: Device): Reduce {
  const params = "uuuuf";
  const columnPartial = device.kernel({
    name: "reduce.column_partial",
    code,
    entry: "column_partial",
    params,
    bindings: { 1: "read", 2: "write" },
  });
  const columnTotal = device.kernel({
    name: "reduce.column_total",
    code,
    entry: "column_total",
    params,
    bindings: { 1: "read", 2: "write" },
  });
  const squares = device.kernel({
    name: "reduce.square_partial",
    code,
    entry: "square_partial",
    params,
    bindings: { 1: "read", 3: "write" },
  });
  const norm = device.kernel({ name: "reduce.norm", code, entry: "norm", params, bindings: { 3: "write", 4: "read" } });
  return {
    columnPartial(rows, columns4, slices, x, partial) {
      device.dispatch(
        columnPartial,
        [rows, columns4, slices, 0, 0],
        [x, partial],
        groupsFor(slices * columns4),
        rows * columns4 * 4,
      );
    },
    columnTotal(slices, columns4, partial, total) {
      const groups = foldedGroupsFor(columns4);
      const params = [0, columns4, slices, groups[0] * 64, 0];
      device.dispatch(columnTotal, params, [partial, total], groups, slices * columns4 * 4);
    },
    norm(parts, limit, partial, result) {
      const bytes = NORM_SLICES * 4;
      parts.forEach((x, i) => {
        const count = x.size / 16;
        const own = { ...partial, offset: partial.offset + i * bytes, size: bytes };
        device.dispatch(squares, [count, 1, NORM_SLICES, 0, 0], [x, own], groupsFor(NORM_SLICES), count * 8);
      });
      device.dispatch(norm, [0, 1, parts.length * NORM_SLICES, 0, limit], [result, partial], [1]);
    },
  };
}
