import code from "../../shaders/muon.wgsl?raw";
import { type Gpu, groupsFor, type View } from "../gpu/gpu";
import type { Range4 } from "./adamw";

/** Slices of the Frobenius norm. */
export const MUON_SLICES = 64;

/** The element-wise parts of Muon; matrices are given as `count` vec4. See muon.wgsl. */
export interface Muon {
  momentum(range: Range4, momentum: number, dw: View, norm: View, state: View, u: View): void;
  /** x ← x / (‖x‖_F + 1e-7), through partial [MUON_SLICES]. */
  normalize(count: number, x: View, partial: View): void;
  /** y = α·a + β·b. */
  polynomial(count: number, alpha: number, a: View, beta: number, b: View, y: View): void;
  /** y += α·a. */
  addScaled(count: number, alpha: number, a: View, y: View): void;
  apply(range: Range4, learningRate: number, update: View, w: View): void;
}

export function muonOps(gpu: Gpu): Muon {
  const kernel = (entry: string, bindings: Record<number, "read" | "write">) =>
    gpu.kernel({ name: `muon.${entry}`, code, entry, params: "uuuff", bindings });
  const momentum = kernel("momentum", { 1: "read", 3: "read", 4: "write", 5: "write" });
  const square = kernel("square", { 1: "read", 6: "write" });
  const start = kernel("start", { 3: "read", 5: "write" });
  const polynomial = kernel("polynomial", { 1: "read", 2: "read", 5: "write" });
  const addScaled = kernel("add_scaled", { 1: "read", 5: "write" });
  const apply = kernel("apply", { 1: "read", 4: "write" });
  return {
    momentum({ first, count }, mu, dw, norm, state, u) {
      gpu.dispatch(momentum, [first, count, 0, mu, 0], [dw, norm, state, u], groupsFor(count), count * 20);
    },
    normalize(count, x, partial) {
      gpu.dispatch(square, [0, count, MUON_SLICES, 0, 0], [x, partial], groupsFor(MUON_SLICES), count * 8);
      gpu.dispatch(start, [0, count, MUON_SLICES, 0, 0], [partial, x], groupsFor(count), count * 8);
    },
    polynomial(count, alpha, a, beta, b, y) {
      gpu.dispatch(polynomial, [0, count, 0, alpha, beta], [a, b, y], groupsFor(count), count * 12);
    },
    addScaled(count, alpha, a, y) {
      gpu.dispatch(addScaled, [0, count, 0, alpha, 0], [a, y], groupsFor(count), count * 4);
    },
    apply({ first, count }, learningRate, update, w) {
      gpu.dispatch(apply, [first, count, 0, learningRate, 0], [update, w], groupsFor(count), count * 8);
    },
  };
}
