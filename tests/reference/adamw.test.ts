import { describe, it } from "vitest";
import { type AdamWState, update } from "./adamw";
import { expectAllclose } from "./allclose";

describe("adamw reference", () => {
  const step = { learningRate: 0.1, betas: [0.9, 0.99] as const, eps: 1e-8, weightDecay: 0.5, update: 1 };
  const zero = { firstMoment: new Float64Array(3), secondMoment: new Float64Array(3) };

  it("moves by the learning rate against the gradient's sign at first, after the decay", () => {
    const { w } = update(step, { w: Float64Array.of(1, 1, 1), ...zero }, Float64Array.of(3, -0.02, 0));
    expectAllclose(w, [0.95 - 0.1, 0.95 + 0.1, 0.95], 1e-6);
  });

  it("keeps that pace under a constant gradient", () => {
    let state: AdamWState = { w: Float64Array.of(0, 0, 0), ...zero };
    for (let t = 1; t <= 5; t++)
      state = update({ ...step, weightDecay: 0, update: t }, state, Float64Array.of(2, -7, 0.1));
    expectAllclose(state.w, [-0.5, 0.5, -0.5], 1e-6);
  });
});
