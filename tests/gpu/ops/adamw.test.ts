import { describe, it } from "vitest";
import { adamWOps } from "../../../src/ops/adamw";
import * as reference from "../../reference/adamw";
import { expectAllclose, rounded } from "../../reference/allclose";
import { uniform } from "../../reference/numbers";
import { openTestDevice } from "../tensors";

const { gpu, name, tensor, read } = await openTestDevice();
const adamW = adamWOps(gpu);
await gpu.ready();

/** Exact in float32, so that 1 − β is too: with 0.99 the rounded β alone would shift v by 100 roundings. */
const betas = [0.875, 0.984375] as const;
const factor = 0.25;
const updates = 3;

/** Floats in the buffers, and the range that is updated, in vec4. */
const ranges = [
  [4, 0, 1],
  [132, 5, 17],
  [520, 0, 130],
] as const;

describe.each(ranges)(`adamw on ${name}: %i floats, %i + %i vec4`, (floats, first, count) => {
  it.each([0, 0.5])(
    "three updates with weight decay %f, gradients clipped by the factor on the device",
    async (decay) => {
      const step = { learningRate: 0.125, betas, eps: 0.0078125, weightDecay: decay };
      const inside = (i: number): boolean => i >= first * 4 && i < (first + count) * 4;
      const zeros = new Float64Array(floats);
      const start = { w: uniform(1, floats), firstMoment: zeros, secondMoment: zeros };
      const buffers = {
        norm: tensor([123, factor], 1, 1),
        w: tensor(start.w, floats),
        firstMoment: tensor(zeros, floats),
        secondMoment: tensor(zeros, floats),
      };
      let expected: reference.AdamWState = start;
      for (let update = 1; update <= updates; update++) {
        const gradient = uniform(1 + update, floats);
        adamW.update({ ...step, update }, { first, count }, { ...buffers, dw: tensor(gradient, floats) });
        const clipped = gradient.map((g) => g * factor);
        expected = reference.update({ ...step, update }, expected, clipped);
      }
      const kept = (moved: Float64Array, old: Float64Array) => moved.map((value, i) => (inside(i) ? value : old[i]!));
      // Moments: three roundings an update. Weights: besides those, two quotients and a root of 2.5 ulp each on a step that
      // is at most 1/√(1 − β2) = 8 learning rates long, and two roundings of the weight.
      expectAllclose(await read(buffers.firstMoment), kept(expected.firstMoment, zeros), rounded(3 * updates, factor));
      expectAllclose(
        await read(buffers.secondMoment),
        kept(expected.secondMoment, zeros),
        rounded(4 * updates, factor ** 2),
      );
      const perUpdate = rounded(24, 8 * step.learningRate) + rounded(2, 2);
      expectAllclose(await read(buffers.w), kept(expected.w, start.w), updates * perUpdate);
    },
  );
});
