// Products of matrices in tiles that keep eight sums in registers, one step an iteration: V8 spills what is unrolled further.
// Addresses and strides are in bytes, counts in numbers; columns and depths are multiples of 4.
import { madd, splat, totals, widened } from "./vector";

/** What is added to a product, in the order of lib/linear.wgsl: nothing, a tensor, what the result holds. */
export const NOTHING = 0;
export const TENSOR = 1;
export const RESULT = 2;

// @ts-ignore: decorator
@inline function put(y: usize, sum: v128, added: usize, addend: i32): void {
  if (addend == NOTHING) v128.store(y, sum);
  else v128.store(y, f32x4.add(sum, v128.load(addend == TENSOR ? added : y)));
}

// ---- y = a·wᵀ: both operands walk along the sum, four terms at a time, and the lanes are added at the end. A row of the result
// has the same bits whether two rows are computed together or one alone, and whether w is packed or not.

/** Two rows of a, four rows of w. */
export function dots(a: usize, lda: usize, w: usize, ldw: usize, depth: usize, y: usize, ldy: usize, added: usize, ldadded: usize, addend: i32): void {
  let a1 = a + lda, w1 = w + ldw, w2 = w1 + ldw, w3 = w2 + ldw;
  let s00 = splat(0), s01 = splat(0), s02 = splat(0), s03 = splat(0), s10 = splat(0), s11 = splat(0), s12 = splat(0), s13 = splat(0);
  for (const end = a + depth; a < end; ) {
    const x0 = v128.load(a), x1 = v128.load(a1);
    let v = v128.load(w); s00 = madd(x0, v, s00); s10 = madd(x1, v, s10);
    v = v128.load(w1); s01 = madd(x0, v, s01); s11 = madd(x1, v, s11);
    v = v128.load(w2); s02 = madd(x0, v, s02); s12 = madd(x1, v, s12);
    v = v128.load(w3); s03 = madd(x0, v, s03); s13 = madd(x1, v, s13);
    a += 16; a1 += 16; w += 16; w1 += 16; w2 += 16; w3 += 16;
  }
  put(y, totals(s00, s01, s02, s03), added, addend);
  put(y + ldy, totals(s10, s11, s12, s13), added + ldadded, addend);
}

/** The same with the rows of w packed: [depth / 4][4] vectors. */
export function dotsPacked(a: usize, lda: usize, w: usize, depth: usize, y: usize, ldy: usize, added: usize, ldadded: usize, addend: i32): void {
  let a1 = a + lda;
  let s00 = splat(0), s01 = splat(0), s02 = splat(0), s03 = splat(0), s10 = splat(0), s11 = splat(0), s12 = splat(0), s13 = splat(0);
  for (const end = a + depth; a < end; ) {
    const x0 = v128.load(a), x1 = v128.load(a1);
    let v = v128.load(w); s00 = madd(x0, v, s00); s10 = madd(x1, v, s10);
    v = v128.load(w, 16); s01 = madd(x0, v, s01); s11 = madd(x1, v, s11);
    v = v128.load(w, 32); s02 = madd(x0, v, s02); s12 = madd(x1, v, s12);
    v = v128.load(w, 48); s03 = madd(x0, v, s03); s13 = madd(x1, v, s13);
    a += 16; a1 += 16; w += 64;
  }
  put(y, totals(s00, s01, s02, s03), added, addend);
  put(y + ldy, totals(s10, s11, s12, s13), added + ldadded, addend);
}

/** One row of a, four rows of w. */
export function dotsOfOne(a: usize, w: usize, ldw: usize, depth: usize, y: usize, added: usize, addend: i32): void {
  let w1 = w + ldw, w2 = w1 + ldw, w3 = w2 + ldw;
  let s0 = splat(0), s1 = splat(0), s2 = splat(0), s3 = splat(0);
  for (const end = a + depth; a < end; ) {
    const x = v128.load(a);
    s0 = madd(x, v128.load(w), s0); s1 = madd(x, v128.load(w1), s1);
    s2 = madd(x, v128.load(w2), s2); s3 = madd(x, v128.load(w3), s3);
    a += 16; w += 16; w1 += 16; w2 += 16; w3 += 16;
  }
  put(y, totals(s0, s1, s2, s3), added, addend);
}

export function dotsOfOnePacked(a: usize, w: usize, depth: usize, y: usize, added: usize, addend: i32): void {
  let s0 = splat(0), s1 = splat(0), s2 = splat(0), s3 = splat(0);
  for (const end = a + depth; a < end; a += 16, w += 64) {
    const x = v128.load(a);
    s0 = madd(x, v128.load(w), s0); s1 = madd(x, v128.load(w, 16), s1);
    s2 = madd(x, v128.load(w, 32), s2); s3 = madd(x, v128.load(w, 48), s3);
  }
  put(y, totals(s0, s1, s2, s3), added, addend);
}

/** Packs four rows for dotsPacked; of them only `count` are there, the others read as zeros. */
export function packRows(w: usize, ldw: usize, count: i32, depth: usize, to: usize): void {
  const none = splat(0);
  for (let k: usize = 0; k < depth; k += 16, w += 16, to += 64) {
    v128.store(to, v128.load(w));
    v128.store(to, count > 1 ? v128.load(w + ldw) : none, 16);
    v128.store(to, count > 2 ? v128.load(w + 2 * ldw) : none, 32);
    v128.store(to, count > 3 ? v128.load(w + 3 * ldw) : none, 48);
  }
}

/** The same of halves. `depth` counts bytes of floats, as everywhere. */
export function packHalfRows(w: usize, ldw: usize, depth: usize, to: usize): void {
  for (let k: usize = 0; k < depth; k += 16, w += 8, to += 64) {
    v128.store(to, widened(w));
    v128.store(to, widened(w + ldw), 16);
    v128.store(to, widened(w + 2 * ldw), 32);
    v128.store(to, widened(w + 3 * ldw), 48);
  }
}

// ---- y = a·b and y = aᵀ·b: b lies in panels of eight columns, [panels][depth][8], and every term goes to eight sums at once.

/** Panels of b [depth, columns]; where the last has only four columns, the others are zeros. */
export function packPanels(b: usize, ldb: usize, depth: i32, columns: i32, to: usize): void {
  for (let n = 0; n < columns; n += 8) {
    let from = b + <usize>n * 4;
    const whole = columns - n >= 8;
    for (let k = 0; k < depth; k++, from += ldb, to += 32) {
      v128.store(to, v128.load(from));
      v128.store(to, whole ? v128.load(from, 16) : splat(0), 16);
    }
  }
}

/** The same of halves. */
export function packHalfPanels(b: usize, ldb: usize, depth: i32, columns: i32, to: usize): void {
  for (let n = 0; n < columns; n += 8) {
    let from = b + <usize>n * 2;
    const whole = columns - n >= 8;
    for (let k = 0; k < depth; k++, from += ldb, to += 32) {
      v128.store(to, widened(from));
      v128.store(to, whole ? widened(from + 8) : splat(0), 16);
    }
  }
}

// @ts-ignore: decorator
@inline function putPair(y: usize, left: v128, right: v128, whole: bool, addend: i32): void {
  put(y, left, y, addend);
  if (whole) put(y + 16, right, y + 16, addend);
}

/** Four rows of a times one panel. */
export function tile(a: usize, lda: usize, b: usize, depth: i32, y: usize, ldy: usize, whole: bool, addend: i32): void {
  let a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda;
  let s00 = splat(0), s01 = splat(0), s10 = splat(0), s11 = splat(0), s20 = splat(0), s21 = splat(0), s30 = splat(0), s31 = splat(0);
  for (const end = b + <usize>depth * 32; b < end; ) {
    const p = v128.load(b), q = v128.load(b, 16);
    let x = v128.load32_splat(a); s00 = madd(x, p, s00); s01 = madd(x, q, s01);
    x = v128.load32_splat(a1); s10 = madd(x, p, s10); s11 = madd(x, q, s11);
    x = v128.load32_splat(a2); s20 = madd(x, p, s20); s21 = madd(x, q, s21);
    x = v128.load32_splat(a3); s30 = madd(x, p, s30); s31 = madd(x, q, s31);
    a += 4; a1 += 4; a2 += 4; a3 += 4; b += 32;
  }
  putPair(y, s00, s01, whole, addend);
  putPair(y + ldy, s10, s11, whole, addend);
  putPair(y + 2 * ldy, s20, s21, whole, addend);
  putPair(y + 3 * ldy, s30, s31, whole, addend);
}

/** One row of a times one panel. */
export function tileOfOne(a: usize, b: usize, depth: i32, y: usize, whole: bool, addend: i32): void {
  let left = splat(0), right = splat(0);
  for (const end = b + <usize>depth * 32; b < end; a += 4, b += 32) {
    const x = v128.load32_splat(a);
    left = madd(x, v128.load(b), left);
    right = madd(x, v128.load(b, 16), right);
  }
  putPair(y, left, right, whole, addend);
}

/** Four columns of a, which follow each other, times one panel. */
export function tileTransposed(a: usize, lda: usize, b: usize, depth: i32, y: usize, ldy: usize, whole: bool, addend: i32): void {
  let s00 = splat(0), s01 = splat(0), s10 = splat(0), s11 = splat(0), s20 = splat(0), s21 = splat(0), s30 = splat(0), s31 = splat(0);
  for (const end = b + <usize>depth * 32; b < end; ) {
    const p = v128.load(b), q = v128.load(b, 16);
    let x = v128.load32_splat(a); s00 = madd(x, p, s00); s01 = madd(x, q, s01);
    x = v128.load32_splat(a, 4); s10 = madd(x, p, s10); s11 = madd(x, q, s11);
    x = v128.load32_splat(a, 8); s20 = madd(x, p, s20); s21 = madd(x, q, s21);
    x = v128.load32_splat(a, 12); s30 = madd(x, p, s30); s31 = madd(x, q, s31);
    a += lda; b += 32;
  }
  putPair(y, s00, s01, whole, addend);
  putPair(y + ldy, s10, s11, whole, addend);
  putPair(y + 2 * ldy, s20, s21, whole, addend);
  putPair(y + 3 * ldy, s30, s31, whole, addend);
}

/** y (+)= a·b of packed panels that have `room` rows each, of which `depth` are added up. */
export function timesPanels(rows: i32, columns: i32, depth: i32, a: usize, lda: usize, b: usize, room: i32, y: usize, ldy: usize, addend: i32): void {
  for (let n = 0; n < columns; n += 8) {
    const panel = b + <usize>n * room * 4, to = y + <usize>n * 4, whole = columns - n >= 8;
    let m = 0;
    for (; m + 4 <= rows; m += 4) tile(a + <usize>m * lda, lda, panel, depth, to + <usize>m * ldy, ldy, whole, addend);
    for (; m < rows; m++) tileOfOne(a + <usize>m * lda, panel, depth, to + <usize>m * ldy, whole, addend);
  }
}
