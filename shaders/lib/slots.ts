// The state of a slot, and the random stream a sample draws from: lib/slots.wgsl for the CPU.

/** Bytes of a slot, and where its fields lie. */
export const SLOT: usize = 32;
export const PROMPT_START: usize = 0;
export const PROMPT_ROWS: usize = 4;
export const WRITTEN: usize = 8;
export const LIMIT: usize = 12;
export const SEED: usize = 16;
export const SAMPLE: usize = 20;
export const TOKEN: usize = 24;
export const DONE: usize = 28;

/** PCG's output permutation. TypeScript side: tests/reference/counter.ts. */
export function permute(x: u32): u32 {
  const state = x * 747796405 + 2891336453;
  const word = ((state >> ((state >> 28) + 4)) ^ state) * 277803737;
  return (word >> 22) ^ word;
}

export function randomBits(slot: usize): u32 {
  return permute(permute(permute(load<u32>(slot, SEED)) ^ load<u32>(slot, SAMPLE)) ^ load<u32>(slot, WRITTEN));
}
