// peak: CPU sibling of peak.wgsl: multiply-adds in registers and nothing else.
//
//   reference  tests/gpu/ops/peak.test.ts
import { madd, splat } from "./lib/vector";

export function peak_run(turns: i32, lanes: i32, y: usize): void {
  const slope = splat(0.5), steps = f32x4(0, 1, 2, 3);
  for (let lane = 0; lane < lanes; lane++) {
    const start = f32x4.add(splat(<f32>(lane % 1024)), steps);
    let a = start, b = f32x4.add(start, splat(1)), c = f32x4.add(start, splat(2)), d = f32x4.add(start, splat(3));
    let e = f32x4.add(start, splat(4)), f = f32x4.add(start, splat(5)), g = f32x4.add(start, splat(6)), h = f32x4.add(start, splat(7));
    for (let i = 0; i < turns; i++) {
      a = madd(a, slope, start); b = madd(b, slope, start); c = madd(c, slope, start); d = madd(d, slope, start);
      e = madd(e, slope, start); f = madd(f, slope, start); g = madd(g, slope, start); h = madd(h, slope, start);
    }
    const sum = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
    v128.store(y + (<usize>lane << 4), sum);
  }
}
