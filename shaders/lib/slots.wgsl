// Shared by the shaders of generation: the state of a slot, and a sample's random stream.
// TypeScript side: SLOT_FIELDS in src/ops/decode.ts, and tests/reference/counter.ts.

// One unfinished sample.
struct Slot {
  prompt_start: u32,   // first row in the prompt cache
  prompt_rows: u32,    // prompt length − 1
  written: u32,        // tokens sampled so far
  limit: u32,          // most tokens to sample
  seed: u32,           // key of the random stream
  sample: u32,         // index of the sample within its request
  token: u32,          // last token, the next input
  done: u32,
}

// Counter-based random numbers: rounds of the PCG output permutation over (seed, sample, position).
// O'Neill, HMC-CS-2014-0905; Jarzynski & Olano, JCGT 9(3) 2020. CPU twin: tests/reference/counter.ts.
fn permute(x: u32) -> u32 {
  let state = x * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}

fn random_bits(slot: Slot) -> u32 {
  return permute(permute(permute(slot.seed) ^ slot.sample) ^ slot.written);
}
