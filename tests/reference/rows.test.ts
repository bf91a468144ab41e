import { describe, it } from "vitest";
import { expectGradient } from "./allclose";
import { differences, dot, uniform } from "./numbers";
import * as rows from "./rows";

describe("rows reference", () => {
  it("scatters what differences give as the gradient of gather", () => {
    const x = uniform(1, 5 * 3);
    const dy = uniform(2, 2 * 3);
    const numeric = differences((moved) => dot(rows.gather(3, [4, 1], moved), dy), x);
    expectGradient(rows.scatter(3, [4, 1], dy, new Float64Array(15)), numeric);
  });
});
