/** A row of q·k·v: `queryHeads` heads of queries, then keys, then values, each `headDim` numbers. */
export interface HeadShape {
  readonly queryHeads: number;
  readonly keyHeads: number;
  readonly headDim: number;
}

export const qkvWidth = ({ queryHeads, keyHeads, headDim }: HeadShape): number => (queryHeads + 2 * keyHeads) * headDim;

/** Where the parts of row n lie; `head` counts query heads, each served by the key head of its group. */
function places(shape: HeadShape, n: number, head: number): { query: number; key: number; value: number; out: number } {
  const { queryHeads, keyHeads, headDim } = shape;
  const row = n * qkvWidth(shape);
  const group = Math.floor(head / (queryHeads / keyHeads));
  return {
    query: row + head * headDim,
    key: row + (queryHeads + group) * headDim,
    value: row + (queryHeads + keyHeads + group) * headDim,
    out: (n * queryHeads + head) * headDim,
  };
}

/** Row of the first token of each row's sequence, for sequences packed one after another. */
export function starts(lengths: readonly number[]): Uint32Array {
  let at = 0;
  return Uint32Array.from(
    lengths.flatMap((length) => {
      at += length;
      return new Array<number>(length).fill(at - length);
    }),
  );
}

/** Row after the last token of each row's sequence. */
export function ends(lengths: readonly number[]): Uint32Array {
  const start = starts(lengths);
  const length = lengths.flatMap((count) => new Array<number>(count).fill(count));
  return start.map((first, row) => first + length[row]!);
}

/** Softmax weights of query (n, head) over rows start … n, and the logarithm of their sum before normalisation. */
function weights(shape: HeadShape, qkv: Float64Array, start: number, n: number, head: number) {
  const scores: number[] = [];
  for (let j = start; j <= n; j++) {
    const { key } = places(shape, j, head);
    const { query } = places(shape, n, head);
    let score = 0;
    for (let d = 0; d < shape.headDim; d++) score += qkv[query + d]! * qkv[key + d]!;
    scores.push(score / Math.sqrt(shape.headDim));
  }
  const lse = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
  return { lse, p: scores.map((score) => Math.exp(score - lse)) };
}

/** out = Σ_j p_j v_j over the sequence so far; lse [rows, queryHeads]. */
export function forward(shape: HeadShape, lengths: readonly number[], qkv: Float64Array) {
  const start = starts(lengths);
  const out = new Float64Array(start.length * shape.queryHeads * shape.headDim);
  const lse = new Float64Array(start.length * shape.queryHeads);
  for (let n = 0; n < start.length; n++) {
    for (let head = 0; head < shape.queryHeads; head++) {
      const { p, lse: logarithm } = weights(shape, qkv, start[n]!, n, head);
      lse[n * shape.queryHeads + head] = logarithm;
      p.forEach((weight, i) => {
        const { value } = places(shape, start[n]! + i, head);
        const { out: o } = places(shape, n, head);
        for (let d = 0; d < shape.headDim; d++) out[o + d]! += weight * qkv[value + d]!;
      });
    }
  }
  return { out, lse };
}

/** dqkv: dv_j = Σ p dout, ds = p (dout·v − Σ p dout·v), dq = Σ ds k / √D, dk = Σ ds q / √D; grouped heads add up. */
export function backward(shape: HeadShape, lengths: readonly number[], qkv: Float64Array, dout: Float64Array) {
  const start = starts(lengths);
  const dqkv = new Float64Array(qkv.length);
  const scale = 1 / Math.sqrt(shape.headDim);
  for (let n = 0; n < start.length; n++) {
    for (let head = 0; head < shape.queryHeads; head++) {
      const { p } = weights(shape, qkv, start[n]!, n, head);
      const { query, out } = places(shape, n, head);
      const dp = p.map((_, i) => {
        const { value } = places(shape, start[n]! + i, head);
        let sum = 0;
        for (let d = 0; d < shape.headDim; d++) sum += dout[out + d]! * qkv[value + d]!;
        return sum;
      });
      const mean = p.reduce((sum, weight, i) => sum + weight * dp[i]!, 0);
      p.forEach((weight, i) => {
        const { key, value } = places(shape, start[n]! + i, head);
        const ds = weight * (dp[i]! - mean);
        for (let d = 0; d < shape.headDim; d++) {
          dqkv[query + d]! += ds * qkv[key + d]! * scale;
          dqkv[key + d]! += ds * qkv[query + d]! * scale;
          dqkv[value + d]! += weight * dout[out + d]!;
        }
      });
    }
  }
  return dqkv;
}
