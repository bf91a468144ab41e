import { describe, it } from "vitest";
import { expectGradient } from "./allclose";
import { differences, dot, uniform } from "./numbers";
import * as swiglu from "./swiglu";

describe("swiglu reference", () => {
  it("has the gradient that differences give", () => {
    const gu = uniform(1, 2 * 10, -3, 3);
    const dy = uniform(2, 10);
    const numeric = differences((moved) => dot(swiglu.forward(5, moved), dy), gu);
    expectGradient(swiglu.backward(5, gu, dy), numeric);
  });
});
