// attention: CPU sibling of attention.wgsl, with its formulas and shapes. One head of one sequence at a time, in dense tiles;
// causality skips whole tiles, and superfluous parts of a tile get the weight 0. Both gradients come from one pass.
//
//   constants  D (floats a head, padded), HQ, HK
//   reference  tests/reference/attention.ts
import { WORK, needs } from "./lib/work";
import { NOTHING, RESULT, dotsOfOnePacked, dotsPacked, packPanels, packRows, tileTransposed, timesPanels } from "./lib/product";
import { LOWEST, exp4, log1, madd, splat, total } from "./lib/vector";
import { sumOfWeights, weights } from "./lib/softmax";

/** Queries whose scores exist at a time. */
const QUERIES = 32;

/** The row after the last one of the sequence that begins at `first`. */
function endOf(first: i32, rows: i32, start: usize): i32 {
  let end = first + 1;
  while (end < rows && load<i32>(start + <usize>end * 4) == first) end++;
  return end;
}

/** Keys or values of a head [length, D] for dotsPacked, in groups of four; what is missing of the last group is zeros. */
function packGroups(from: usize, stride: usize, length: i32, bytes: usize, to: usize): void {
  for (let j = 0; j < length; j += 4) packRows(from + <usize>j * stride, stride, length - j, bytes, to + <usize>j * bytes);
}

/** scores [queries, ld] of queries that follow `first`, each with all keys up to the last one's own. */
function scoresOf(q: usize, ldq: usize, groups: usize, first: i32, queries: i32, bytes: usize, scores: usize, ld: usize): void {
  for (let j = 0; j < first + queries; j += 4) {
    const group = groups + <usize>j * bytes, to = scores + <usize>j * 4;
    // Pairs of queries that see none of these keys are left out.
    let n = max(0, j - first) & ~1;
    for (; n + 2 <= queries; n += 2) {
      const at = to + <usize>n * ld;
      dotsPacked(q + <usize>n * ldq, ldq, group, bytes, at, ld, at, 0, NOTHING);
    }
    if (n < queries) dotsOfOnePacked(q + <usize>n * ldq, group, bytes, to + <usize>n * ld, to, NOTHING);
  }
}

export function attention_forward(rows: i32, scale: f32, qkv: usize, start: usize, out: usize, lse: usize, D: i32, HQ: i32, HK: i32): void {
  const bytes = <usize>D << 2, stride = <usize>(HQ + 2 * HK) * bytes, ldout = <usize>HQ * bytes, group = HQ / HK;
  for (let s = 0, e = 0; s < rows; s = e) {
    e = endOf(s, rows, start);
    const length = e - s, whole = (length + 3) & ~3, ld = <usize>(whole + 4) << 2;
    const keys = WORK, values = keys + <usize>whole * bytes, scores = values + <usize>length * <usize>((D + 7) & ~7) * 4;
    needs(scores + QUERIES * ld - WORK);
    const base = qkv + <usize>s * stride;
    for (let k = 0; k < HK; k++) {
      packGroups(base + <usize>(HQ + k) * bytes, stride, length, bytes, keys);
      packPanels(base + <usize>(HQ + HK + k) * bytes, stride, length, D, values);
      for (let h = k * group; h < (k + 1) * group; h++) for (let first = 0; first < length; first += QUERIES) {
        const queries = min(QUERIES, length - first);
        scoresOf(base + <usize>first * stride + <usize>h * bytes, stride, keys, first, queries, bytes, scores, ld);
        for (let n = 0; n < queries; n++) {
          const own = first + n + 1, tall = min(queries, (n & ~3) + 4);
          const highest = weights(scores + <usize>n * ld, own, (own + 3) & ~3, scale);
          // The tile of four queries reads as far as its last one.
          for (let j = (own + 3) & ~3; j < first + tall; j++) store<f32>(scores + <usize>n * ld + <usize>j * 4, 0);
          store<f32>(lse + <usize>((s + first + n) * HQ + h) * 4, highest * scale + log1(sumOfWeights));
        }
        for (let n = 0; n < queries; n += 4) {
          const tall = min(4, queries - n);
          timesPanels(tall, D, first + n + tall, scores + <usize>n * ld, ld, values, length, out + <usize>(s + first + n) * ldout + <usize>h * bytes, ldout, NOTHING);
        }
      }
    }
  }
}

/** Adds up a head's gradient of keys or values over its query heads, in whole groups of four rows: dx += wᵀ·y. */
function addTransposed(w: usize, ldw: usize, panels: usize, queries: i32, keys: i32, D: i32, dx: usize): void {
  const bytes = <usize>D << 2;
  for (let j = 0; j < keys; j += 4) for (let c = 0; c < D; c += 8)
    tileTransposed(w + <usize>j * 4, ldw, panels + <usize>c * queries * 4, queries, dx + <usize>j * bytes + <usize>c * 4, bytes, D - c >= 8, RESULT);
}

export function attention_backward(rows: i32, scale: f32, qkv: usize, start: usize, out: usize, lse: usize, dout: usize, dqkv: usize, delta: usize, D: i32, HQ: i32, HK: i32): void {
  const bytes = <usize>D << 2, stride = <usize>(HQ + 2 * HK) * bytes, ldout = <usize>HQ * bytes, group = HQ / HK;
  const wide = <usize>((D + 7) & ~7) * 4, factor = splat(scale);
  for (let s = 0, e = 0; s < rows; s = e) {
    e = endOf(s, rows, start);
    const length = e - s, whole = (length + 3) & ~3, ld = <usize>(whole + 4) << 2, size = <usize>whole * wide;
    const keys = WORK, values = keys + size, keyPanels = values + size, dk = keyPanels + size, dv = dk + size;
    const queryPanels = dv + size, slopePanels = queryPanels + QUERIES * wide;
    const probabilities = slopePanels + QUERIES * wide, ds = probabilities + QUERIES * ld;
    needs(ds + QUERIES * ld - WORK);
    const base = qkv + <usize>s * stride, dbase = dqkv + <usize>s * stride;
    for (let k = 0; k < HK; k++) {
      const keysAt = <usize>(HQ + k) * bytes, valuesAt = <usize>(HQ + HK + k) * bytes;
      packGroups(base + keysAt, stride, length, bytes, keys);
      packGroups(base + valuesAt, stride, length, bytes, values);
      packPanels(base + keysAt, stride, length, D, keyPanels);
      memory.fill(dk, 0, <usize>whole * bytes);
      memory.fill(dv, 0, <usize>whole * bytes);
      for (let h = k * group; h < (k + 1) * group; h++) for (let first = 0; first < length; first += QUERIES) {
        const queries = min(QUERIES, length - first), last = first + queries, row = s + first;
        const q = base + <usize>first * stride + <usize>h * bytes, dy = dout + <usize>row * ldout + <usize>h * bytes;
        packPanels(q, stride, queries, D, queryPanels);
        packPanels(dy, ldout, queries, D, slopePanels);
        scoresOf(q, stride, keys, first, queries, bytes, probabilities, ld);
        scoresOf(dy, ldout, values, first, queries, bytes, ds, ld);
        for (let n = 0; n < queries; n++) {
          const at = <usize>((row + n) * HQ + h), own = first + n + 1, offset = splat(load<f32>(lse + at * 4));
          const p = probabilities + <usize>n * ld, d = ds + <usize>n * ld;
          const end = <usize>((last + 3) & ~3) * 4, seen = <usize>((own + 3) & ~3) * 4;
          for (let j = <usize>own * 4; j < seen; j += 4) store<f32>(p + j, LOWEST);
          let sum = splat(0), products = splat(0);
          for (let j: usize = 0; j < seen; j += 16) {
            const weight = exp4(f32x4.sub(f32x4.mul(v128.load(p + j), factor), offset));
            sum = f32x4.add(sum, weight);
            products = madd(weight, v128.load(d + j), products);
            v128.store(p + j, weight);
          }
          // out · dout, as the mean of these very weights: what is subtracted cancels to their rounding.
          const mean = total(products) / total(sum), means = splat(mean);
          store<f32>(delta + at * 4, mean);
          for (let j: usize = 0; j < seen; j += 16)
            v128.store(d + j, f32x4.mul(f32x4.mul(v128.load(p + j), f32x4.sub(v128.load(d + j), means)), factor));
          for (let j = seen; j < end; j += 16) { v128.store(p + j, splat(0)); v128.store(d + j, splat(0)); }
        }
        for (let n = 0; n < queries; n += 4) {
          const tall = min(4, queries - n);
          timesPanels(tall, D, first + n + tall, ds + <usize>n * ld, ld, keyPanels, length, dbase + <usize>(first + n) * stride + <usize>h * bytes, stride, NOTHING);
        }
        addTransposed(ds, ld, queryPanels, queries, last, D, dk);
        addTransposed(probabilities, ld, slopePanels, queries, last, D, dv);
      }
      for (let j = 0; j < length; j++) {
        memory.copy(dbase + <usize>j * stride + keysAt, dk + <usize>j * bytes, bytes);
        memory.copy(dbase + <usize>j * stride + valuesAt, dv + <usize>j * bytes, bytes);
      }
    }
  }
}
