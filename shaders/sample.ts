// sample: CPU sibling of sample.wgsl, with its formulas and shapes. Log-probabilities are added up as head.ts adds them.
//
//   reference  tests/reference/sample.ts
import { DONE, LIMIT, SLOT, TOKEN, WRITTEN, permute, randomBits } from "./lib/slots";
import { WORK, needs } from "./lib/work";
import { exp1, exp4, log1, splat } from "./lib/vector";
import { distribution, highestOf, mass, moment } from "./lib/softmax";

/** Below every logit, and finite when divided by any temperature. */
const LOWEST: f32 = -1e20;
const UNIT: f32 = 1.0 / 4294967296.0;

// @ts-ignore: decorator
@inline function inverseOf(temperature: f32): f32 {
  return temperature == 0 ? 1 : 1 / temperature;
}

/** Writes down a drawn token and moves the slot on; z of the token, relative to the highest. */
function record(picked: usize, slot: usize, stops: usize, stopCount: i32, token: i32, z: f32): void {
  const logTotal = log1(mass), written = load<i32>(slot, WRITTEN) + 1;
  store<i32>(picked, token);
  store<f32>(picked, z - logTotal, 4);
  store<f32>(picked, logTotal - moment / mass, 8);
  store<i32>(slot, written, WRITTEN);
  store<i32>(slot, token, TOKEN);
  let done = written >= load<i32>(slot, LIMIT);
  for (let i = 0; i < stopCount; i++) done = done || token == load<i32>(stops + <usize>i * 4);
  store<i32>(slot, done ? 1 : 0, DONE);
}

/** The first of the likeliest tokens. */
function likeliest(row: usize, count: i32, high: f32): i32 {
  for (let v = 0; v < count; v++) if (load<f32>(row + <usize>v * 4) == high) return v;
  return 0;
}

/** e^z of a row, `padded` of them. */
function exponentials(row: usize, padded: i32, high: f32, inverse: f32, to: usize): void {
  const offset = splat(high), factor = splat(inverse);
  for (let v: usize = 0, end = <usize>padded * 4; v < end; v += 16)
    v128.store(to + v, exp4(f32x4.mul(f32x4.sub(v128.load(row + v), offset), factor)));
}

/** The first token with which the running mass exceeds the goal; where rounding keeps it below, the last that has any. */
function reached(e: usize, count: i32, goal: f32): i32 {
  let sum: f32 = 0, last = 0;
  for (let v = 0; v < count; v++) {
    const one = load<f32>(e + <usize>v * 4);
    if (one == 0) continue;
    sum += one;
    last = v;
    if (sum > goal) break;
  }
  return last;
}

export function sample_pick(rows: i32, vocabulary: i32, stride4: i32, chunk4: i32, stopCount: i32, first: i32, topK: i32, temperature: f32, topP: f32, logMinP: f32, active: usize, slots: usize, stops: usize, picked: usize, logits: usize): void {
  const inverse = inverseOf(temperature);
  for (let i = 0; i < rows; i++) {
    const slot = slots + <usize>load<u32>(active + <usize>i * 4) * SLOT, row = logits + (<usize>(i * stride4) << 4);
    if (load<i32>(slot, DONE)) continue;
    const high = highestOf(row, vocabulary, LOWEST);
    distribution(row, vocabulary, high, inverse);
    let token: i32;
    if (temperature == 0) token = likeliest(row, vocabulary, high);
    else {
      exponentials(row, (vocabulary + 3) & ~3, high, inverse, WORK);
      token = reached(WORK, vocabulary, <f32>(randomBits(slot) >> 8) * <f32>(1.0 / 16777216.0) * mass);
    }
    record(picked + <usize>(first + i) * 12, slot, stops, stopCount, token, (load<f32>(row + <usize>token * 4) - high) * inverse);
  }
}

/** An unsigned integer in the order of the floats; zeros of both signs are equal. */
// @ts-ignore: decorator
@inline function ordered(z: f32): u32 {
  const bits: u32 = z == 0 ? 0 : reinterpret<u32>(z);
  return bits ^ (bits >> 31 ? <u32>0xffffffff : <u32>0x80000000);
}

/** The row of a slot in one piece, where its columns come from several shards of the table. */
function gathered(logits: usize, rows: i32, row: i32, stride4: i32, chunk4: i32, to: usize): void {
  for (let at = 0; at < stride4; at += chunk4) {
    const width = min(chunk4, stride4 - at);
    memory.copy(to + (<usize>at << 4), logits + (<usize>(at * rows + row * width) << 4), <usize>width << 4);
  }
}

/** The largest key whose tokens, those at or above it, weigh `goal` together: four bits a pass. A token weighs 1 or its mass. */
function threshold(row: usize, e: usize, count: i32, least: u32, goal: f32, counting: bool, bins: usize): u32 {
  let key: u32 = 0, known: u32 = 0, above: f32 = 0;
  for (let shift: i32 = 28; shift >= 0; shift -= 4) {
    memory.fill(bins, 0, 64);
    for (let v: usize = 0, end = <usize>count * 4; v < end; v += 4) {
      const k = ordered(load<f32>(row + v));
      if ((k & known) != key || k < least) continue;
      const bin = bins + ((k >> shift) & 15) * 4;
      store<f32>(bin, load<f32>(bin) + (counting ? <f32>1 : load<f32>(e + v)));
    }
    // Rounding may leave the whole just short of the goal: then the lowest bin that holds anything.
    let chosen: u32 = 0, before = above;
    for (let b: i32 = 15; b >= 0; b--) {
      const weight = load<f32>(bins + <usize>b * 4);
      if (weight == 0) continue;
      chosen = b;
      above = before;
      before += weight;
      if (before >= goal) break;
    }
    key |= chosen << shift;
    known |= <u32>15 << shift;
  }
  return key;
}

/** −log(1 − u) of u = (bits + ½) / 2³², exact to a few roundings also where u is small. */
function exponential(bits: u32): f32 {
  const u = (<f32>bits + <f32>0.5) * UNIT;
  if (u >= 0.125) return -log1((<f32>(~bits) + <f32>0.5) * UNIT);
  let sum: f32 = 1.0 / 7.0;
  sum = sum * u + <f32>(1.0 / 6.0);
  sum = sum * u + <f32>(1.0 / 5.0);
  sum = sum * u + <f32>(1.0 / 4.0);
  sum = sum * u + <f32>(1.0 / 3.0);
  sum = sum * u + <f32>(1.0 / 2.0);
  return u * (sum * u + 1);
}

/** The winner of the race among the tokens that the cuts leave. */
function raced(row: usize, count: i32, high: f32, inverse: f32, least: u32, logMinP: f32, stream: u32): i32 {
  let best = LOWEST, token = likeliest(row, count, high);
  for (let v = 0; v < count; v++) {
    const logit = load<f32>(row + <usize>v * 4), z = (logit - high) * inverse;
    if (ordered(logit) < least || z < logMinP) continue;
    const score = z - log1(exponential(permute(permute(v) ^ stream)));
    if (score > best) { best = score; token = v; }
  }
  return token;
}

export function sample_draw(rows: i32, vocabulary: i32, stride4: i32, chunk4: i32, stopCount: i32, first: i32, topK: i32, temperature: f32, topP: f32, logMinP: f32, active: usize, slots: usize, logits: usize, stops: usize, picked: usize): void {
  const inverse = inverseOf(temperature), bytes = <usize>stride4 << 4, row = WORK, e = row + bytes, bins = e + bytes;
  needs(bytes * 2 + 64);
  for (let i = 0; i < rows; i++) {
    const slot = slots + <usize>load<u32>(active + <usize>i * 4) * SLOT;
    if (load<i32>(slot, DONE)) continue;
    gathered(logits, rows, i, stride4, chunk4, row);
    const high = highestOf(row, vocabulary, LOWEST);
    distribution(row, vocabulary, high, inverse);
    let token: i32;
    if (temperature == 0) token = likeliest(row, vocabulary, high);
    else {
      let least: u32 = 0;
      if (topK < vocabulary) least = threshold(row, e, vocabulary, least, <f32>topK, true, bins);
      if (topP < 1) {
        exponentials(row, stride4 * 4, high, inverse, e);
        let kept: f32 = 0;
        for (let v: usize = 0, end = <usize>vocabulary * 4; v < end; v += 4) if (ordered(load<f32>(row + v)) >= least) kept += load<f32>(e + v);
        least = threshold(row, e, vocabulary, least, topP * kept, false, bins);
      }
      token = raced(row, vocabulary, high, inverse, least, logMinP, randomBits(slot));
    }
    record(picked + <usize>(first + i) * 12, slot, stops, stopCount, token, (load<f32>(row + <usize>token * 4) - high) * inverse);
  }
}
