import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tokenizer } from "../contracts";
import { configJson } from "./architecture";
import { CORPUS_SOURCES, type CorpusPython } from "./python";
import { mixtureAt, type Recipe } from "./schedule";

/** Updates per shard. Each shard has one seed and one mixture. */
export const UPDATES_PER_SHARD = 25;

/** Examples requested from Python at once. */
const CHUNK = 512;

/** Encoded examples in order. Vocabularies of up to 65,536 tokens. */
export interface Shard {
  readonly tokens: Uint16Array;
  /** Tokens per example, and how many of these are its prompt. */
  readonly lengths: Uint16Array;
  readonly promptLengths: Uint16Array;
}

/** Everything that a run's corpus depends on. */
export interface CorpusPlan extends Recipe {
  readonly seed: number;
  readonly updates: number;
  readonly tokensPerUpdate: number;
}

/** The shards of a run by their index. */
export interface ShardSource {
  shard(index: number): Promise<Shard>;
}

/**
 * Shards from the cache folder; missing ones are generated. A file's name contains everything it depends on, so a changed
 * generator or schedule never reads an old file.
 * @param openPython called once, when the first shard is missing
 */
export function cachedShards(
  folder: string,
  plan: CorpusPlan,
  tokenizer: Tokenizer,
  openPython: () => Promise<CorpusPython>,
): ShardSource {
  let python: Promise<CorpusPython> | undefined;
  return {
    async shard(index) {
      const path = join(folder, `${nameOf(plan, index, tokenizer)}.bin`);
      const kept = await readFile(path).catch(() => null);
      if (kept) return decodeShard(kept);
      python ??= openPython();
      const shard = drawShard(await python, plan, index, tokenizer);
      await mkdir(folder, { recursive: true });
      await writeFile(`${path}.part`, encodeShard(shard));
      await rename(`${path}.part`, path);
      return shard;
    },
  };
}

function nameOf(plan: CorpusPlan, index: number, tokenizer: Tokenizer): string {
  const parts = [
    ...CORPUS_SOURCES[plan.domain],
    plan.seed,
    index,
    tokensNeeded(plan),
    mixtureOf(plan, index),
    tokenizer.vocabularySize,
  ];
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
  return `${hash}-${String(index).padStart(4, "0")}`;
}

function mixtureOf(plan: CorpusPlan, index: number) {
  return mixtureAt((index * UPDATES_PER_SHARD) / plan.updates, plan);
}

/** Tokens to draw for full updates: packing wastes the end of each, and the last chunk overshoots. */
function tokensNeeded({ tokensPerUpdate }: CorpusPlan): number {
  return tokensPerUpdate * UPDATES_PER_SHARD;
}

/** Draws and encodes one shard. An example that the context has no room for is left out: few judgements of long lists. */
export function drawShard(python: CorpusPython, plan: CorpusPlan, index: number, tokenizer: Tokenizer): Shard {
  const longest = configJson(plan).max_position_embeddings;
  const stream = python.open(`${plan.seed}/${index}`, mixtureOf(plan, index));
  const tokens: number[] = [];
  const lengths: number[] = [];
  const promptLengths: number[] = [];
  while (tokens.length < tokensNeeded(plan)) {
    for (const example of stream.take(CHUNK)) {
      const [prompt, completion] = [tokenizer.encode(example.prompt), tokenizer.encode(example.completion)];
      const length = prompt.length + completion.length;
      if (length > longest) continue;
      for (const token of prompt) tokens.push(token);
      for (const token of completion) tokens.push(token);
      promptLengths.push(prompt.length);
      lengths.push(length);
    }
  }
  stream.close();
  return {
    tokens: Uint16Array.from(tokens),
    lengths: Uint16Array.from(lengths),
    promptLengths: Uint16Array.from(promptLengths),
  };
}

/** [examples: u32] [lengths: u16 × examples] [prompt lengths: u16 × examples] [tokens: u16 …] */
export function encodeShard({ tokens, lengths, promptLengths }: Shard): Uint8Array {
  const words = new Uint16Array(2 + 2 * lengths.length + tokens.length);
  new Uint32Array(words.buffer, 0, 1)[0] = lengths.length;
  words.set(lengths, 2);
  words.set(promptLengths, 2 + lengths.length);
  words.set(tokens, 2 + 2 * lengths.length);
  return new Uint8Array(words.buffer);
}

/** Reads the bytes of `encodeShard`. */
export function decodeShard(bytes: Uint8Array): Shard {
  const aligned = Uint8Array.from(bytes).buffer;
  const examples = new Uint32Array(aligned, 0, 1)[0] as number;
  const words = new Uint16Array(aligned, 4);
  return {
    lengths: words.slice(0, examples),
    promptLengths: words.slice(examples, 2 * examples),
    tokens: words.slice(2 * examples),
  };
}
