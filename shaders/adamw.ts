// adamw: CPU sibling of adamw.wgsl, with its formulas and shapes.
//
//   reference  tests/reference/adamw.ts
import { splat } from "./lib/vector";

export function adamw_update(first: u32, count: u32, width: i32, rate: f32, beta1: f32, beta2: f32, correction1: f32, correction2: f32, eps: f32, decay: f32, dw: usize, norm: usize, w: usize, m: usize, v: usize): void {
  const clip = splat(load<f32>(norm, 4)), keep1 = splat(beta1), keep2 = splat(beta2), take1 = splat(1 - beta1), take2 = splat(1 - beta2);
  const loss = splat(rate * decay), step = splat(rate), by1 = splat(correction1), by2 = splat(correction2), least = splat(eps);
  for (let i = <usize>first << 4, end = <usize>(first + count) << 4; i < end; i += 16) {
    const g = f32x4.mul(v128.load(dw + i), clip);
    const mean = f32x4.add(f32x4.mul(keep1, v128.load(m + i)), f32x4.mul(take1, g));
    const square = f32x4.add(f32x4.mul(keep2, v128.load(v + i)), f32x4.mul(f32x4.mul(take2, g), g));
    v128.store(m + i, mean);
    v128.store(v + i, square);
    const old = v128.load(w + i), decayed = f32x4.sub(old, f32x4.mul(loss, old));
    const size = f32x4.add(f32x4.sqrt(f32x4.div(square, by2)), least);
    v128.store(w + i, f32x4.sub(decayed, f32x4.div(f32x4.mul(step, f32x4.div(mean, by1)), size)));
  }
}
