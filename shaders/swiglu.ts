// swiglu: CPU sibling of swiglu.wgsl, with its formulas and shapes.
//
//   reference  tests/reference/swiglu.ts
import { exp4, splat } from "./lib/vector";

// @ts-ignore: decorator
@inline function sigmoid(g: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp4(f32x4.neg(g))));
}

export function swiglu_forward(rows: i32, columns4: i32, gu: usize, y: usize): void {
  const bytes = <usize>columns4 << 4;
  for (let n = 0; n < rows; n++, gu += 2 * bytes, y += bytes) for (let c: usize = 0; c < bytes; c += 16) {
    const g = v128.load(gu + c);
    v128.store(y + c, f32x4.mul(f32x4.mul(g, sigmoid(g)), v128.load(gu + bytes + c)));
  }
}

export function swiglu_backward(rows: i32, columns4: i32, gu: usize, dy: usize, dgu: usize): void {
  const bytes = <usize>columns4 << 4, one = splat(1);
  for (let n = 0; n < rows; n++, gu += 2 * bytes, dgu += 2 * bytes, dy += bytes) for (let c: usize = 0; c < bytes; c += 16) {
    const g = v128.load(gu + c), s = sigmoid(g), slope = f32x4.mul(v128.load(dy + c), s);
    const bend = f32x4.add(one, f32x4.mul(g, f32x4.sub(one, s)));
    v128.store(dgu + c, f32x4.mul(f32x4.mul(slope, v128.load(gu + bytes + c)), bend));
    v128.store(dgu + bytes + c, f32x4.mul(slope, g));
  }
}
