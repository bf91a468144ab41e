import type { Work } from "../contender";
import { NEW_TOKENS } from "../workload";

/** Goes on greedily with prompts of one length. @returns the tokens after the first of them */
export interface Decoder {
  write(prompts: readonly Int32Array[], count: number): Promise<ArrayLike<number>>;
}

/** Writing as something to be timed, for a library that compiles its kernels while it writes. */
export async function writing(decoder: Decoder, prompts: readonly Int32Array[]): Promise<Work> {
  // Some compile for every length of the past: a minute on a rasteriser, which is no part of their speed.
  let first = await decoder.write(prompts, NEW_TOKENS);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) first = await decoder.write(prompts, NEW_TOKENS);
    },
    result: async () => first,
  };
}
