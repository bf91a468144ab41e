// rmsnorm: CPU sibling of rmsnorm.wgsl, with its formulas and shapes.
//
//   reference  tests/reference/rmsnorm.ts
import { madd, splat, total } from "./lib/vector";

/** Bytes before row n, which may lie inside a wider one. */
// @ts-ignore: decorator
@inline function offsetOf(n: i32, heads: i32, stride: i32, offset: i32, columns4: i32): usize {
  return <usize>((n / heads) * stride + offset + (n % heads) * columns4) << 4;
}

export function rmsnorm_forward(rows: i32, columns4: i32, columns: f32, eps: f32, heads: i32, stride: i32, offset: i32, slices: i32, accumulate: i32, x: usize, w: usize, rstd: usize, y: usize): void {
  const bytes = <usize>columns4 << 4;
  for (let n = 0; n < rows; n++) {
    const at = offsetOf(n, heads, stride, offset, columns4), from = x + at, to = y + at;
    let squares = splat(0);
    for (let c: usize = 0; c < bytes; c += 16) { const v = v128.load(from + c); squares = madd(v, v, squares); }
    const r = <f32>1 / sqrt<f32>(total(squares) / columns + eps), factor = splat(r);
    store<f32>(rstd + <usize>n * 4, r);
    for (let c: usize = 0; c < bytes; c += 16) v128.store(to + c, f32x4.mul(f32x4.mul(v128.load(from + c), factor), v128.load(w + c)));
  }
}

export function rmsnorm_backward_x(rows: i32, columns4: i32, columns: f32, eps: f32, heads: i32, stride: i32, offset: i32, slices: i32, accumulate: i32, x: usize, w: usize, dy: usize, rstd: usize, dx: usize): void {
  const bytes = <usize>columns4 << 4;
  for (let n = 0; n < rows; n++) {
    const at = offsetOf(n, heads, stride, offset, columns4), r = load<f32>(rstd + <usize>n * 4);
    let products = splat(0);
    for (let c: usize = 0; c < bytes; c += 16) products = madd(f32x4.mul(v128.load(w + c), v128.load(dy + at + c)), v128.load(x + at + c), products);
    const factor = splat(r), pull = splat(r * r * (total(products) / columns));
    for (let c: usize = 0; c < bytes; c += 16) {
      const slope = f32x4.mul(v128.load(w + c), v128.load(dy + at + c));
      const gradient = f32x4.mul(factor, f32x4.sub(slope, f32x4.mul(v128.load(x + at + c), pull)));
      v128.store(dx + at + c, accumulate ? f32x4.add(v128.load(dx + at + c), gradient) : gradient);
    }
  }
}

export function rmsnorm_backward_w(rows: i32, columns4: i32, columns: f32, eps: f32, heads: i32, stride: i32, offset: i32, slices: i32, accumulate: i32, x: usize, dy: usize, rstd: usize, partial: usize): void {
  const size = (rows + slices - 1) / slices, bytes = <usize>columns4 << 4;
  memory.fill(partial, 0, <usize>slices * bytes);
  for (let slice = 0; slice < slices; slice++, partial += bytes) {
    for (let n = slice * size; n < min((slice + 1) * size, rows); n++) {
      const at = offsetOf(n, heads, stride, offset, columns4), r = splat(load<f32>(rstd + <usize>n * 4));
      for (let c: usize = 0; c < bytes; c += 16)
        v128.store(partial + c, madd(f32x4.mul(v128.load(dy + at + c), v128.load(x + at + c)), r, v128.load(partial + c)));
    }
  }
}
