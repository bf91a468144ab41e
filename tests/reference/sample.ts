import type { SamplingOptions } from "../../src/contracts";
import { drawBits, exponential, uniform01 } from "./counter";
import type { Slot } from "./decode";

/** What one draw is measured by. */
export interface Drawn {
  readonly token: number;
  readonly logprob: number;
  readonly entropy: number;
  /** How far the outcome was from another one: of the share of mass in a running sum, or of the winner of a race. */
  readonly margin: number;
}

/** softmax(logits / temperature); temperature 1 where it is 0. */
export function probabilities(logits: Float64Array, temperature: number): Float64Array {
  const highest = logits.reduce((a, b) => Math.max(a, b));
  const masses = logits.map((logit) => Math.exp((logit - highest) / (temperature || 1)));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return masses.map((mass) => mass / total);
}

export function entropyOf(shares: Float64Array): number {
  return shares.reduce((sum, share) => sum - (share > 0 ? share * Math.log(share) : 0), 0);
}

/** The tokens that top-k, then top-p, then min-p leave; ties with the last one kept stay. */
export function kept(shares: Float64Array, { topK, topP, minP }: SamplingOptions): boolean[] {
  const falling = Float64Array.from(shares).sort().reverse();
  const afterK = falling.filter((share) => share >= falling[Math.min(topK ?? shares.length, shares.length) - 1]!);
  const goal = (topP ?? 1) * afterK.reduce((sum, share) => sum + share, 0);
  let mass = 0;
  let count = 0;
  while (count < afterK.length && mass < goal) mass += afterK[count++]!;
  const least = topP === undefined ? afterK.at(-1)! : afterK[count - 1]!;
  return Array.from(shares, (share) => share >= least && share >= (minP ?? 0) * falling[0]!);
}

/** The probabilities a token is drawn with: those of the tokens kept, renormalised. */
export function drawnFrom(logits: Float64Array, options: SamplingOptions): Float64Array {
  const shares = probabilities(logits, options.temperature);
  const stays = kept(shares, options);
  const total = shares.reduce((sum, share, v) => sum + (stays[v] ? share : 0), 0);
  return shares.map((share, v) => (stays[v] ? share / total : 0));
}

function likeliest(logits: Float64Array): Drawn {
  const shares = probabilities(logits, 0);
  const token = logits.indexOf(logits.reduce((a, b) => Math.max(a, b)));
  return { token, logprob: Math.log(shares[token]!), entropy: entropyOf(shares), margin: 1 };
}

/** The first token whose cumulative share exceeds u; the likeliest one at temperature 0. */
export function pick(logits: Float64Array, temperature: number, slot: Slot): Drawn {
  if (temperature === 0) return likeliest(logits);
  const shares = probabilities(logits, temperature);
  const target = uniform01(slot.seed, slot.sample, slot.written);
  let below = 0;
  let token = 0;
  while (below + shares[token]! <= target) below += shares[token++]!;
  const above = below + shares[token]!;
  const margin = Math.min(target - below, above - target);
  return { token, logprob: Math.log(shares[token]!), entropy: entropyOf(shares), margin };
}

/** The token kept that is first in a race of exponentials; the margin is the runner-up's distance in units of logits. */
export function race(logits: Float64Array, options: SamplingOptions, slot: Slot): Drawn {
  if (options.temperature === 0) return likeliest(logits);
  const shares = probabilities(logits, options.temperature);
  const stays = kept(shares, options);
  const bits = drawBits(slot.seed, slot.sample, slot.written);
  let token = -1;
  let best = Number.NEGATIVE_INFINITY;
  let second = Number.NEGATIVE_INFINITY;
  shares.forEach((share, v) => {
    if (!stays[v]) return;
    const score = Math.log(share) - Math.log(exponential(bits, v));
    if (score > best) {
      second = best;
      best = score;
      token = v;
    } else second = Math.max(second, score);
  });
  return { token, logprob: Math.log(shares[token]!), entropy: entropyOf(shares), margin: best - second };
}

/** The slot after `token` was drawn for it. */
export function write(slot: Slot, token: number, stops: readonly number[]): Slot {
  const written = slot.written + 1;
  return { ...slot, token, written, done: stops.includes(token) || written >= slot.limit };
}
