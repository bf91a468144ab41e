/**
 * CPU twin of the counter-based generator in shaders/lib/slots.wgsl: the number that decides a token is a function of the
 * request's seed, the sample's index and the token's position, so it does not depend on how samples were batched.
 * O'Neill, HMC-CS-2014-0905 (the PCG permutation); Jarzynski & Olano, JCGT 9(3) 2020 (as a hash).
 */

/** The PCG output permutation of 32-bit integers. */
export function permute(x: number): number {
  const state = (Math.imul(x, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

/** 32 random bits of one token's draw. Arguments are 32-bit integers. */
export function drawBits(seed: number, sample: number, position: number): number {
  return permute(permute(permute(seed) ^ sample) ^ position);
}

/** Uniform in [0, 1), a multiple of 2⁻²⁴ and so exact in float32. */
export function uniform01(seed: number, sample: number, position: number): number {
  return (drawBits(seed, sample, position) >>> 8) * 2 ** -24;
}

/** Exponentially distributed with mean 1: a token's time in the exponential race that draws a token. */
export function exponential(bits: number, token: number): number {
  return -Math.log1p(-((permute(permute(token) ^ bits) + 0.5) * 2 ** -32));
}
