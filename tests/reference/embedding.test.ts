import { describe, it } from "vitest";
import { expectGradient } from "./allclose";
import * as embedding from "./embedding";
import { differences, dot, integers, uniform } from "./numbers";

describe("embedding reference", () => {
  it("has the gradient that differences give", () => {
    const tokens = integers(1, 9, 5);
    const table = uniform(2, 5 * 3);
    const dx = uniform(3, 9 * 3);
    const numeric = differences((moved) => dot(embedding.forward(3, tokens, moved), dx), table);
    expectGradient(embedding.backward(3, 5, tokens, dx), numeric);
  });
});
