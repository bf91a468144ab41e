import { nn, numpy as np } from "@jax-js/jax";
import { type Architecture, EPS } from "../workload";

/** [length, 1, width] each. */
export interface Rotation {
  readonly cos: np.Array;
  readonly sin: np.Array;
}

/** Queries, keys and values [sequences, length, heads, width] → the same shape. */
export type Attend = (q: np.Array, k: np.Array, v: np.Array) => np.Array;

interface Forward {
  /** [sequences, length, hidden], before the last norm. */
  readonly hidden: np.Array;
  /** The last norm and the tied head; call it once. */
  readonly logits: (hidden: np.Array) => np.Array;
}

/** tokens [sequences, length]; consumes all its arrays. Weights are in the order of `inputsOf`. */
export function transformer(
  { heads, layers, vocabulary }: Architecture,
  weights: np.Array[],
  tokens: np.Array,
  { cos, sin }: Rotation,
  attend: Attend,
): Forward {
  const rest = [...weights];
  const next = (): np.Array => rest.shift() as np.Array;
  const [sequences = 0, length = 0] = tokens.shape;
  const split = (projected: np.Array): np.Array => projected.reshape([sequences, length, heads, -1]);
  const embedding = next();
  // Indexing the embedding would work too, but its gradient takes thirty times as long.
  let x = np.matmul(nn.oneHot(tokens, vocabulary), embedding.ref);
  for (let layer = 0; layer < layers; layer++) {
    const normed = rmsNorm(x.ref, next());
    const q = rotate(split(np.matmul(normed.ref, next())), cos.ref, sin.ref);
    const k = rotate(split(np.matmul(normed.ref, next())), cos.ref, sin.ref);
    const v = split(np.matmul(normed, next()));
    x = x.add(np.matmul(attend(q, k, v).reshape([sequences, length, -1]), next()));
    const middle = rmsNorm(x.ref, next());
    const gate = nn.silu(np.matmul(middle.ref, next()));
    x = x.add(np.matmul(gate.mul(np.matmul(middle, next())), next()));
  }
  for (const array of [cos, sin]) array.dispose();
  return { hidden: x, logits: (hidden) => np.matmul(rmsNorm(hidden, next()), embedding.transpose()) };
}

function rmsNorm(x: np.Array, gain: np.Array): np.Array {
  const mean = np.square(x.ref).mean(-1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(mean.add(EPS)))).mul(gain);
}

/** x [rows, length, heads, width]. */
function rotate(x: np.Array, cos: np.Array, sin: np.Array): np.Array {
  const [left, right] = np.split(x.ref, 2, -1) as [np.Array, np.Array];
  return x.mul(cos).add(np.concatenate([right.mul(-1), left], -1).mul(sin));
}
