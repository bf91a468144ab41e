// reduce: CPU sibling of reduce.wgsl, with its formulas, shapes and slices.
//
//   reference  tests/reference/reduce.ts
import { splat } from "./lib/vector";

export function reduce_column_partial(rows: i32, columns4: i32, slices: i32, lanes: i32, limit: f32, x: usize, y: usize): void {
  const size = (rows + slices - 1) / slices, bytes = <usize>columns4 << 4;
  memory.fill(y, 0, <usize>slices * bytes);
  for (let slice = 0; slice < slices; slice++, y += bytes) {
    for (let n = slice * size; n < min((slice + 1) * size, rows); n++) {
      const row = x + <usize>n * bytes;
      for (let c: usize = 0; c < bytes; c += 16) v128.store(y + c, f32x4.add(v128.load(y + c), v128.load(row + c)));
    }
  }
}

export function reduce_column_total(rows: i32, columns4: i32, slices: i32, lanes: i32, limit: f32, x: usize, y: usize): void {
  const bytes = <usize>columns4 << 4;
  for (let c: usize = 0; c < bytes; c += 16) {
    let sum = splat(0);
    for (let s = 0, at = x + c; s < slices; s++, at += bytes) sum = f32x4.add(sum, v128.load(at));
    v128.store(y + c, f32x4.add(v128.load(y + c), sum));
  }
}

/** Σ x² of `slices` parts of `count` vectors, added as float64: a norm of many numbers loses no digits. */
export function squares(count: i32, slices: i32, x: usize, y: usize): void {
  const size = (count + slices - 1) / slices;
  for (let slice = 0; slice < slices; slice++) {
    let low = f64x2.splat(0), high = f64x2.splat(0);
    for (let i = slice * size; i < min((slice + 1) * size, count); i++) {
      const v = v128.load(x + (<usize>i << 4));
      const a = f64x2.promote_low_f32x4(v), b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const sum = f64x2.add(low, high);
    store<f32>(y + <usize>slice * 4, <f32>(f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)));
  }
}

export function reduce_square_partial(rows: i32, columns4: i32, slices: i32, lanes: i32, limit: f32, x: usize, y: usize): void {
  squares(rows, slices, x, y);
}

export function reduce_norm(rows: i32, columns4: i32, slices: i32, lanes: i32, limit: f32, norm: usize, partials: usize): void {
  let sum: f64 = 0;
  for (let s = 0; s < slices; s++) sum += load<f32>(partials + <usize>s * 4);
  const length = <f32>sqrt<f64>(sum);
  store<f32>(norm, length);
  store<f32>(norm, min<f32>(1, limit / (length + <f32>1e-6)), 4);
}
