import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { fromHalves, toHalves } from "../../src/device/halves";
import { uniform } from "../reference/numbers";

/** Every finite half, ascending: those of positive sign in the order of their bits. */
const POSITIVE = fromHalves(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits));

/** The nearest half by looking at its neighbours; of two as near, the one with an even last bit. */
function nearest(value: number): number {
  const magnitude = Math.abs(value);
  let above = POSITIVE.findIndex((half) => half >= magnitude);
  if (above < 0) above = POSITIVE.length - 1;
  const candidates = [Math.max(0, above - 1), above];
  const distance = (bits: number) => Math.abs(magnitude - POSITIVE[bits]!);
  candidates.sort((a, b) => distance(a) - distance(b) || (a % 2) - (b % 2));
  return candidates[0]! | (Object.is(Math.sign(value), -1) || Object.is(value, -0) ? 0x8000 : 0);
}

describe("halves", () => {
  it("are what IEEE 754 says", () => {
    const known = [
      [0x0000, 0],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
    ] as const;
    for (const [bits, value] of known) expect(fromHalves(Uint16Array.of(bits))[0]).toBe(value);
    const special = fromHalves(Uint16Array.of(0x8000, 0x7c00, 0xfc00, 0x7e00));
    expect([...special]).toEqual([-0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
  });

  it("come back as they were, all 63,488 finite ones", () => {
    const all = Uint16Array.from({ length: 0x7c00 * 2 }, (_, i) => (i < 0x7c00 ? i : i - 0x7c00 + 0x8000));
    expect(toHalves(fromHalves(all), "all")).toEqual(all);
  });

  it("are the nearest ones, ties to the even one", () => {
    const ties = Array.from({ length: 500 }, (_, i) => (POSITIVE[i * 63]! + POSITIVE[i * 63 + 1]!) / 2);
    const random = [1e-7, 1e-5, 1e-4, 1, 1000, 65000].flatMap((size, i) => [...uniform(i, 60, -size, size)]);
    const values = Float32Array.from([
      ...ties,
      ...ties.map((value) => -value),
      ...random,
      65519,
      -65519.99,
      0,
      -0,
      1e-40,
    ]);
    expect([...toHalves(values, "values")]).toEqual([...values].map(nearest));
  });

  it.each([65520, -7e4, Number.POSITIVE_INFINITY, Number.NaN])("refuse %d by the tensor's name", (value) => {
    const attempt = () => toHalves(Float32Array.of(1, value), "model.norm");
    expect(attempt).toThrow(KelvinError);
    expect(attempt).toThrow(`model.norm holds ${Math.fround(value)}, and half precision ends at 65504`);
  });
});
