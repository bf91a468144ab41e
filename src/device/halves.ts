/** IEEE 754 binary16, two bytes per number, as on the device and in files. */
import { KelvinError } from "../contracts";

/** From these float32 bits on, numbers exceed the largest half (65504) after rounding; infinities and NaN are included. */
const TOO_LARGE = 0x477ff000;
/** Bits of the float32 that is the smallest normal half, 2⁻¹⁴. */
const NORMAL = 0x38800000;
/** Unit of subnormal halves. */
const SMALLEST = 2 ** -24;
/** Adding it to a float64 and subtracting it again rounds to an integer, ties to even. */
const WHOLE = 2 ** 52;

/**
 * Rounds to the nearest half, ties to even. Unlike a device's own rounding this gives the same bits on every machine.
 * @throws KelvinError "model" if a number of `name` exceeds the largest half
 */
export function toHalves(floats: Float32Array, name: string): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < floats.length; i++) {
    const sign = ((bits[i] as number) >>> 16) & 0x8000;
    const magnitude = (bits[i] as number) & 0x7fffffff;
    if (magnitude >= TOO_LARGE) refuse(name, floats[i] as number);
    halves[i] = sign | (magnitude < NORMAL ? subnormal(floats[i] as number) : normal(magnitude));
  }
  return halves;
}

/** Drops 13 bits of the fraction and changes the exponent's bias from 127 to 15. */
function normal(magnitude: number): number {
  return (magnitude - (112 << 23) + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
}

function subnormal(value: number): number {
  return Math.abs(value) / SMALLEST + WHOLE - WHOLE;
}

function refuse(name: string, value: number): never {
  throw new KelvinError(
    "model",
    `${name} holds ${value}, and half precision ends at 65504`,
    "Hold the frozen weights in float32 (--base f32).",
  );
}

let wide: Float32Array<ArrayBuffer> | null = null;

/** Converts halves to float32 exactly. */
export function fromHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  wide ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromHalf(bits));
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = wide[halves[i] as number] as number;
  return floats;
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * SMALLEST;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
