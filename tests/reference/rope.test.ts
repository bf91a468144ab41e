import { describe, expect, it } from "vitest";
import { expectAllclose, expectGradient } from "./allclose";
import { differences, dot, uniform } from "./numbers";
import { rotate, stretchedFrequency } from "./rope";

describe("rope reference", () => {
  const shape = { rows: 3, heads: 2, stride: 23, headDim: 10, base: 10000 };
  const positions = [0, 7, 250];
  const x = uniform(1, 3 * 23);

  it("turns back in direction −1", () => {
    expectAllclose(rotate(shape, -1, positions, rotate(shape, 1, positions, x)), x, 1e-12);
  });

  it("leaves position 0 as it is", () => {
    expectAllclose(rotate(shape, 1, [0, 0, 0], x), x, 0);
  });

  it("makes the product of two heads depend on their distance only", () => {
    const one = { rows: 2, heads: 1, stride: 10, headDim: 10, base: 10000 };
    const product = (at: number, distance: number): number => {
      const y = rotate(one, 1, [at, at + distance], x.subarray(0, 20));
      return dot(y.subarray(0, 10), y.subarray(10));
    };
    expectAllclose([product(5, 3), product(90, 3)], [product(0, 3), product(0, 3)], 1e-12);
  });

  it("stretches slow turns only: Llama 3.1's factor, in its own numbers", () => {
    const llama = { factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8192 };
    const at = (d: number): number => 500000 ** ((-2 * d) / 128);
    // Wavelengths below 2048 tokens stay (pairs 0 to 28), those above 8192 grow eightfold (pairs 35 to 63).
    const kinds = Array.from({ length: 64 }, (_, d) => stretchedFrequency(at(d), llama) / at(d));
    expect(kinds.filter((ratio) => ratio === 1).length).toBe(29);
    expect(kinds.filter((ratio) => ratio === 1 / 8).length).toBe(29);
    expect(kinds.every((ratio, d) => d === 0 || ratio <= kinds[d - 1]!)).toBe(true);
  });

  it("has the gradient that differences give: the rotation back", () => {
    const dy = uniform(2, x.length);
    const numeric = differences((moved) => dot(rotate(shape, 1, positions, moved), dy), x);
    expectGradient(rotate(shape, -1, positions, dy), numeric);
  });
});
