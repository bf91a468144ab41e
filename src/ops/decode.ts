import code from "../../shaders/decode.wgsl?raw";
import slots from "../../shaders/lib/slots.wgsl?raw";
import { type Device, groupsFor, type View } from "../device/device";
import { cpuHeads, type HeadShape, headConstants, headVectors } from "./heads";
import { unrolled } from "./unroll";

/** u32 per slot in the `slots` buffer, in the order of lib/slots.wgsl. */
export const SLOT_FIELDS = 8;

/** Key/value caches and attention of one token per slot. See decode.wgsl for shapes. */
export interface Decode {
  /** cache[rows[n]] = keys and values of qkv[n]. */
  append(rows: number, qkv: View, targets: View, cache: View): void;
  attend(
    active: number,
    capacity: number,
    args: { qkv: View; activeSlots: View; slots: View; prompt: View; own: View; out: View },
  ): void;
  /** Computes tokens, positions and cache rows of the next input of every active slot. */
  advance(
    active: number,
    capacity: number,
    args: { activeSlots: View; slots: View; tokens: View; positions: View; ownRows: View },
  ): void;
}

const TYPICAL_KEYS = 60;

export function decodeOps(device: Device, shape: HeadShape): Decode {
  const source = unrolled(headConstants(shape), slots + code);
  const kernel = (entry: string, bindings: Record<number, "read" | "write">) =>
    device.kernel({
      name: `decode.${entry}`,
      code: source,
      entry,
      uniforms: { rows: "u32", capacity: "u32", scale: "f32" },
      bindings,
      cpu: { entry: `decode_${entry}`, constants: cpuHeads(shape) },
    });
  const append = kernel("append", { 1: "read", 2: "read", 3: "write" });
  const attend = kernel("attend", { 1: "read", 4: "read", 5: "write", 6: "read", 7: "read", 8: "write" });
  const advance = kernel("advance", { 4: "read", 5: "write", 9: "write", 10: "write", 11: "write" });
  const pair4 = 2 * shape.keyHeads * headVectors(shape);
  const scale = 1 / Math.sqrt(shape.headDim);
  return {
    append(rows, qkv, targets, cache) {
      device.dispatch(
        append,
        { rows, capacity: 0, scale: 0 },
        [qkv, targets, cache],
        groupsFor(rows * pair4),
        rows * pair4 * 4,
      );
    },
    attend(active, capacity, a) {
      const views = [a.qkv, a.activeSlots, a.slots, a.prompt, a.own, a.out];
      const cost = active * shape.queryHeads * shape.headDim * TYPICAL_KEYS * 10;
      device.dispatch(attend, { rows: active, capacity, scale }, views, groupsFor(active * shape.queryHeads), cost);
    },
    advance(active, capacity, a) {
      const views = [a.activeSlots, a.slots, a.tokens, a.positions, a.ownRows];
      device.dispatch(advance, { rows: active, capacity, scale: 0 }, views, groupsFor(active), active);
    },
  };
}
