import { openNodeGpu } from "../../gpu/node-adapter";
import { openEngine } from "../../model/engine";
import type { LoadedModel } from "../../model/loaded-model";
import { DEFAULT_MODEL, findModelFolder, readModelFolder } from "../model-folder";
import { type Figure, medianOf, type Section } from "./section";

const REPEATS = 3;
const PROMPT_TOKENS = 24;
const NEW_TOKENS = 48;
/** One alone, as a chat is; and as many as a training step writes. */
const BATCHES = [1, 8, 64, 256] as const;

/** Sampling with the shipped model: tokens per second of all sequences together, reading the prompts included. */
export const generationInNode: Section = {
  name: "generation in Node",
  async measure(settings) {
    const { adapter, name } = await openNodeGpu(settings.adapter);
    const engine = await openEngine(adapter);
    try {
      const files = await readModelFolder(findModelFolder(DEFAULT_MODEL));
      // Without an end token every sequence has its full length, whatever it says.
      const config = { ...(files.config as object), eos_token_id: null };
      const model = await engine.loadModel({ ...files, config }, { capacity: NEW_TOKENS, trainingRows: 64 });
      await tokensPerSecond(model, 2);
      const figures = await medianOf(REPEATS, () => measureAll(model, name));
      return [...figures, batching(figures)];
    } finally {
      engine.gpu.device.destroy();
    }
  },
};

async function measureAll(model: LoadedModel, adapter: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const sequences of BATCHES) {
    const value = await tokensPerSecond(model, sequences);
    figures.push({ name: `${sequences} at a time on ${short(adapter)}`, value, unit: "tokens/s" });
  }
  return figures;
}

/** How many times as fast 64 sequences come as one alone. */
function batching(figures: readonly Figure[]): Figure {
  const of = (sequences: number): number => figures[BATCHES.indexOf(sequences as 64)]?.value ?? Number.NaN;
  return { name: "64 at a time over one", value: of(64) / of(1), unit: "×" };
}

/** Distinct prompts, one sample each, at temperature 1. */
export async function tokensPerSecond(model: LoadedModel, sequences: number): Promise<number> {
  const { vocabulary } = model.info;
  const requests = Array.from({ length: sequences }, (_, i) => ({
    tokens: Int32Array.from({ length: PROMPT_TOKENS }, (_, t) => (i * 31 + t * 7) % vocabulary),
    samples: 1,
    maxNewTokens: NEW_TOKENS,
    seed: i,
  }));
  const start = performance.now();
  const generation = model.generate(requests, { temperature: 1 });
  while (!(await generation.next()).done);
  return (sequences * NEW_TOKENS * 1000) / (performance.now() - start);
}

/** "llvmpipe" of "llvmpipe: Mesa 25.0.7 (LLVM 19.1.7)". */
function short(adapter: string): string {
  return adapter.split(/[:,(]/)[0]?.trim() ?? adapter;
}
