import type { Device, View } from "../device/device";
import { type AttentionKernels, attentionCode, attentionKernels } from "./attention-variants";
import { cpuHeads, type HeadShape } from "./heads";

/** Attention over packed sequences; `start` and `end` give each row's sequence. See attention.wgsl for shapes. */
export interface Attention {
  forward(rows: number, qkv: View, start: View, out: View, lse: View): void;
  backward(
    rows: number,
    args: { qkv: View; start: View; end: View; out: View; lse: View; dout: View; dqkv: View; delta: View },
  ): void;
}

/** Assumed mean number of keys per query; affects only where submits are split. */
const TYPICAL_KEYS = 40;

/** Bindings of each entry point, numbered as in lib/attention.wgsl. */
const BINDINGS = {
  forward: { 1: "read", 2: "read", 3: "write", 4: "write" },
  backward_q: { 1: "read", 2: "read", 3: "write", 5: "read", 6: "read", 7: "write", 8: "write" },
  backward_kv: { 1: "read", 5: "read", 6: "read", 7: "write", 9: "read", 10: "read" },
} as const;

export function attentionOps(
  device: Device,
  shape: HeadShape,
  kernels: AttentionKernels = attentionKernels(device),
): Attention {
  const { queryHeads, keyHeads, headDim } = shape;
  const scale = 1 / Math.sqrt(headDim);
  const costOf = (rows: number): number => rows * queryHeads * headDim * TYPICAL_KEYS * 10;
  const prepare = (entry: keyof typeof BINDINGS, heads: number) => {
    const variant = entry === "forward" ? kernels.forward : kernels.backward;
    const { code, groups } = attentionCode(device, variant, shape);
    const name = `attention.${variant}.${entry}`;
    const cpu = { entry: `attention_${entry === "forward" ? "forward" : "backward"}`, constants: cpuHeads(shape) };
    const uniforms = { rows: "u32", scale: "f32" } as const;
    const kernel = device.kernel({ name, code, entry, uniforms, bindings: BINDINGS[entry], cpu });
    return (rows: number, views: readonly View[], cost: number): void =>
      device.dispatch(kernel, { rows, scale }, views, groups(rows, heads), cost);
  };
  const forward = prepare("forward", queryHeads);
  const backwardQ = prepare("backward_q", queryHeads);
  // On the CPU all three gradients come from one pass.
  const backwardKv = device.traits.simd ? null : prepare("backward_kv", keyHeads);
  return {
    forward(rows, qkv, start, out, lse) {
      forward(rows, [qkv, start, out, lse], costOf(rows));
    },
    backward(rows, { qkv, start, end, out, lse, dout, dqkv, delta }) {
      backwardQ(rows, [qkv, start, out, lse, dout, dqkv, delta], costOf(rows) * 2);
      backwardKv?.(rows, [qkv, lse, dout, dqkv, end, delta], costOf(rows) * 2);
    },
  };
}
