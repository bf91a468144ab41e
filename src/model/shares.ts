/** How work is shared among threads. What a sample or a sequence comes to never depends on it. */
import type { SamplingRequest } from "../contracts";

/** Some samples of a request. */
export interface Piece extends SamplingRequest {
  /** Index of the request. */
  readonly request: number;
  /** Index of the first sample. */
  readonly first: number;
}

/** Requests with many samples are cut, so that a thread gets at least about this many pieces. */
const PIECES = 4;

/** Deals samples to threads: each piece goes to the one with the fewest samples. Samples of one prompt stay together. */
export function dealt(requests: readonly SamplingRequest[], threads: number): Piece[][] {
  const total = requests.reduce((sum, { samples }) => sum + samples, 0);
  const most = Math.max(1, Math.ceil(total / (threads * PIECES)));
  const hands = Array.from({ length: threads }, () => ({ samples: 0, pieces: [] as Piece[] }));
  for (const [request, one] of requests.entries()) {
    for (let first = 0; first < one.samples; first += most) {
      const samples = Math.min(most, one.samples - first);
      const hand = hands.reduce((least, other) => (other.samples < least.samples ? other : least));
      hand.pieces.push({ ...one, request, first, samples });
      hand.samples += samples;
    }
  }
  return hands.map(({ pieces }) => pieces);
}

/**
 * Cuts sequences into `parts` runs of about as many tokens, in their order; a part may be empty. The cut depends on the lengths
 * alone, because the bits of a gradient depend on it.
 */
export function cut<S>(sequences: readonly S[], lengthOf: (sequence: S) => number, parts: number): S[][] {
  const total = sequences.reduce((sum, one) => sum + lengthOf(one), 0);
  const cuts = Array.from({ length: parts }, () => [] as S[]);
  let before = 0;
  for (const one of sequences) {
    const middle = before + lengthOf(one) / 2;
    const part = Math.min(parts - 1, Math.floor((parts * middle) / Math.max(1, total)));
    (cuts[part] as S[]).push(one);
    before += lengthOf(one);
  }
  return cuts;
}
