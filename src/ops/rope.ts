import code from "../../shaders/rope.wgsl?raw";
import { type Gpu, groupsFor, type View } from "../gpu/gpu";

/** cos and sin of every position and frequency, in float64, rounded once: [positions, D/2, 2]. */
export function ropeTable(positions: number, headDim: number, base: number): Float32Array<ArrayBuffer> {
  const half = headDim / 2;
  const table = new Float32Array(positions * half * 2);
  for (let t = 0; t < positions; t++) {
    for (let d = 0; d < half; d++) {
      const angle = t * base ** ((-2 * d) / headDim);
      table[(t * half + d) * 2] = Math.cos(angle);
      table[(t * half + d) * 2 + 1] = Math.sin(angle);
    }
  }
  return table;
}

/** In floats: row length, distance of heads, true head width. */
export interface RopeShape {
  readonly rows: number;
  readonly heads: number;
  readonly stride: number;
  readonly headStride: number;
  readonly headDim: number;
}

export interface Rope {
  /** Rotate the first `heads` heads of each row in place; direction −1 is the gradient. */
  rotate(shape: RopeShape, direction: 1 | -1, positions: View, table: View, x: View): void;
}

export function ropeOps(gpu: Gpu): Rope {
  const rotate = gpu.kernel({
    name: "rope.rotate",
    code,
    entry: "rotate",
    params: "uuuuuf",
    bindings: { 1: "read", 2: "read", 3: "write" },
  });
  return {
    rotate(s, direction, positions, table, x) {
      const params = [s.rows, s.heads, s.stride, s.headStride, s.headDim / 2, direction];
      gpu.dispatch(
        rotate,
        params,
        [positions, table, x],
        groupsFor(s.rows * s.heads),
        s.rows * s.heads * s.headDim * 4,
      );
    },
  };
}
