// lora: CPU sibling of lora.wgsl, with its formulas and shapes.
//
//   reference  tests/reference/lora.ts
import { madd, splat, totals } from "./lib/vector";

export function lora_expand(rows: i32, outputs4: i32, rank4: i32, width4: i32, offset4: i32, ranks4: i32, rankOffset4: i32, slices: i32, lanes: i32, scale: f32, b: usize, narrow: usize, result: usize): void {
  const ldb = <usize>rank4 << 4, factor = splat(scale);
  for (let m = 0; m < rows; m++) {
    const h = narrow + (<usize>(m * ranks4 + rankOffset4) << 4);
    let to = result + (<usize>(m * width4 + offset4) << 4);
    for (let n = 0, b0 = b; n < outputs4; n++, b0 += 4 * ldb, to += 16) {
      const b1 = b0 + ldb, b2 = b1 + ldb, b3 = b2 + ldb;
      let s0 = splat(0), s1 = splat(0), s2 = splat(0), s3 = splat(0);
      for (let k: usize = 0; k < ldb; k += 16) {
        const x = v128.load(h + k);
        s0 = madd(x, v128.load(b0 + k), s0); s1 = madd(x, v128.load(b1 + k), s1);
        s2 = madd(x, v128.load(b2 + k), s2); s3 = madd(x, v128.load(b3 + k), s3);
      }
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(factor, totals(s0, s1, s2, s3))));
    }
  }
}

export function lora_backward_h(rows: i32, outputs4: i32, rank4: i32, width4: i32, offset4: i32, ranks4: i32, rankOffset4: i32, slices: i32, lanes: i32, scale: f32, b: usize, wide: usize, result: usize): void {
  const ldb = <usize>rank4 << 4, factor = splat(scale);
  for (let m = 0; m < rows; m++) {
    const dy = wide + (<usize>(m * width4 + offset4) << 4), to = result + (<usize>(m * ranks4 + rankOffset4) << 4);
    for (let k: usize = 0; k < ldb; k += 16) {
      let sum = splat(0), at = b + k;
      for (let n = dy, end = dy + (<usize>outputs4 << 4); n < end; n += 4, at += ldb) sum = madd(v128.load32_splat(n), v128.load(at), sum);
      v128.store(to + k, f32x4.mul(factor, sum));
    }
  }
}

export function lora_backward_b(rows: i32, outputs4: i32, rank4: i32, width4: i32, offset4: i32, ranks4: i32, rankOffset4: i32, slices: i32, lanes: i32, scale: f32, wide: usize, narrow: usize, partial: usize): void {
  const ldb = <usize>rank4 << 4, ldy = <usize>width4 << 4, ldh = <usize>ranks4 << 4, factor = splat(scale), size = (rows + slices - 1) / slices;
  for (let slice = 0; slice < slices; slice++) {
    const first = slice * size, count = min(size, rows - first);
    const dy = wide + <usize>first * ldy + (<usize>offset4 << 4), h = narrow + <usize>first * ldh + (<usize>rankOffset4 << 4);
    for (let n: usize = 0; n < <usize>outputs4; n++, partial += 4 * ldb) for (let k: usize = 0; k < ldb; k += 16) {
      let s0 = splat(0), s1 = splat(0), s2 = splat(0), s3 = splat(0);
      for (let m = 0, y = dy + (n << 4), x = h + k; m < count; m++, y += ldy, x += ldh) {
        const v = v128.load(x);
        s0 = madd(v128.load32_splat(y), v, s0); s1 = madd(v128.load32_splat(y, 4), v, s1);
        s2 = madd(v128.load32_splat(y, 8), v, s2); s3 = madd(v128.load32_splat(y, 12), v, s3);
      }
      const to = partial + k;
      v128.store(to, f32x4.mul(factor, s0)); v128.store(to + ldb, f32x4.mul(factor, s1));
      v128.store(to + 2 * ldb, f32x4.mul(factor, s2)); v128.store(to + 3 * ldb, f32x4.mul(factor, s3));
    }
  }
}
