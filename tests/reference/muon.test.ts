import { describe, expect, it } from "vitest";
import { expectAllclose } from "./allclose";
import * as linear from "./linear";
import { orthogonalize, transpose } from "./muon";
import { uniform } from "./numbers";

describe("muon reference", () => {
  it("moves every singular value of a matrix towards 1", () => {
    const size = 6;
    const diagonal = [3, 2, -1, 0.5, 0.25, -0.125];
    const x = Float64Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? diagonal[i / 7]! : 0));
    const y = orthogonalize(size, size, x);
    diagonal.forEach((value, i) => {
      expect(y[i * 7]! * Math.sign(value)).toBeGreaterThan(0.65);
      expect(y[i * 7]! * Math.sign(value)).toBeLessThan(1.25);
    });
  });

  it("keeps the singular vectors: the result commutes as X·Yᵀ = Y·Xᵀ", () => {
    const x = uniform(1, 4 * 7);
    const y = orthogonalize(4, 7, x);
    const shape = { rows: 4, inputs: 7, outputs: 4 };
    expectAllclose(linear.forward(shape, x, y), linear.forward(shape, y, x), 1e-12);
  });

  it("treats a tall matrix as the mirror image of a wide one", () => {
    const x = uniform(2, 8 * 3);
    const wide = orthogonalize(3, 8, transpose(8, 3, x));
    expectAllclose(orthogonalize(8, 3, x), transpose(3, 8, wide), 0);
  });
});
