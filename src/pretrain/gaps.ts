/**
 * Random position gaps: a model that is trained on them cannot learn where a line stands by counting from the start, so what it
 * learns on short programs reaches further on long ones. Rotary embeddings take positions as data. After randomized positional
 * encodings (Ruoss et al. 2023, arXiv 2305.16843).
 */
import type { Rng } from "../contracts";

/** Chance that a token is further from the one before it than 1, and how far at most. */
const GAP = 0.35;
const WIDEST = 4;

/** Ascending positions of `length` tokens, all below `context`; gaps stop where the rest would not fit. */
export function gappedPositions(length: number, context: number, rng: Rng): Uint32Array {
  const positions = new Uint32Array(length);
  let at = 0;
  for (let token = 1; token < length; token++) {
    const advance = rng.next() < GAP ? 2 + rng.below(WIDEST - 1) : 1;
    at = Math.min(at + advance, context - (length - token));
    positions[token] = at;
  }
  return positions;
}
