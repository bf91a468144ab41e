import type { Rng } from "../contracts";

/** 2^32 divided by the golden ratio, odd: the step of a Weyl sequence that visits every 32-bit value once. */
const WEYL = 0x9e3779b9;

/**
 * A seeded stream of random numbers with named children.
 *
 * Draw n of a stream is `mix(key + n · WEYL)`: a counter put through a bijective 32-bit mixer, so the whole state is two words. A
 * child's key is a hash of the parent's *key* and the child's path, never of its position. So the number of draws in one stage
 * never changes the draws of another. The period is 2^32; not for cryptography.
 */
export function createRng(seed: number): Rng {
  return stream(mix((Math.trunc(seed) ^ Math.floor(seed / 2 ** 32)) >>> 0));
}

function stream(base: number): Rng {
  let draws = 0;
  const next = (): number => {
    draws += 1;
    return mix(base + Math.imul(draws, WEYL)) / 2 ** 32;
  };
  const key = (...path: readonly (string | number)[]): number => path.reduce<number>(absorb, mix(base ^ WEYL));
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    key,
    child: (...path) => stream(key(...path)),
  };
}

/** Folds one path element into a key. Numbers and their decimal text are different names. */
function absorb(key: number, name: string | number): number {
  const marked = typeof name === "number" ? `#${name}` : `"${name}`;
  // FNV-1a over UTF-16 code units, then the mixer, so that similar names get unrelated keys.
  let hash = key ^ 0x811c9dc5;
  for (let index = 0; index < marked.length; index++) hash = Math.imul(hash ^ marked.charCodeAt(index), 0x01000193);
  return mix(hash);
}

/** MurmurHash3's 32-bit finaliser: a bijection in which every input bit reaches every output bit. */
function mix(value: number): number {
  let word = value | 0;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}

/** `count` distinct elements in random order; all of them when there are fewer. */
export function drawWithout<T>(rng: Rng, items: readonly T[], count: number): T[] {
  const pool = [...items];
  const taken = Math.min(count, pool.length);
  for (let index = 0; index < taken; index++) {
    const other = index + rng.below(pool.length - index);
    [pool[index], pool[other]] = [pool[other] as T, pool[index] as T];
  }
  return pool.slice(0, taken);
}
