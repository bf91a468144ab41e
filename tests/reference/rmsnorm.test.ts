import { describe, expect, it } from "vitest";
import { expectAllclose, expectGradient } from "./allclose";
import { differences, dot, uniform } from "./numbers";
import * as rmsnorm from "./rmsnorm";

/** Two rows of wider ones: three heads of five numbers from the second number on, in rows of 17. */
const inside = { rows: 6, columns: 5, eps: 1e-2, heads: 3, stride: 17, offset: 1 };
const shapes = [rmsnorm.plainShape(3, 7, 1e-2), inside];

describe.each(shapes)("rmsnorm reference, $heads heads in rows of $stride", (shape) => {
  const x = uniform(1, (shape.rows / shape.heads) * shape.stride);
  const w = uniform(2, shape.columns);
  const dy = uniform(3, x.length);
  const covered = rmsnorm
    .forward(
      shape,
      x.map(() => 1),
      new Float64Array(shape.columns),
    )
    .map((v) => (v === 0 ? 1 : 0));
  const loss = (moved: Float64Array, gain: Float64Array) =>
    dot(
      rmsnorm.forward(shape, moved, gain),
      dy.map((d, i) => d * covered[i]!),
    );

  it("has rows of length √C before the gain", () => {
    const y = rmsnorm.forward(
      { ...shape, eps: 0 },
      x,
      w.map(() => 1),
    );
    const squares = y.reduce((sum, value, i) => sum + covered[i]! * value * value, 0);
    expect(squares).toBeCloseTo(shape.rows * shape.columns, 9);
  });

  it("has the input gradient that differences give", () => {
    const numeric = differences((moved) => loss(moved, w), x);
    expectGradient(rmsnorm.backwardX(shape, x, w, dy), numeric);
  });

  it("has the gain gradient that differences give", () => {
    const rstd = rmsnorm.reciprocalRoot(shape, x);
    expectGradient(
      rmsnorm.backwardW(shape, x, rstd, dy),
      differences((gain) => loss(x, gain), w),
    );
  });

  it("leaves what is not its rows", () => {
    const outside = x.map((value, i) => (covered[i] ? 0 : value));
    const y = rmsnorm.forward(shape, x, w).map((value, i) => (covered[i] ? 0 : value));
    expectAllclose(y, outside, 0);
  });
});
