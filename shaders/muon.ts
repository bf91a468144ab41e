// muon: CPU sibling of muon.wgsl, with its formulas and shapes.
//
//   reference  tests/reference/muon.ts
import { madd, splat } from "./lib/vector";
import { squares } from "./reduce";

export function muon_momentum(first: u32, count: u32, slices: i32, at: u32, width: i32, mu: f32, y: f32, dw: usize, norm: usize, state: usize, u: usize): void {
  const clip = splat(load<f32>(norm, 4)), factor = splat(mu), bytes = <usize>count << 4;
  dw += <usize>first << 4; state += <usize>first << 4; u += <usize>at << 4;
  for (let i: usize = 0; i < bytes; i += 16) {
    const g = f32x4.mul(v128.load(dw + i), clip), moved = madd(factor, v128.load(state + i), g);
    v128.store(state + i, moved);
    v128.store(u + i, madd(factor, moved, g));
  }
}

export function muon_square(first: u32, count: i32, slices: i32, at: u32, width: i32, x: f32, y: f32, a: usize, partial: usize): void {
  squares(count, slices, a, partial);
}

export function muon_start(first: u32, count: u32, slices: i32, at: u32, width: i32, x: f32, y: f32, partial: usize, matrix: usize): void {
  let sum: f32 = 0;
  for (let s = 0; s < slices; s++) sum += load<f32>(partial + <usize>s * 4);
  const length = splat(sqrt<f32>(sum) + <f32>1e-7);
  for (let i = matrix, end = matrix + (<usize>count << 4); i < end; i += 16) v128.store(i, f32x4.div(v128.load(i), length));
}

export function muon_polynomial(first: u32, count: u32, slices: i32, at: u32, width: i32, x: f32, y: f32, a: usize, b: usize, matrix: usize): void {
  const alpha = splat(x), beta = splat(y), bytes = <usize>count << 4;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(matrix + i, madd(alpha, v128.load(a + i), f32x4.mul(beta, v128.load(b + i))));
}

export function muon_add_scaled(first: u32, count: u32, slices: i32, at: u32, width: i32, x: f32, y: f32, a: usize, matrix: usize): void {
  const alpha = splat(x), bytes = <usize>count << 4;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(matrix + i, madd(alpha, v128.load(a + i), v128.load(matrix + i)));
}

export function muon_apply(first: u32, count: u32, slices: i32, at: u32, width: i32, x: f32, y: f32, update: usize, w: usize): void {
  const rate = splat(x), bytes = <usize>count << 4;
  w += <usize>first << 4; update += <usize>at << 4;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(w + i, f32x4.sub(v128.load(w + i), f32x4.mul(rate, v128.load(update + i))));
}
