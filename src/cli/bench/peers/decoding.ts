import type { Work } from "../contender";
import { NEW_TOKENS } from "../workload";

/** Continues prompts of equal length greedily. @returns the tokens after the first prompt */
export interface Decoder {
  write(prompts: readonly Int32Array[], count: number): Promise<ArrayLike<number>>;
}

/** Generation as timed work, for a library that compiles kernels while it generates. */
export async function writing(decoder: Decoder, prompts: readonly Int32Array[]): Promise<Work> {
  // Some libraries compile for every length of the past: a minute on a rasteriser. Do this before timing.
  let first = await decoder.write(prompts, NEW_TOKENS);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) first = await decoder.write(prompts, NEW_TOKENS);
    },
    result: async () => first,
  };
}
