import code from "../../shaders/reduce.wgsl?raw";
import { type Device, foldedGroupsFor, groupsFor, type View } from "../device/device";

/** Slices of the norm of one buffer, one lane each. */
export const NORM_SLICES = 256;

/** Values of the uniforms that an entry point does not read. */
const UNUSED = { rows: 0, columns4: 0, slices: 0, lanes: 0, limit: 0 };

export interface Reduce {
  /** partial [slices, columns4] = sums over slices of the rows of x [rows, columns4] (vec4). */
  columnPartial(rows: number, columns4: number, slices: number, x: View, partial: View): void;
  /** total [columns4] += Σ over slices of partial. */
  columnTotal(slices: number, columns4: number, partial: View, total: View): void;
  /** norm = (‖x‖₂, min(1, limit / (‖x‖₂ + 1e-6))) over several buffers; partial [buffers, NORM_SLICES]. */
  norm(parts: readonly View[], limit: number, partial: View, norm: View): void;
}

export function reduceOps(device: Device): Reduce {
  const uniforms = { rows: "u32", columns4: "u32", slices: "u32", lanes: "u32", limit: "f32" } as const;
  const columnPartial = device.kernel({
    name: "reduce.column_partial",
    code,
    entry: "column_partial",
    uniforms,
    bindings: { 1: "read", 2: "write" },
  });
  const columnTotal = device.kernel({
    name: "reduce.column_total",
    code,
    entry: "column_total",
    uniforms,
    bindings: { 1: "read", 2: "write" },
  });
  const squares = device.kernel({
    name: "reduce.square_partial",
    code,
    entry: "square_partial",
    uniforms,
    bindings: { 1: "read", 3: "write" },
  });
  const norm = device.kernel({
    name: "reduce.norm",
    code,
    entry: "norm",
    uniforms,
    bindings: { 3: "write", 4: "read" },
  });
  return {
    columnPartial(rows, columns4, slices, x, partial) {
      const values = { ...UNUSED, rows, columns4, slices };
      device.dispatch(columnPartial, values, [x, partial], groupsFor(slices * columns4), rows * columns4 * 4);
    },
    columnTotal(slices, columns4, partial, total) {
      const groups = foldedGroupsFor(columns4);
      const values = { ...UNUSED, columns4, slices, lanes: groups[0] * 64 };
      device.dispatch(columnTotal, values, [partial, total], groups, slices * columns4 * 4);
    },
    norm(parts, limit, partial, result) {
      const bytes = NORM_SLICES * 4;
      parts.forEach((x, i) => {
        const count = x.size / 16;
        const own = { ...partial, offset: partial.offset + i * bytes, size: bytes };
        const values = { ...UNUSED, rows: count, columns4: 1, slices: NORM_SLICES };
        device.dispatch(squares, values, [x, own], groupsFor(NORM_SLICES), count * 8);
      });
      const values = { ...UNUSED, columns4: 1, slices: parts.length * NORM_SLICES, limit };
      device.dispatch(norm, values, [result, partial], [1]);
    },
  };
}
