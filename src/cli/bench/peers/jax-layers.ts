import { numpy as np } from "@jax-js/jax";
import { EPS } from "../workload";

export function rmsNorm(x: np.Array, gain: np.Array): np.Array {
  const mean = np.square(x.ref).mean(-1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(mean.add(EPS)))).mul(gain);
}

/** x [rows, length, heads, width]; cos and sin [length, 1, width]. */
export function rotate(x: np.Array, cos: np.Array, sin: np.Array): np.Array {
  const [left, right] = np.split(x.ref, 2, -1) as [np.Array, np.Array];
  return x.mul(cos).add(np.concatenate([right.mul(-1), left], -1).mul(sin));
}
