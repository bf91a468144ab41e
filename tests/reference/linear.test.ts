import { describe, it } from "vitest";
import { expectGradient } from "./allclose";
import * as linear from "./linear";
import { differences, dot, uniform } from "./numbers";

describe("linear reference", () => {
  const shape = { rows: 3, inputs: 5, outputs: 4 };
  const x = uniform(1, 15);
  const w = uniform(2, 20);
  const dy = uniform(3, 12);

  it("has the input gradient that differences give", () => {
    const loss = (moved: Float64Array) => dot(linear.forward(shape, moved, w), dy);
    expectGradient(linear.backwardX(shape, dy, w), differences(loss, x));
  });

  it("has the weight gradient that differences give", () => {
    const loss = (moved: Float64Array) => dot(linear.forward(shape, x, moved), dy);
    expectGradient(linear.backwardW(shape, dy, x), differences(loss, w));
  });
});
