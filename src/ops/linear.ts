import subgroup8 from "../../shaders/linear.subgroup8.wgsl?raw";
import plain from "../../shaders/linear.wgsl?raw";
import type { Gpu, View } from "../gpu/gpu";
import type { Kernel } from "../gpu/kernel";

/** Numbers of floats; all multiples of 4. */
export interface LinearShape {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

const HAS_BIAS = 1;
const HAS_RESIDUAL = 2;
const ACCUMULATE = 4;
const BINDINGS = { 1: "read", 2: "read", 3: "read", 4: "read", 5: "write" } as const;

/** y = x·wᵀ with its gradients. x [rows, inputs], w [outputs, inputs], y [rows, outputs]. */
export interface Linear {
  forward(shape: LinearShape, x: View, w: View, y: View, extra?: { bias?: View; residual?: View }): void;
  /** dx = dy·w, or dx += dy·w where `accumulate` is true. */
  backwardX(shape: LinearShape, dy: View, w: View, dx: View, accumulate?: boolean): void;
  /** dw += dyᵀ·x, or overwritten where `accumulate` is false. */
  backwardW(shape: LinearShape, dy: View, x: View, dw: View, accumulate?: boolean): void;
}

export function linearOps(
  gpu: Gpu,
  variant: "plain" | "subgroup8" = gpu.traits.subgroup8 ? "subgroup8" : "plain",
): Linear {
  const code = variant === "plain" ? plain : subgroup8;
  const kernel = (entry: string): Kernel =>
    gpu.kernel({ name: `linear.${entry}`, code, entry, params: "uuuu", bindings: BINDINGS });
  const forward = kernel("forward");
  const backwardX = kernel("backward_x");
  const backwardW = kernel("backward_w");
  const tile = variant === "plain" ? { columns4: 16, rows: 64 } : { columns4: 8, rows: 16 };
  const groups = (rows: number, columns: number): [number, number] => [
    Math.ceil(columns / 4 / tile.columns4),
    Math.ceil(rows / tile.rows),
  ];

  return {
    forward({ rows, inputs, outputs }, x, w, y, { bias, residual } = {}) {
      check("x", x, rows * inputs);
      check("w", w, outputs * inputs);
      check("y", y, rows * outputs);
      const flags = (bias ? HAS_BIAS : 0) + (residual ? HAS_RESIDUAL : 0);
      const params = [rows, outputs / 4, inputs / 4, flags];
      gpu.dispatch(
        forward,
        params,
        [x, w, bias ?? w, residual ?? x, y],
        groups(rows, outputs),
        2 * rows * inputs * outputs,
      );
    },
    backwardX({ rows, inputs, outputs }, dy, w, dx, accumulate = false) {
      check("dy", dy, rows * outputs);
      check("w", w, outputs * inputs);
      check("dx", dx, rows * inputs);
      gpu.dispatch(
        backwardX,
        [rows, inputs / 4, outputs / 4, accumulate ? ACCUMULATE : 0],
        [dy, w, w, dy, dx],
        groups(rows, inputs),
        2 * rows * inputs * outputs,
      );
    },
    backwardW({ rows, inputs, outputs }, dy, x, dw, accumulate = true) {
      check("dy", dy, rows * outputs);
      check("x", x, rows * inputs);
      check("dw", dw, outputs * inputs);
      const params = [outputs, inputs / 4, rows, accumulate ? ACCUMULATE : 0];
      gpu.dispatch(backwardW, params, [dy, x, x, x, dw], groups(outputs, inputs), 2 * rows * inputs * outputs);
    },
  };
}

function check(name: string, tensor: View, floats: number): void {
  if (floats % 4 !== 0) throw new Error(`linear.${name}: ${floats} floats are not whole vec4`);
  if (tensor.size < floats * 4) throw new Error(`linear.${name}: expected ${floats} floats, got ${tensor.size / 4}`);
}
