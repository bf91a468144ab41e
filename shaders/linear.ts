// linear: CPU sibling of linear.wgsl, with its formulas and shapes. Weights may be halves, which packing widens.
//
//   constants  addend, halves (of the right operand)
//   reference  tests/reference/linear.ts
import { WORK, needs } from "./lib/work";
import { NOTHING, RESULT, dots, dotsOfOne, dotsOfOnePacked, dotsPacked, packHalfPanels, packHalfRows, packPanels, packRows, tileTransposed, timesPanels } from "./lib/product";

/** Rows from which it is worth while to pack what they are multiplied by. */
const MANY = 8;
/** Bytes of the left operand that stay in the second cache. */
const CACHED: i32 = 0x20000;

export function linear_forward(rows: i32, columns4: i32, depth4: i32, a4: i32, added4: i32, y4: i32, a: usize, w: usize, added: usize, y: usize, addend: i32, halves: i32): void {
  const lda = <usize>a4 << 4, ldadded = <usize>added4 << 4, ldy = <usize>y4 << 4, depth = <usize>depth4 << 4;
  const ldw = halves ? depth >> 1 : depth, packs = rows >= MANY || halves != 0;
  needs(depth * 4);
  const block = max(MANY, (CACHED / <i32>depth) & ~1);
  for (let first = 0; first < rows; first += block) {
    const end = min(rows, first + block);
    for (let n = 0; n < columns4; n++) {
      const wn = w + <usize>(n * 4) * ldw, column = <usize>n << 4;
      if (halves) packHalfRows(wn, ldw, depth, WORK);
      else if (packs) packRows(wn, ldw, 4, depth, WORK);
      let m = first;
      for (; m + 2 <= end; m += 2) {
        const am = a + <usize>m * lda, ym = y + <usize>m * ldy + column, dm = added + <usize>m * ldadded + column;
        if (packs) dotsPacked(am, lda, WORK, depth, ym, ldy, dm, ldadded, addend);
        else dots(am, lda, wn, ldw, depth, ym, ldy, dm, ldadded, addend);
      }
      if (m == end) continue;
      const am = a + <usize>m * lda, ym = y + <usize>m * ldy + column, dm = added + <usize>m * ldadded + column;
      if (packs) dotsOfOnePacked(am, WORK, depth, ym, dm, addend);
      else dotsOfOne(am, wn, ldw, depth, ym, dm, addend);
    }
  }
}

/** Terms of a sum, and columns, whose panels are packed at a time. */
const DEPTH = 512;
const COLUMNS = 2048;
/** Rows that share what is in the first cache. */
const ROWS = 32;

export function linear_backward_x(rows: i32, columns4: i32, depth4: i32, a4: i32, added4: i32, y4: i32, a: usize, w: usize, added: usize, y: usize, addend: i32, halves: i32): void {
  const lda = <usize>a4 << 4, ldy = <usize>y4 << 4, columns = columns4 * 4, depth = depth4 * 4;
  const ldw = <usize>columns * (halves ? 2 : 4);
  for (let n = 0; n < columns; n += COLUMNS) {
    const width = min(COLUMNS, columns - n);
    for (let k = 0; k < depth; k += DEPTH) {
      const count = min(DEPTH, depth - k), how = k == 0 ? addend : RESULT;
      if (halves) packHalfPanels(w + <usize>k * ldw + <usize>n * 2, ldw, count, width, WORK);
      else packPanels(w + <usize>k * ldw + <usize>n * 4, ldw, count, width, WORK);
      for (let m = 0; m < rows; m += ROWS)
        timesPanels(min(ROWS, rows - m), width, count, a + <usize>m * lda + <usize>k * 4, lda, WORK, count, y + <usize>m * ldy + <usize>n * 4, ldy, how);
    }
  }
}

/** Terms of a weight gradient's sum that are packed at a time, of both operands. */
const SUMMED = 128;

export function linear_backward_w(rows: i32, columns4: i32, depth: i32, a4: i32, added4: i32, y4: i32, a: usize, x: usize, added: usize, y: usize, addend: i32, halves: i32): void {
  const lda = <usize>a4 << 4, ldy = <usize>y4 << 4, columns = columns4 * 4, ldx = <usize>columns << 2;
  const panels = WORK + SUMMED * 16;
  for (let n = 0; n < columns; n += COLUMNS) {
    const width = min(COLUMNS, columns - n);
    for (let k = 0; k < depth; k += SUMMED) {
      const count = min(SUMMED, depth - k), how = k == 0 ? addend : RESULT;
      packPanels(x + <usize>k * ldx + <usize>n * 4, ldx, count, width, panels);
      for (let m = 0; m < rows; m += 4) {
        let from = a + <usize>k * lda + <usize>m * 4;
        for (let i = 0, to = WORK; i < count; i++, from += lda, to += 16) v128.store(to, v128.load(from));
        const to = y + <usize>m * ldy + <usize>n * 4;
        for (let c = 0; c < width; c += 8)
          tileTransposed(WORK, 16, panels + <usize>c * count * 4, count, to + <usize>c * 4, ldy, width - c >= 8, how);
      }
    }
    // A sum without terms is nothing, and what was there stays.
    if (depth == 0 && addend == NOTHING) for (let m = 0; m < rows; m++) memory.fill(y + <usize>m * ldy + <usize>n * 4, 0, <usize>width * 4);
  }
}
