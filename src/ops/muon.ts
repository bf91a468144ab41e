import code from "../../shaders/muon.wgsl?raw";
import { type Device, foldedGroupsFor, groupsFor, type View } from "../device/device";
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

export function muonOps(device: Device): Muon {
  const kernel = (entry: string, bindings: Record<number, "read" | "write">) =>
    device.kernel({ name: `muon.${entry}`, code, entry, params: "uuuuuff", bindings });
  const momentum = kernel("momentum", { 1: "read", 3: "read", 4: "write", 5: "write" });
  const square = kernel("square", { 1: "read", 6: "write" });
  const start = kernel("start", { 3: "read", 5: "write" });
  const polynomial = kernel("polynomial", { 1: "read", 2: "read", 5: "write" });
  const addScaled = kernel("add_scaled", { 1: "read", 5: "write" });
  const apply = kernel("apply", { 1: "read", 4: "write" });

  /** One lane per vec4. */
  const run = (
    entry: typeof momentum,
    { first = 0, count, at = 0, slices = 0, x = 0, y = 0 }: Partial<MatrixRange4> & MuonParams,
    views: readonly View[],
    cost: number,
  ): void => {
    const groups = foldedGroupsFor(count);
    device.dispatch(entry, [first, count, slices, at, groups[0] * 64, x, y], views, groups, count * cost);
  };
  return {
    momentum(range, mu, dw, norm, state, u) {
      run(momentum, { ...range, x: mu }, [dw, norm, state, u], 20);
    },
    normalize(parts, partial) {
      parts.forEach(({ count, x }, i) => {
        const bytes = MUON_SLICES * 4;
        const own = { ...partial, offset: partial.offset + i * bytes, size: bytes };
        device.dispatch(square, [0, count, MUON_SLICES, 0, 0, 0, 0], [x, own], groupsFor(MUON_SLICES), count * 8);
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

interface MuonParams {
  readonly count: number;
  readonly slices?: number;
  readonly x?: number;
  readonly y?: number;
}
