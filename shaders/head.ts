// head: CPU sibling of head.wgsl, with its formulas and shapes. One row at a time; of the running states of a row, [slices], only
// the first is used.
//
//   reference  tests/reference/head.ts
import { LOWEST, exp1, exp4, log1, madd, splat } from "./lib/vector";
import { distribution, highestOf, mass, moment } from "./lib/softmax";

export function head_observe(rows: i32, columns: i32, stride4: i32, first: u32, slices: i32, fresh: i32, width: i32, kind: i32, temperature: f32, clipLow: f32, clipHigh: f32, kl: f32, bonus: f32, logits: usize, targets: usize, running: usize): void {
  const inverse = <f32>1 / temperature;
  for (let r = 0; r < rows; r++) {
    const row = logits + (<usize>(r * stride4) << 4), state = running + (<usize>(r * slices) << 4);
    if (fresh) store4(state, LOWEST, 0, 0, 0);
    const before = load<f32>(state), old = load<f32>(state, 4), high = highestOf(row, columns, before);
    distribution(row, columns, high, inverse);
    const shift = (before - high) * inverse, keep = exp1(shift);
    // A state that holds nothing would add 0 · −∞.
    const moved: f32 = old == 0 ? 0 : (load<f32>(state, 8) + old * shift) * keep;
    const token = load<u32>(targets + <usize>r * 4) - first;
    const logit = token < <u32>columns ? load<f32>(row + <usize>token * 4) : load<f32>(state, 12);
    store4(state, high, old * keep + mass, moved + moment, logit);
  }
}

// @ts-ignore: decorator
@inline function store4(at: usize, a: f32, b: f32, c: f32, d: f32): void {
  store<f32>(at, a); store<f32>(at, b, 4); store<f32>(at, c, 8); store<f32>(at, d, 12);
}

// @ts-ignore: decorator
@inline function logprobOf(state: usize, logTotal: f32, inverse: f32): f32 {
  return (load<f32>(state, 12) - load<f32>(state)) * inverse - logTotal;
}

// @ts-ignore: decorator
@inline function entropyOf(state: usize, logTotal: f32): f32 {
  return logTotal - load<f32>(state, 8) / load<f32>(state, 4);
}

export function head_logprobs(rows: i32, columns: i32, stride4: i32, first: u32, slices: i32, fresh: i32, width: i32, kind: i32, temperature: f32, clipLow: f32, clipHigh: f32, kl: f32, bonus: f32, observed: usize, stats: usize): void {
  for (let r = 0; r < rows; r++) {
    const state = observed + (<usize>(r * slices) << 4), logTotal = log1(load<f32>(state, 4));
    store4(stats + (<usize>r << 4), logprobOf(state, logTotal, <f32>1 / temperature), entropyOf(state, logTotal), 0, 0);
  }
}

export function head_losses(rows: i32, columns: i32, stride4: i32, first: u32, slices: i32, fresh: i32, width: i32, kind: i32, temperature: f32, clipLow: f32, clipHigh: f32, kl: f32, bonus: f32, observed: usize, stats: usize, terms: usize, slopes: usize): void {
  for (let r: usize = 0; r < <usize>rows; r++) {
    const state = observed + (r * <usize>slices << 4), term = terms + (r << 4);
    const logTotal = log1(load<f32>(state, 4)), entropy = entropyOf(state, logTotal), logprob = logprobOf(state, logTotal, <f32>1 / temperature);
    let loss = -logprob, slope: f32 = -1, k3: f32 = 0, clipped = false;
    if (kind) {
      const advantage = load<f32>(term, 4), ratio = exp1(logprob - load<f32>(term, 8)), plain = ratio * advantage;
      const limited = min<f32>(max<f32>(ratio, 1 - clipLow), 1 + clipHigh) * advantage;
      const difference = load<f32>(term, 12) - logprob, back = exp1(difference);
      clipped = limited < plain;
      k3 = back - difference - 1;
      let estimate = k3, pull: f32 = 1 - back;
      if (kind == 2) { estimate = <f32>0.5 * difference * difference; pull = -difference; }
      if (kind == 3) { estimate = -difference; pull = 1; }
      loss = -min<f32>(plain, limited) + kl * estimate - bonus * entropy;
      slope = (clipped ? <f32>0 : -plain) + kl * pull;
    }
    const distance = max<f32>(k3, 0);
    store4(stats + (r << 4), logprob, entropy, loss * load<f32>(term), clipped ? -1 - distance : distance);
    store4(slopes + (r << 4), load<f32>(state), logTotal, entropy, slope);
  }
}

export function head_gradient(rows: i32, columns: i32, stride4: i32, first: u32, slices: i32, fresh: i32, width: i32, kind: i32, temperature: f32, clipLow: f32, clipHigh: f32, kl: f32, bonus: f32, targets: usize, terms: usize, logits: usize, slopes: usize): void {
  const inverse = splat(1 / temperature), bonuses = splat(bonus), bytes = <usize>stride4 << 4;
  for (let r: usize = 0; r < <usize>rows; r++) {
    const row = logits + r * bytes, slope = slopes + (r << 4), weight = load<f32>(terms + (r << 4)), own = load<f32>(slope, 12);
    const high = splat(load<f32>(slope)), logTotal = splat(load<f32>(slope, 4)), entropy = splat(load<f32>(slope, 8));
    const away = splat(-own), factor = splat(weight / temperature);
    for (let v: usize = 0; v < bytes; v += 16) {
      const logp = f32x4.sub(f32x4.mul(f32x4.sub(v128.load(row + v), high), inverse), logTotal);
      v128.store(row + v, f32x4.mul(factor, f32x4.mul(exp4(logp), madd(bonuses, f32x4.add(logp, entropy), away))));
    }
    const token = load<u32>(targets + r * 4) - first;
    if (token < <u32>columns) { const at = row + <usize>token * 4; store<f32>(at, load<f32>(at) + weight * own / temperature); }
    for (let v = <usize>columns * 4; v < bytes; v += 4) store<f32>(row + v, 0);
  }
}
