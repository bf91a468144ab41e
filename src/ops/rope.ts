import code from "../../shaders/rope.wgsl?raw";
import { type Device, groupsFor, type View } from "../device/device";

/** Llama 3's scaling of slow rotations, for contexts longer than in the first training (arXiv 2407.21783 §3.4.1). */
export interface RopeScaling {
  /** The slowest frequencies are divided by this. */
  readonly factor: number;
  /** Frequencies with fewer turns than this in the original context are divided by `factor`; */
  readonly lowFrequencyFactor: number;
  /** those with more turns than this stay; between the two the change is gradual. */
  readonly highFrequencyFactor: number;
  /** Context length of the first training, in tokens. */
  readonly originalContext: number;
}

/** Radians per position of each pair of a head: [D/2], float64. */
function ropeFrequencies(headDim: number, base: number, scaling: RopeScaling | null): Float64Array {
  return Float64Array.from({ length: headDim / 2 }, (_, d) => {
    const frequency = base ** ((-2 * d) / headDim);
    return scaling ? stretched(frequency, scaling) : frequency;
  });
}

function stretched(frequency: number, scaling: RopeScaling): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContext } = scaling;
  const turns = (originalContext * frequency) / (2 * Math.PI);
  const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
  return kept * frequency + ((1 - kept) * frequency) / factor;
}

/** cos and sin of every position and frequency, computed in float64 and rounded once: [positions, D/2, 2]. */
export function ropeTable(
  positions: number,
  headDim: number,
  base: number,
  scaling: RopeScaling | null = null,
): Float32Array<ArrayBuffer> {
  const frequencies = ropeFrequencies(headDim, base, scaling);
  const half = frequencies.length;
  const table = new Float32Array(positions * half * 2);
  for (let t = 0; t < positions; t++) {
    for (let d = 0; d < half; d++) {
      const angle = t * (frequencies[d] as number);
      table[(t * half + d) * 2] = Math.cos(angle);
      table[(t * half + d) * 2 + 1] = Math.sin(angle);
    }
  }
  return table;
}

/** In floats: row length, distance between heads, unpadded head width. */
export interface RopeShape {
  readonly rows: number;
  readonly heads: number;
  readonly stride: number;
  readonly headStride: number;
  readonly headDim: number;
}

export interface Rope {
  /** Rotates the first `heads` heads of each row in place; direction −1 is the gradient. */
  rotate(shape: RopeShape, direction: 1 | -1, positions: View, table: View, x: View): void;
}

export function ropeOps(device: Device): Rope {
  const rotate = device.kernel({
    name: "rope.rotate",
    code,
    entry: "rotate",
    uniforms: { rows: "u32", heads: "u32", stride: "u32", headStride: "u32", half: "u32", sign: "f32" },
    bindings: { 1: "read", 2: "read", 3: "write" },
  });
  return {
    rotate({ rows, heads, stride, headStride, headDim }, direction, positions, table, x) {
      const values = { rows, heads, stride, headStride, half: headDim / 2, sign: direction };
      device.dispatch(rotate, values, [positions, table, x], groupsFor(rows * heads), rows * heads * headDim * 4);
    },
  };
}
