import { describe, expect, it } from "vitest";
import { permute, uniform01 } from "../../src/rollout/counter";
import { expectAllclose } from "./allclose";
import * as attention from "./attention";
import * as decode from "./decode";
import { uniform } from "./numbers";

const slot = { promptStart: 0, promptRows: 0, written: 0, limit: 9, seed: 7, sample: 0, token: 0, done: false };

describe("decode reference", () => {
  it("attends as the last row of causal attention does", () => {
    const shape = { queryHeads: 4, keyHeads: 2, headDim: 3 };
    const qkv = uniform(1, 5 * attention.qkvWidth(shape));
    const cache = decode.append(shape, qkv, [0, 1, 2, 3, 4], new Float64Array(5 * decode.cacheWidth(shape)));
    const [prompt, own] = [cache.subarray(0, 3 * 12), cache.subarray(3 * 12)];
    const newest = qkv.subarray(4 * attention.qkvWidth(shape));
    const written = { ...slot, promptRows: 3, written: 1 };
    const out = decode.attend(shape, 2, newest, [0], [written], prompt, own);
    expectAllclose(out, attention.forward(shape, [5], qkv).out.subarray(4 * 12), 1e-12);
  });

  it("draws the likeliest token at temperature 0 and each token as often as its mass says", () => {
    const logits = Float64Array.of(0, Math.log(3), Math.log(6));
    expect(decode.pick(logits, 0, slot).token).toBe(2);
    const counts = [0, 0, 0];
    for (let sample = 0; sample < 4000; sample++) counts[decode.pick(logits, 1, { ...slot, sample }).token]!++;
    // Binomial with 4000 draws: a standard deviation of at most 32.
    expectAllclose(counts, [400, 1200, 2400], 4 * 32);
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
  });

  it("is uniform over seeds, samples and positions", () => {
    for (const draw of [
      (i: number) => uniform01(i, 0, 0),
      (i: number) => uniform01(5, i, 0),
      (i: number) => uniform01(5, 0, i),
    ]) {
      const counts = new Array<number>(16).fill(0);
      for (let i = 0; i < 16000; i++) counts[Math.floor(draw(i) * 16)]!++;
      const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
      expect(chiSquare).toBeLessThan(37.7); // 15 degrees of freedom, probability 0.001
    }
  });
});
