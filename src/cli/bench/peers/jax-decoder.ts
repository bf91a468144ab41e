import { jit, nn, numpy as np, tree } from "@jax-js/jax";
import { type Architecture, inputsOf, NEW_TOKENS, PROMPT } from "../workload";
import { type Attend, type Rotation, transformer } from "./jax-layers";

/** Rows of a cache: the prompt and the new tokens. */
const CAPACITY = PROMPT + NEW_TOKENS;

/** Keys and values of every layer in order, [sequences, CAPACITY, heads, width] each. */
type Caches = np.Array[];

/** Inputs that depend on the position. */
type Position = {
  /** [1, 1, width] */
  readonly cos: np.Array;
  readonly sin: np.Array;
  /** [1, CAPACITY, 1, 1]: 1 at the position, 0 elsewhere. */
  readonly here: np.Array;
  /** [sequences]: number of visible keys. */
  readonly seen: np.Array;
};

type Made = {
  readonly next: np.Array;
  readonly caches: Caches;
};

/**
 * Greedy decoding in jax-js: one `jit` for prompts and one per token, both with fixed shapes. Arrays are immutable and cannot be
 * sliced at a traced position, so a one-hot row writes a token's keys and values into the cache.
 */
export class Decoder {
  private readonly weights: np.Array[];
  private readonly rotation: readonly np.Array[];
  private readonly positions: readonly Position[];
  private readonly read;
  private readonly step;

  constructor(architecture: Architecture, sequences: number) {
    const { weights, cosines, sines } = inputsOf(architecture);
    const width = architecture.hidden / architecture.heads;
    const rows = (all: Float32Array<ArrayBuffer>, from: number, count: number): np.Array =>
      np.array(all.slice(from * width, (from + count) * width)).reshape([count, 1, width]);
    this.weights = weights.map(({ shape, values }) => np.array(values).reshape([...shape]));
    this.rotation = [cosines, sines].map((all) => rows(all, 0, PROMPT));
    this.positions = Array.from({ length: NEW_TOKENS - 1 }, (_, i) => ({
      cos: rows(cosines, PROMPT + i, 1),
      sin: rows(sines, PROMPT + i, 1),
      here: np
        .array(Float32Array.from({ length: CAPACITY }, (_, t) => (t === PROMPT + i ? 1 : 0)))
        .reshape([1, -1, 1, 1]),
      seen: np.array(new Int32Array(sequences).fill(PROMPT + i + 1), { dtype: np.int32 }),
    }));
    this.read = jit((w: np.Array[], tokens: np.Array, cos: np.Array, sin: np.Array) =>
      readPrompts(architecture, w, tokens, cos, sin),
    );
    this.step = jit((w: np.Array[], tokens: np.Array, caches: Caches, position: Position) =>
      writeToken(architecture, w, tokens, caches, position),
    );
  }

  /** @returns the tokens after the first prompt */
  async write(prompts: readonly Int32Array[]): Promise<number[]> {
    const tokens = Int32Array.from(prompts.flatMap((prompt) => [...prompt]));
    const inputs = np.array(tokens, { dtype: np.int32 }).reshape([prompts.length, PROMPT]);
    const [cos, sin] = tree.ref(this.rotation) as [np.Array, np.Array];
    let { next, caches } = this.read(tree.ref(this.weights), inputs, cos, sin) as Made;
    const written = [next.ref];
    for (const position of this.positions) {
      ({ next, caches } = this.step(tree.ref(this.weights), next, caches, tree.ref(position)) as Made);
      written.push(next.ref);
    }
    tree.dispose([next, ...caches]);
    const all = await np.stack(written).data();
    return Array.from({ length: NEW_TOKENS }, (_, i) => all[i * prompts.length] as number);
  }
}

function readPrompts(
  architecture: Architecture,
  weights: np.Array[],
  tokens: np.Array,
  cos: np.Array,
  sin: np.Array,
): Made {
  const caches: Caches = [];
  const [sequences = 0] = tokens.shape;
  const padded = (x: np.Array): np.Array =>
    np.concatenate([x, np.zeros([sequences, NEW_TOKENS, ...x.shape.slice(2)])], 1);
  const next = forward(architecture, weights, tokens, { cos, sin }, (q, k, v) => {
    caches.push(padded(k.ref), padded(v.ref));
    return nn.dotProductAttention(q, k, v, { isCausal: true });
  });
  return { next, caches };
}

function writeToken(
  architecture: Architecture,
  weights: np.Array[],
  tokens: np.Array,
  before: Caches,
  { cos, sin, here, seen }: Position,
): Made {
  const caches: Caches = [];
  const rest = [...before];
  const elsewhere = np.ones([1, CAPACITY, 1, 1]).sub(here.ref);
  const grown = (x: np.Array): np.Array => (rest.shift() as np.Array).mul(elsewhere.ref).add(x.mul(here.ref));
  const next = forward(architecture, weights, tokens.reshape([-1, 1]), { cos, sin }, (q, k, v) => {
    const [keys, values] = [grown(k), grown(v)];
    caches.push(keys.ref, values.ref);
    return nn.dotProductAttention(q, keys, values, { keyValueSeqLengths: seen.ref });
  });
  for (const array of [here, seen, elsewhere]) array.dispose();
  return { next, caches };
}

/** tokens [sequences, length] → the likeliest token after each sequence, [sequences]. */
function forward(
  architecture: Architecture,
  weights: np.Array[],
  tokens: np.Array,
  rotation: Rotation,
  attend: Attend,
): np.Array {
  const [, length = 0] = tokens.shape;
  const { hidden, logits } = transformer(architecture, weights, tokens, rotation, attend);
  return np.argmax(logits(hidden.slice([], length - 1)), -1);
}
