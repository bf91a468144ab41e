import code from "../../shaders/muon.wgsl?raw";
import { type Device, foldedGroupsFor, groupsFor, type View } from "../device/device";
import type { UniformValues } from "../device/kernel";
import type { Range4 } from "./adamw";

/** Slices in the Frobenius norm of one part. */
export const MUON_SLICES = 64;

/** A range of the flat buffers and its place in a part of the matrix, in vec4. */
export interface MatrixRange4 extends Range4 {
  readonly at: number;
}

/** The element-wise parts of Muon; sizes are `count` vec4. See muon.wgsl. */
export interface Muon {
  momentum(range: MatrixRange4, momentum: number, dw: View, norm: View, state: View, u: View): void;
  /** x ← x / (‖x‖_F + 1e-7) for a matrix in parts; partial [parts, MUON_SLICES]. */
  normalize(parts: readonly { readonly count: number; readonly x: View }[], partial: View): void;
  /** y = α·a + β·b. */
  polynomial(count: number, alpha: number, a: View, beta: number, b: View, y: View): void;
  /** y += α·a. */
  addScaled(count: number, alpha: number, a: View, y: View): void;
  apply(range: MatrixRange4, learningRate: number, update: View, w: View): void;
}

/** `x` and `y` are factors, see the shader. */
const UNIFORMS = {
  first: "u32",
  count: "u32",
  slices: "u32",
  at: "u32",
  width: "u32",
  x: "f32",
  y: "f32",
} as const;
type MuonUniforms = UniformValues<typeof UNIFORMS>;
const UNUSED = { first: 0, slices: 0, at: 0, width: 0, x: 0, y: 0 };

export function muonOps(device: Device): Muon {
  const kernel = (entry: string, bindings: Record<number, "read" | "write">) =>
    device.kernel({ name: `muon.${entry}`, code, entry, uniforms: UNIFORMS, bindings });
  const momentum = kernel("momentum", { 1: "read", 3: "read", 4: "write", 5: "write" });
  const square = kernel("square", { 1: "read", 6: "write" });
  const start = kernel("start", { 3: "read", 5: "write" });
  const polynomial = kernel("polynomial", { 1: "read", 2: "read", 5: "write" });
  const addScaled = kernel("add_scaled", { 1: "read", 5: "write" });
  const apply = kernel("apply", { 1: "read", 4: "write" });

  /** One lane per vec4. */
  const run = (
    entry: typeof momentum,
    values: Partial<MuonUniforms> & { readonly count: number },
    views: readonly View[],
    cost: number,
  ): void => {
    const groups = foldedGroupsFor(values.count);
    device.dispatch(entry, { ...UNUSED, ...values, width: groups[0] * 64 }, views, groups, values.count * cost);
  };
  return {
    momentum(range, mu, dw, norm, state, u) {
      run(momentum, { ...range, x: mu }, [dw, norm, state, u], 20);
    },
    normalize(parts, partial) {
      parts.forEach(({ count, x }, i) => {
        const bytes = MUON_SLICES * 4;
        const own = { ...partial, offset: partial.offset + i * bytes, size: bytes };
        const values = { ...UNUSED, count, slices: MUON_SLICES };
        device.dispatch(square, values, [x, own], groupsFor(MUON_SLICES), count * 8);
      });
      for (const { count, x } of parts) run(start, { count, slices: parts.length * MUON_SLICES }, [partial, x], 8);
    },
    polynomial(count, alpha, a, beta, b, y) {
      run(polynomial, { count, x: alpha, y: beta }, [a, b, y], 12);
    },
    addScaled(count, alpha, a, y) {
      run(addScaled, { count, x: alpha }, [a, y], 4);
    },
    apply(range, learningRate, update, w) {
      run(apply, { ...range, x: learningRate }, [update, w], 8);
    },
  };
}
