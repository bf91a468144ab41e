import type { Rng, Tokenizer } from "../contracts";
import { gappedPositions } from "./gaps";
import { COMPLETION_WEIGHT, PROMPT_WEIGHT, TRACE_START_WEIGHT } from "./schedule";
import { type Shard, type ShardSource, UPDATES_PER_SHARD } from "./shards";

/** One training sequence: `weights[t]` multiplies −log p(tokens[t]). */
export interface WeightedSequence {
  readonly tokens: Int32Array;
  readonly weights: Float32Array;
  /** Position of each token; absent: 0, 1, 2, … */
  readonly positions?: Uint32Array;
}

/** The sequences of one update, and their number of tokens. */
export interface UpdateBatch {
  readonly sequences: readonly WeightedSequence[];
  readonly tokens: number;
}

/** The batch of every update as a function of corpus and update index, so that resuming needs no saved state. */
export interface BatchSource {
  batch(update: number): Promise<UpdateBatch>;
}

/** Gaps in positions: in which share of the sequences, below which position, and from which random numbers. */
export interface Gaps {
  readonly share: number;
  readonly context: number;
  readonly rng: Rng;
}

/**
 * Cuts shards into updates of at most `tokensPerUpdate` tokens, in the order of the examples. Sequences are packed without
 * padding, so they need no sorting by length, and every update has the mixture's proportions.
 * @param starts what worked completions begin with; see `workedStarts`
 */
export function batchSource(
  shards: ShardSource,
  tokenizer: Tokenizer,
  tokensPerUpdate: number,
  starts: readonly string[] = ["<think>"],
  gaps: Gaps | null = null,
): BatchSource {
  const workedStarts = new Set(starts.flatMap((start) => tokenizer.encode(start)[0] ?? []));
  let current: { index: number; batches: UpdateBatch[] } | undefined;
  return {
    async batch(update) {
      const index = Math.floor(update / UPDATES_PER_SHARD);
      if (current?.index !== index) {
        current = { index, batches: cutShard(await shards.shard(index), tokensPerUpdate, workedStarts) };
      }
      const batch = current.batches[update % UPDATES_PER_SHARD] as UpdateBatch;
      return gaps && gaps.share > 0 ? withGaps(batch, gaps, gaps.rng.child(update)) : batch;
    },
  };
}

function withGaps({ sequences, tokens }: UpdateBatch, { share, context }: Gaps, rng: Rng): UpdateBatch {
  const spread = sequences.map((one) =>
    rng.next() < share ? { ...one, positions: gappedPositions(one.tokens.length, context, rng) } : one,
  );
  return { sequences: spread, tokens };
}

/**
 * Cuts a shard into updates. The loss of an update is divided by the *mean* weight sum of the shard's updates, not by its own:
 * otherwise a worked answer would count less in an update with other long ones.
 */
export function cutShard(shard: Shard, tokensPerUpdate: number, workedStarts: ReadonlySet<number>): UpdateBatch[] {
  const groups = groupExamples(shard.lengths, tokensPerUpdate);
  const batches = groups.map(({ first, last, offset }) => {
    const sequences: WeightedSequence[] = [];
    let at = offset;
    for (let example = first; example < last; example++) {
      const length = shard.lengths[example] as number;
      const tokens = Int32Array.from(shard.tokens.subarray(at, at + length));
      sequences.push({ tokens, weights: tokenWeights(tokens, shard.promptLengths[example] as number, workedStarts) });
      at += length;
    }
    return { sequences, tokens: at - offset };
  });
  const meanWeight = sum(batches.map(totalWeight)) / batches.length;
  for (const { sequences } of batches) for (const { weights } of sequences) scale(weights, 1 / meanWeight);
  return batches;
}

interface ExampleGroup {
  readonly first: number;
  readonly last: number;
  /** Start of its tokens in the shard. */
  readonly offset: number;
}

/** Splits examples into UPDATES_PER_SHARD consecutive groups of similar size, none above the budget. */
function groupExamples(lengths: Uint16Array, tokensPerUpdate: number): ExampleGroup[] {
  const groups: ExampleGroup[] = [];
  let first = 0;
  let offset = 0;
  while (groups.length < UPDATES_PER_SHARD) {
    let last = first;
    let tokens = 0;
    while (last < lengths.length && tokens + (lengths[last] as number) <= tokensPerUpdate)
      tokens += lengths[last++] as number;
    if (last === first)
      throw new Error(`an update of ${tokensPerUpdate} tokens has no room for example ${first} of its shard`);
    groups.push({ first, last, offset });
    first = last;
    offset += tokens;
  }
  return groups;
}

/** Loss weights of one example; position 0 is never predicted. */
export function tokenWeights(
  tokens: Int32Array,
  promptLength: number,
  workedStarts: ReadonlySet<number>,
): Float32Array {
  const weights = new Float32Array(tokens.length).fill(COMPLETION_WEIGHT).fill(PROMPT_WEIGHT, 0, promptLength);
  weights[0] = 0;
  if (workedStarts.has(tokens[promptLength] ?? -1)) weights[promptLength] = COMPLETION_WEIGHT * TRACE_START_WEIGHT;
  return weights;
}

function totalWeight({ sequences }: UpdateBatch): number {
  return sum(sequences.map(({ weights }) => sum(weights)));
}

function scale(weights: Float32Array, factor: number): void {
  for (let at = 0; at < weights.length; at++) weights[at] = (weights[at] as number) * factor;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at] as number;
  return total;
}
