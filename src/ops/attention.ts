import code from "../../shaders/attention.wgsl?raw";
import { type Gpu, groupsFor, type View } from "../gpu/gpu";

/** Head geometry, fixed for a model. */
export interface HeadShape {
  readonly queryHeads: number;
  readonly keyHeads: number;
  /** True head width D: the scale is 1/√D. */
  readonly headDim: number;
}

/** vec4 per head: D padded to a multiple of 4. */
export function headVectors(shape: HeadShape): number {
  return Math.ceil(shape.headDim / 4);
}

/** The constants attention.wgsl and decode.wgsl are specialised by. */
export function headPrelude(shape: HeadShape): string {
  return `const D4 = ${headVectors(shape)}u;\nconst HQ = ${shape.queryHeads}u;\nconst HK = ${shape.keyHeads}u;\n`;
}

/** Rows of sequences packed one after another; `start`/`end` give each row its sequence. See attention.wgsl for shapes. */
export interface Attention {
  forward(rows: number, qkv: View, start: View, out: View, lse: View): void;
  backward(
    rows: number,
    args: { qkv: View; start: View; end: View; out: View; lse: View; dout: View; dqkv: View; delta: View },
  ): void;
}

/** Mean keys per query assumed when submits are split; only the split depends on it. */
const TYPICAL_KEYS = 40;

export function attentionOps(gpu: Gpu, shape: HeadShape): Attention {
  const source = headPrelude(shape) + code;
  const forward = gpu.kernel({
    name: "attention.forward",
    code: source,
    entry: "forward",
    params: "uf",
    bindings: { 1: "read", 2: "read", 3: "write", 4: "write" },
  });
  const backwardQ = gpu.kernel({
    name: "attention.backward_q",
    code: source,
    entry: "backward_q",
    params: "uf",
    bindings: { 1: "read", 2: "read", 3: "write", 5: "read", 6: "read", 7: "write", 8: "write" },
  });
  const backwardKv = gpu.kernel({
    name: "attention.backward_kv",
    code: source,
    entry: "backward_kv",
    params: "uf",
    bindings: { 1: "read", 5: "read", 6: "read", 7: "write", 9: "read", 10: "read" },
  });
  const scale = 1 / Math.sqrt(shape.headDim);
  const cost = (rows: number): number => rows * shape.queryHeads * shape.headDim * TYPICAL_KEYS * 10;
  return {
    forward(rows, qkv, start, out, lse) {
      gpu.dispatch(forward, [rows, scale], [qkv, start, out, lse], groupsFor(rows * shape.queryHeads), cost(rows));
    },
    backward(rows, a) {
      gpu.dispatch(
        backwardQ,
        [rows, scale],
        [a.qkv, a.start, a.out, a.lse, a.dout, a.dqkv, a.delta],
        groupsFor(rows * shape.queryHeads),
        cost(rows) * 2,
      );
      gpu.dispatch(
        backwardKv,
        [rows, scale],
        [a.qkv, a.lse, a.dout, a.dqkv, a.end, a.delta],
        groupsFor(rows * shape.keyHeads),
        cost(rows) * 2,
      );
    },
  };
}
