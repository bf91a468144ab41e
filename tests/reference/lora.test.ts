import { describe, it } from "vitest";
import { expectGradient } from "./allclose";
import * as lora from "./lora";
import { differences, dot, uniform } from "./numbers";

describe.each([3, 5, 1])("lora reference, rank %i", (rank) => {
  const shape = { rows: 4, inputs: 6, rank, outputs: 7, scale: 1.75 };
  const x = uniform(1, 4 * 6);
  const a = uniform(2, rank * 6);
  const b = uniform(3, 7 * rank);
  const dy = uniform(4, 4 * 7);
  const { dx, da, db } = lora.backward(shape, x, a, b, dy);

  it("has the gradients of x, A and B that differences give", () => {
    expectGradient(
      dx,
      differences((moved) => dot(lora.forward(shape, moved, a, b), dy), x),
    );
    expectGradient(
      da,
      differences((moved) => dot(lora.forward(shape, x, moved, b), dy), a),
    );
    expectGradient(
      db,
      differences((moved) => dot(lora.forward(shape, x, a, moved), dy), b),
    );
  });
});
