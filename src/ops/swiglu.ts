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
    uniforms: { rows: "u32", columns4: "u32" },
    bindings: { 1: "read", 2: "write" },
  });
  const backward = device.kernel({
    name: "swiglu.backward",
    code,
    entry: "backward",
    uniforms: { rows: "u32", columns4: "u32" },
    bindings: { 1: "read", 3: "read", 4: "write" },
  });
  return {
    forward(rows, columns, gu, y) {
      const values = { rows, columns4: columns / 4 };
      device.dispatch(forward, values, [gu, y], groupsFor((rows * columns) / 4), rows * columns * 10);
    },
    backward(rows, columns, gu, dy, dgu) {
      const values = { rows, columns4: columns / 4 };
      device.dispatch(backward, values, [gu, dy, dgu], groupsFor((rows * columns) / 4), rows * columns * 20);
    },
  };
}
