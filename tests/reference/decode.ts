import { type HeadShape, qkvWidth } from "./attention";

/** One sample being written. Keys and values of its prompt, then of its own tokens, are what it attends to. */
export interface Slot {
  /** First row in the prompt cache, and rows there: the prompt without its last token. */
  readonly promptStart: number;
  readonly promptRows: number;
  /** Tokens sampled so far. */
  readonly written: number;
  readonly limit: number;
  readonly seed: number;
  readonly sample: number;
  readonly token: number;
  readonly done: boolean;
}

/** The eight words of lib/slots.wgsl. */
export function slotWords(s: Slot): number[] {
  return [s.promptStart, s.promptRows, s.written, s.limit, s.seed, s.sample, s.token, s.done ? 1 : 0];
}

export const cacheWidth = ({ keyHeads, headDim }: HeadShape): number => 2 * keyHeads * headDim;

/** cache, with the keys and values of qkv row n in row targets[n] */
export function append(
  shape: HeadShape,
  qkv: Float64Array,
  targets: ArrayLike<number>,
  cache: Float64Array,
): Float64Array {
  const width = cacheWidth(shape);
  const written = Float64Array.from(cache);
  for (let n = 0; n < targets.length; n++) {
    const row = n * qkvWidth(shape) + shape.queryHeads * shape.headDim;
    written.set(qkv.subarray(row, row + width), targets[n]! * width);
  }
  return written;
}

/** Attention of the newest token of each active slot over its prompt and its own tokens; `capacity` own rows a slot. */
export function attend(
  shape: HeadShape,
  capacity: number,
  qkv: Float64Array,
  active: readonly number[],
  slots: readonly Slot[],
  prompt: Float64Array,
  own: Float64Array,
): Float64Array {
  const { queryHeads, keyHeads, headDim } = shape;
  const width = cacheWidth(shape);
  const out = new Float64Array(active.length * queryHeads * headDim);
  active.forEach((number, i) => {
    const { promptStart, promptRows, written } = slots[number]!;
    const fromPrompt = prompt.subarray(promptStart * width, (promptStart + promptRows) * width);
    const fromOwn = own.subarray(number * capacity * width, (number * capacity + written + 1) * width);
    const seen = Float64Array.from([...fromPrompt, ...fromOwn]);
    for (let head = 0; head < queryHeads; head++) {
      const query = qkv.subarray(i * qkvWidth(shape) + head * headDim);
      const key = Math.floor(head / (queryHeads / keyHeads)) * headDim;
      const scores = Array.from({ length: seen.length / width }, (_, j) => {
        let score = 0;
        for (let d = 0; d < headDim; d++) score += query[d]! * seen[j * width + key + d]!;
        return Math.exp(score / Math.sqrt(headDim));
      });
      const total = scores.reduce((sum, score) => sum + score);
      scores.forEach((score, j) => {
        const value = j * width + keyHeads * headDim + key;
        for (let d = 0; d < headDim; d++) {
          out[(i * queryHeads + head) * headDim + d]! += (score / total) * seen[value + d]!;
        }
      });
    }
  });
  return out;
}

/** The next input of a slot: token, position, and row of its own cache; a finished slot repeats its last step. */
export function advance(slot: Slot): { token: number; position: number; ownRow: number } {
  const step = Math.min(slot.written, slot.limit - 1);
  return { token: slot.token, position: slot.promptRows + step, ownRow: step };
}
