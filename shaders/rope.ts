// rope: CPU sibling of rope.wgsl, with its formulas and shapes.
//
//   reference  tests/reference/rope.ts
import { splat } from "./lib/vector";

export function rope_rotate(rows: i32, heads: i32, stride: i32, headStride: i32, half: i32, sign: f32, positions: usize, table: usize, x: usize): void {
  const bytes = <usize>half * 4, whole = <usize>(half & ~3) * 4, signs = splat(sign);
  for (let n = 0; n < rows; n++) {
    const angles = table + <usize>load<u32>(positions + <usize>n * 4) * bytes * 2;
    for (let h = 0; h < heads; h++) {
      const low = x + <usize>(n * stride + h * headStride) * 4, high = low + bytes;
      let d: usize = 0;
      for (; d < whole; d += 16) {
        // cos, sin, cos, sin: two vectors hold those of four pairs.
        const t = v128.load(angles + d * 2), u = v128.load(angles + d * 2, 16);
        const cosine = v128.shuffle<f32>(t, u, 0, 2, 4, 6), sine = f32x4.mul(v128.shuffle<f32>(t, u, 1, 3, 5, 7), signs);
        const a = v128.load(low + d), b = v128.load(high + d);
        v128.store(low + d, f32x4.sub(f32x4.mul(a, cosine), f32x4.mul(b, sine)));
        v128.store(high + d, f32x4.add(f32x4.mul(b, cosine), f32x4.mul(a, sine)));
      }
      for (; d < bytes; d += 4) {
        const cosine = load<f32>(angles + d * 2), sine = load<f32>(angles + d * 2, 4) * sign;
        const a = load<f32>(low + d), b = load<f32>(high + d);
        store<f32>(low + d, a * cosine - b * sine);
        store<f32>(high + d, b * cosine + a * sine);
      }
    }
  }
}
