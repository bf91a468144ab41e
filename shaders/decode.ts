// decode: CPU sibling of decode.wgsl, with its formulas and shapes. Scores and weighted values are added as in attention.ts, so
// that a token has the same bits whether it is written or trained on.
//
//   constants  D (floats a head, padded), HQ, HK
//   reference  tests/reference/decode.ts
import { LIMIT, PROMPT_ROWS, PROMPT_START, SLOT, TOKEN, WRITTEN } from "./lib/slots";
import { WORK, needs } from "./lib/work";
import { madd, splat, total, totals } from "./lib/vector";
import { weights } from "./lib/softmax";

export function decode_append(rows: i32, capacity: i32, scale: f32, qkv: usize, targets: usize, cache: usize, D: i32, HQ: i32, HK: i32): void {
  const pair = <usize>(2 * HK * D) << 2, stride = <usize>((HQ + 2 * HK) * D) << 2, queries = <usize>(HQ * D) << 2;
  for (let n = 0; n < rows; n++)
    memory.copy(cache + <usize>load<u32>(targets + <usize>n * 4) * pair, qkv + <usize>n * stride + queries, pair);
}

export function decode_advance(rows: i32, capacity: i32, scale: f32, active: usize, slots: usize, tokens: usize, positions: usize, own: usize, D: i32, HQ: i32, HK: i32): void {
  for (let i = 0; i < rows; i++) {
    const s = load<i32>(active + <usize>i * 4), slot = slots + <usize>s * SLOT;
    const written = min(load<i32>(slot, WRITTEN), load<i32>(slot, LIMIT) - 1);
    store<i32>(tokens + <usize>i * 4, load<i32>(slot, TOKEN));
    store<i32>(positions + <usize>i * 4, load<i32>(slot, PROMPT_ROWS) + written);
    store<i32>(own + <usize>i * 4, s * capacity + written);
  }
}

/** Scores of one query with `count` keys, four at a time. */
export function scores(q: usize, k: usize, pair: usize, count: i32, bytes: usize, to: usize): void {
  let j = 0;
  for (; j + 4 <= count; j += 4, k += 4 * pair, to += 16) {
    let a = splat(0), b = splat(0), c = splat(0), d = splat(0);
    let k0 = k, k1 = k0 + pair, k2 = k1 + pair, k3 = k2 + pair;
    for (let at = q, end = q + bytes; at < end; at += 16) {
      const x = v128.load(at);
      a = madd(x, v128.load(k0), a); b = madd(x, v128.load(k1), b); c = madd(x, v128.load(k2), c); d = madd(x, v128.load(k3), d);
      k0 += 16; k1 += 16; k2 += 16; k3 += 16;
    }
    v128.store(to, totals(a, b, c, d));
  }
  for (; j < count; j++, k += pair, to += 4) {
    let a = splat(0);
    for (let i: usize = 0; i < bytes; i += 16) a = madd(v128.load(q + i), v128.load(k + i), a);
    const sums = totals(a, a, a, a);
    store<f32>(to, f32x4.extract_lane(sums, 0));
  }
}

/** out += Σ p·v over `count` values of one head. */
export function addValues(p: usize, v: usize, pair: usize, count: i32, out: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 128 <= bytes; at += 128) {
    const o = out + at;
    let s0 = v128.load(o), s1 = v128.load(o, 16), s2 = v128.load(o, 32), s3 = v128.load(o, 48);
    let s4 = v128.load(o, 64), s5 = v128.load(o, 80), s6 = v128.load(o, 96), s7 = v128.load(o, 112);
    for (let j = 0, row = v + at, weight = p; j < count; j++, row += pair, weight += 4) {
      const w = v128.load32_splat(weight);
      s0 = madd(w, v128.load(row), s0); s1 = madd(w, v128.load(row, 16), s1);
      s2 = madd(w, v128.load(row, 32), s2); s3 = madd(w, v128.load(row, 48), s3);
      s4 = madd(w, v128.load(row, 64), s4); s5 = madd(w, v128.load(row, 80), s5);
      s6 = madd(w, v128.load(row, 96), s6); s7 = madd(w, v128.load(row, 112), s7);
    }
    v128.store(o, s0); v128.store(o, s1, 16); v128.store(o, s2, 32); v128.store(o, s3, 48);
    v128.store(o, s4, 64); v128.store(o, s5, 80); v128.store(o, s6, 96); v128.store(o, s7, 112);
  }
  for (; at < bytes; at += 16) {
    let sum = v128.load(out + at);
    for (let j = 0, row = v + at, weight = p; j < count; j++, row += pair, weight += 4) sum = madd(v128.load32_splat(weight), v128.load(row), sum);
    v128.store(out + at, sum);
  }
}

/** Keys that all heads look at before the next ones: a row of the cache holds all heads, and is read while it is near. */
const KEYS = 8;

export function decode_attend(rows: i32, capacity: i32, scale: f32, qkv: usize, active: usize, slots: usize, prompt: usize, own: usize, out: usize, D: i32, HQ: i32, HK: i32): void {
  const bytes = <usize>D << 2, pair = 2 * <usize>HK * bytes, stride = <usize>(HQ + 2 * HK) * bytes, group = HQ / HK;
  for (let i = 0; i < rows; i++) {
    const s = load<i32>(active + <usize>i * 4), slot = slots + <usize>s * SLOT, q = qkv + <usize>i * stride, to = out + <usize>(i * HQ) * bytes;
    const before = load<i32>(slot, PROMPT_ROWS), count = before + load<i32>(slot, WRITTEN) + 1, padded = (count + 3) & ~3, ld = <usize>padded << 2;
    const first = prompt + <usize>load<u32>(slot, PROMPT_START) * pair, second = own + <usize>(s * capacity) * pair;
    needs(<usize>HQ * ld);
    for (let part = 0; part < 2; part++) {
      const size = part ? count - before : before, cache = part ? second : first, at = WORK + (part ? <usize>before << 2 : 0);
      for (let j = 0; j < size; j += KEYS) for (let h = 0; h < HQ; h++)
        scores(q + <usize>h * bytes, cache + <usize>j * pair + <usize>(h / group) * bytes, pair, min(KEYS, size - j), bytes, at + <usize>h * ld + <usize>j * 4);
    }
    for (let h = 0; h < HQ; h++) weights(WORK + <usize>h * ld, count, padded, scale);
    memory.fill(to, 0, <usize>HQ * bytes);
    for (let part = 0; part < 2; part++) {
      const size = part ? count - before : before, cache = (part ? second : first) + <usize>HK * bytes, at = WORK + (part ? <usize>before << 2 : 0);
      for (let j = 0; j < size; j += KEYS) for (let h = 0; h < HQ; h++)
        addValues(at + <usize>h * ld + <usize>j * 4, cache + <usize>j * pair + <usize>(h / group) * bytes, pair, min(KEYS, size - j), to + <usize>h * bytes, bytes);
    }
  }
}
