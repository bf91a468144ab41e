import code from "../../shaders/rows.wgsl?raw";
import { type Device, groupsFor, type View } from "../device/device";

/** Rows of `columns` floats, a multiple of 4. */
export interface Rows {
  gather(rows: number, columns: number, index: View, x: View, y: View): void;
  /** Indices must be distinct; other rows of y stay unchanged. */
  scatter(rows: number, columns: number, index: View, x: View, y: View): void;
}

export function rowsOps(device: Device): Rows {
  const bindings = { 1: "read", 2: "read", 3: "write" } as const;
  const uniforms = { rows: "u32", columns4: "u32" } as const;
  const gather = device.kernel({ name: "rows.gather", code, entry: "gather", uniforms, bindings });
  const scatter = device.kernel({ name: "rows.scatter", code, entry: "scatter", uniforms, bindings });
  return {
    gather(rows, columns, index, x, y) {
      const values = { rows, columns4: columns / 4 };
      device.dispatch(gather, values, [index, x, y], groupsFor((rows * columns) / 4), rows * columns);
    },
    scatter(rows, columns, index, x, y) {
      const values = { rows, columns4: columns / 4 };
      device.dispatch(scatter, values, [index, x, y], groupsFor((rows * columns) / 4), rows * columns);
    },
  };
}
