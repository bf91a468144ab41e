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
  const gather = device.kernel({ name: "rows.gather", code, entry: "gather", params: "uu", bindings });
  const scatter = device.kernel({ name: "rows.scatter", code, entry: "scatter", params: "uu", bindings });
  return {
    gather(rows, columns, index, x, y) {
      device.dispatch(gather, [rows, columns / 4], [index, x, y], groupsFor((rows * columns) / 4), rows * columns);
    },
    scatter(rows, columns, index, x, y) {
      device.dispatch(scatter, [rows, columns / 4], [index, x, y], groupsFor((rows * columns) / 4), rows * columns);
    },
  };
}
