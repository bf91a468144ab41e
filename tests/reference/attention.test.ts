import { describe, it } from "vitest";
import { expectAllclose, expectGradient } from "./allclose";
import * as attention from "./attention";
import { differences, dot, uniform } from "./numbers";

describe("attention reference", () => {
  const shape = { queryHeads: 4, keyHeads: 2, headDim: 3 };
  const lengths = [1, 2, 4];
  const width = attention.qkvWidth(shape);
  const qkv = uniform(1, 7 * width);

  it("has the gradient that differences give", () => {
    const dout = uniform(2, 7 * 4 * 3);
    const numeric = differences((moved) => dot(attention.forward(shape, lengths, moved).out, dout), qkv);
    expectGradient(attention.backward(shape, lengths, qkv, dout), numeric);
  });

  it("gives the first token of a sequence its own value", () => {
    const { out } = attention.forward(shape, lengths, qkv);
    const value = (row: number, group: number) =>
      qkv.slice(row * width + (6 + group) * 3, row * width + (7 + group) * 3);
    for (const row of [0, 1, 3]) {
      for (const head of [0, 1, 2, 3]) {
        const at = (row * 4 + head) * 3;
        expectAllclose(out.subarray(at, at + 3), value(row, Math.floor(head / 2)), 1e-12);
      }
    }
  });

  it("treats packed sequences as separate ones", () => {
    const together = attention.forward(shape, lengths, qkv).out;
    const last = attention.forward(shape, [4], qkv.subarray(3 * width)).out;
    expectAllclose(together.subarray(3 * 12), last, 0);
  });
});
