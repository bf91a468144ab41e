import code from "../../shaders/decode.wgsl?raw";
import { type Gpu, groupsFor, type View } from "../gpu/gpu";
import { type HeadShape, headPrelude, headVectors } from "./attention";

/** u32 per slot of the `slots` buffer, in the order of decode.wgsl's struct Slot. */
export const SLOT_FIELDS = 8;

export interface PickShape {
  readonly active: number;
  /** Rows of the own cache per slot. */
  readonly capacity: number;
  readonly temperature: number;
  readonly vocabulary: number;
  /** vec4 per row of logits. */
  readonly stride4: number;
  readonly endToken: number;
  /** First entry of `picked` to write: chunk step × active. */
  readonly chunkOffset: number;
}

/** Key/value caches, attention of one token per slot, sampling. See decode.wgsl for shapes. */
export interface Decode {
  /** cache[rows[n]] = keys and values of qkv[n]. */
  append(rows: number, qkv: View, targets: View, cache: View): void;
  attend(
    active: number,
    capacity: number,
    args: { qkv: View; activeSlots: View; slots: View; prompt: View; own: View; out: View },
  ): void;
  pick(shape: PickShape, args: { activeSlots: View; slots: View; logits: View; picked: View }): void;
  /** tokens, positions and cache rows of the next input of every active slot. */
  advance(
    shape: PickShape,
    args: { activeSlots: View; slots: View; tokens: View; positions: View; ownRows: View },
  ): void;
}

const TYPICAL_KEYS = 60;

export function decodeOps(gpu: Gpu, shape: HeadShape): Decode {
  const source = headPrelude(shape) + code;
  const kernel = (entry: string, bindings: Record<number, "read" | "write">) =>
    gpu.kernel({ name: `decode.${entry}`, code: source, entry, params: "uuffuuuu", bindings });
  const append = kernel("append", { 1: "read", 2: "read", 3: "write" });
  const attend = kernel("attend", { 1: "read", 4: "read", 5: "write", 6: "read", 7: "read", 8: "write" });
  const pick = kernel("pick", { 4: "read", 5: "write", 9: "read", 10: "write" });
  const advance = kernel("advance", { 4: "read", 5: "write", 11: "write", 12: "write", 13: "write" });
  const pair4 = 2 * shape.keyHeads * headVectors(shape);
  const scale = 1 / Math.sqrt(shape.headDim);
  const fields = (s: PickShape): number[] => [
    s.active,
    s.capacity,
    0,
    s.temperature,
    s.vocabulary,
    s.stride4,
    s.endToken,
    s.chunkOffset,
  ];
  return {
    append(rows, qkv, targets, cache) {
      gpu.dispatch(
        append,
        [rows, 0, 0, 0, 0, 0, 0, 0],
        [qkv, targets, cache],
        groupsFor(rows * pair4),
        rows * pair4 * 4,
      );
    },
    attend(active, capacity, a) {
      const views = [a.qkv, a.activeSlots, a.slots, a.prompt, a.own, a.out];
      const cost = active * shape.queryHeads * shape.headDim * TYPICAL_KEYS * 10;
      gpu.dispatch(attend, [active, capacity, scale, 0, 0, 0, 0, 0], views, groupsFor(active * shape.queryHeads), cost);
    },
    pick(s, a) {
      gpu.dispatch(
        pick,
        fields(s),
        [a.activeSlots, a.slots, a.logits, a.picked],
        groupsFor(s.active),
        s.active * s.vocabulary * 30,
      );
    },
    advance(s, a) {
      gpu.dispatch(
        advance,
        fields(s),
        [a.activeSlots, a.slots, a.tokens, a.positions, a.ownRows],
        groupsFor(s.active),
        s.active,
      );
    },
  };
}
