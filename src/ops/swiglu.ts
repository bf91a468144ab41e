import code from "../../shaders/swiglu.wgsl?raw";
import { type Device, groupsFor, type View } from "../device/device";

/** gu [rows, 2·columns] (gate, then up), y [rows, columns]; columns is a multiple of 4. */
export interface SwiGlu {
  forward(rows: number, columns: number, gu: View, y: View): void;
  backward(rows: number, columns: number, gu: View, dy: View, dgu: View): void;
}

export function swiGluOps(device: Device): SwiGlu {
  const forward = device.kernel({
    name: "swiglu.forward",
    code,
    entry: "forward",
    params: "uu",
    bindings: { 1: "read", 2: "write" },
  });
  const backward = device.kernel({
    name: "swiglu.backward",
    code,
    entry: "backward",
    params: "uu",
    bindings: { 1: "read", 3: "read", 4: "write" },
  });
  return {
    forward(rows, columns, gu, y) {
      device.dispatch(forward, [rows, columns / 4], [gu, y], groupsFor((rows * columns) / 4), rows * columns * 10);
    },
    backward(rows, columns, gu, dy, dgu) {
      device.dispatch(
        backward,
        [rows, columns / 4],
        [gu, dy, dgu],
        groupsFor((rows * columns) / 4),
        rows * columns * 20,
      );
    },
  };
}
