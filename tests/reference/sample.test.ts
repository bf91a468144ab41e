import { describe, expect, it } from "vitest";
import { expectAllclose } from "./allclose";
import { drawBits, exponential, permute, uniform01 } from "./counter";
import { uniform } from "./numbers";
import * as sample from "./sample";

const slot = { promptStart: 0, promptRows: 0, written: 0, limit: 9, seed: 7, sample: 0, token: 0, done: false };
const logits = Float64Array.of(0, Math.log(3), Math.log(6));

describe("sample reference", () => {
  it("draws the likeliest token at temperature 0", () => {
    expect(sample.pick(logits, 0, slot).token).toBe(2);
    expect(sample.race(logits, { temperature: 0, topK: 1 }, slot)).toEqual(sample.pick(logits, 0, slot));
    expect(sample.pick(logits, 0, slot).logprob).toBeCloseTo(Math.log(0.6), 12);
  });

  it.each([
    ["a running sum", (i: number) => sample.pick(logits, 1, { ...slot, sample: i })],
    ["a race", (i: number) => sample.race(logits, { temperature: 1 }, { ...slot, sample: i })],
  ])("draws each token as often as its mass says, by %s", (_, draw) => {
    const counts = [0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[draw(i).token]!++;
    // Binomial with 4000 draws: a standard deviation of at most 32.
    expectAllclose(counts, [400, 1200, 2400], 4 * 32);
  });

  it("cuts by count, by mass and by the likeliest token, one after another, and keeps ties", () => {
    const shares = Float64Array.of(0.1, 0.4, 0.2, 0.2, 0.1);
    const left = (options: object) =>
      sample.kept(shares, { temperature: 1, ...options }).flatMap((stays, v) => (stays ? [v] : []));
    expect(left({})).toEqual([0, 1, 2, 3, 4]);
    expect(left({ topK: 1 })).toEqual([1]);
    expect(left({ topK: 2 })).toEqual([1, 2, 3]);
    expect(left({ topP: 0.4 })).toEqual([1]);
    expect(left({ topP: 0.41 })).toEqual([1, 2, 3]);
    expect(left({ topP: 0.85 })).toEqual([0, 1, 2, 3, 4]);
    expect(left({ topK: 3, topP: 0.5 })).toEqual([1]);
    expect(left({ minP: 0.5 })).toEqual([1, 2, 3]);
    expect(left({ minP: 0.51 })).toEqual([1]);
    expect(left({ topK: 99 })).toEqual([0, 1, 2, 3, 4]);
    expect([...sample.drawnFrom(shares.map(Math.log), { temperature: 1, topK: 2 })].map((p) => p.toFixed(9))).toEqual(
      [0, 0.5, 0.25, 0.25, 0].map((p) => p.toFixed(9)),
    );
  });

  it("says the entropy of the whole distribution, whatever is cut", () => {
    const even = sample.race(new Float64Array(8), { temperature: 1, topK: 1 }, slot);
    expect(even.entropy).toBeCloseTo(Math.log(8), 12);
    const wide = uniform(3, 50, -4, 4);
    const shares = sample.probabilities(wide, 0.7);
    const cross = wide.reduce((sum, z, v) => sum - (shares[v]! * z) / 0.7, 0);
    const normalizer = Math.log(wide.reduce((sum, z) => sum + Math.exp(z / 0.7), 0));
    expect(sample.pick(wide, 0.7, slot).entropy).toBeCloseTo(cross + normalizer, 10);
  });
});

describe("counter-based generator", () => {
  it("permutes: no two of many inputs meet", () => {
    const images = Array.from({ length: 1 << 16 }, (_, x) => permute(Math.imul(x, 65537) >>> 0));
    expect(new Set(images).size).toBe(1 << 16);
  });

  it("gives the values it always gave", () => {
    // The permutation in exact arithmetic, independent of 32-bit operators.
    const exact = (x: bigint): bigint => {
      const state = (x * 747796405n + 2891336453n) % (1n << 32n);
      const word = (((state >> ((state >> 28n) + 4n)) ^ state) * 277803737n) % (1n << 32n);
      return (word >> 22n) ^ word;
    };
    for (const x of [0, 1, 7, 0x7fffffff, 0x80000000, 0xffffffff]) expect(permute(x)).toBe(Number(exact(BigInt(x))));
    const bits = exact(exact(exact(42n) ^ 3n) ^ 11n);
    expect(uniform01(42, 3, 11)).toBe(Number(bits >> 8n) / 2 ** 24);
    const race = (Number(exact(exact(5n) ^ bits)) + 0.5) / 2 ** 32;
    expect(exponential(drawBits(42, 3, 11), 5)).toBeCloseTo(-Math.log(1 - race), 12);
  });

  it("is uniform over seeds, samples, positions and tokens", () => {
    for (const draw of [
      (i: number) => uniform01(i, 0, 0),
      (i: number) => uniform01(5, i, 0),
      (i: number) => uniform01(5, 0, i),
      (i: number) => 1 - Math.exp(-exponential(drawBits(5, 0, 0), i)),
      (i: number) => 1 - Math.exp(-exponential(drawBits(5, 0, i), 9)),
    ]) {
      const counts = new Array<number>(16).fill(0);
      for (let i = 0; i < 16000; i++) counts[Math.floor(draw(i) * 16)]!++;
      const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
      expect(chiSquare).toBeLessThan(37.7); // 15 degrees of freedom, probability 0.001
    }
  });
});
