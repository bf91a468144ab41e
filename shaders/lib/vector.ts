// Shared by all CPU kernels: four floats at a time, sums in one order, exp and log that are equal on every machine.

/** a · b + c. With relaxed SIMD it is rounded once where the processor has such an instruction. */
// @ts-ignore: decorator
@inline export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** The sum of the lanes, (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline export function total(a: v128): f32 {
  const pairs = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Four totals, in the lanes of one vector. */
// @ts-ignore: decorator
@inline export function totals(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

// @ts-ignore: decorator
@inline export function highest(a: v128): f32 {
  const pairs = f32x4.max(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** Below every number whose exponential is not zero; finite, so that differences of two of them are numbers. */
export const LOWEST: f32 = -1e30;

// e^x = 2^n · e^r with n the nearest whole number to x / ln 2 and |r| ≤ ln 2 / 2. ln 2 is taken away in two parts, of which the
// first has few enough bits that n times it is exact. The polynomial of e^r is Cephes' (Moshier, expf).
const LOG2_E: f32 = 1.44269504088896341;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const LEAST_EXPONENT: f32 = -87.3;
const MOST_EXPONENT: f32 = 88;

/** e^x to two units in the last place; 0 below −87.3, e^88 above 88. */
// @ts-ignore: decorator
@inline export function exp4(x: v128): v128 {
  const bounded = f32x4.min(x, splat(MOST_EXPONENT));
  const n = f32x4.nearest(f32x4.mul(bounded, splat(LOG2_E)));
  const r = f32x4.sub(f32x4.sub(bounded, f32x4.mul(n, splat(LN2_HIGH))), f32x4.mul(n, splat(LN2_LOW)));
  let p = madd(splat(1.9875691500e-4), r, splat(1.3981999507e-3));
  p = madd(p, r, splat(8.3334519073e-3));
  p = madd(p, r, splat(4.1665795894e-2));
  p = madd(p, r, splat(1.6666665459e-1));
  p = madd(p, r, splat(5.0000001201e-1));
  p = f32x4.add(madd(p, f32x4.mul(r, r), r), splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(p, power), f32x4.lt(x, splat(LEAST_EXPONENT)));
}

/** The same bits as a lane of exp4. */
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(splat(x)), 0);
}

/** ln x of a normal positive number, to two units in the last place. Cephes' polynomial (Moshier, logf) on √½ … √2. */
export function log1(x: f32): f32 {
  const bits = reinterpret<u32>(x);
  let e = <f32>(<i32>(bits >> 23) - 126);
  let m = reinterpret<f32>((bits & 0x007fffff) | 0x3f000000);
  if (m < 0.707106781186547524) {
    e -= 1;
    m += m;
  }
  m -= 1;
  let p: f32 = 7.0376836292e-2;
  p = p * m - 1.1514610310e-1;
  p = p * m + 1.1676998740e-1;
  p = p * m - 1.2420140846e-1;
  p = p * m + 1.4249322787e-1;
  p = p * m - 1.6668057665e-1;
  p = p * m + 2.0000714765e-1;
  p = p * m - 2.4999993993e-1;
  p = p * m + 3.3333331174e-1;
  const square = m * m;
  return m + (p * m * square + LN2_LOW * e - 0.5 * square) + LN2_HIGH * e;
}

/** Four halves, exactly as floats. Moving 13 bits leaves the exponent 112 too small, also where it is zero. */
// @ts-ignore: decorator
@inline export function widened(from: usize): v128 {
  const bits = v128.load_ext<u16>(from);
  const sign = i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16);
  const magnitude = i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13);
  return v128.or(f32x4.mul(magnitude, splat(5.192296858534828e33)), sign);
}
