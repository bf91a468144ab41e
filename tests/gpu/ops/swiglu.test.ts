import { describe, expect, it } from "vitest";
import { swiGluOps } from "../../../src/ops/swiglu";
import { expectAllclose, rounded } from "../../reference/allclose";
import { uniform } from "../../reference/numbers";
import * as reference from "../../reference/swiglu";
import { openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, result, read } = await openTestDevice();
const swiglu = swiGluOps(gpu);
await gpu.ready();

const shapes = [
  [1, 4],
  [3, 10],
  [37, 61],
  [66, 12],
  [129, 132],
] as const;
/** Largest gate. */
const G = 4;
/** exp errs by 3 + 2|g| ulp, the quotient by 2.5, two roundings each: what a sigmoid is off by, relatively. */
const sigmoidRoundings = 2 * (3 + 2 * G) + 5 + 1;

describe.each(shapes)(`swiglu on ${name}: %i rows of %i`, (rows, columns) => {
  const gu = uniform(1, rows * 2 * columns, -G, G);
  const dy = uniform(2, rows * columns);

  it("forward", async () => {
    const y = result(rows, columns);
    swiglu.forward(rows, padTo4(columns), tensor(gu, columns), y);
    const expected = reference.forward(columns, gu);
    expectAllclose(await read(y), expected, rounded(sigmoidRoundings + 2, expected));
  });

  it("backward", async () => {
    const dgu = result(rows * 2, columns);
    swiglu.backward(rows, padTo4(columns), tensor(gu, columns), tensor(dy, columns), dgu);
    // 1 + g (1 − σ) cancels for negative gates: two sigmoids' errors on terms of at most |up| · (1 + |g|).
    expectAllclose(await read(dgu), reference.backward(columns, gu, dy), rounded(2 * sigmoidRoundings, G * (1 + G)));
  });
});

it("saturates: no gate, however large, makes anything but a number", async () => {
  const gates = [-1000, -100, -88, -30, 30, 88, 100, 1000];
  const gu = Float64Array.from([...gates, ...gates.map(() => 2)]);
  const y = result(1, gates.length);
  swiglu.forward(1, gates.length, tensor(gu, gates.length), y);
  expectAllclose(await read(y), reference.forward(gates.length, gu), rounded(2 * (3 + 2 * 30) + 8, 60));
  const dgu = result(2, gates.length);
  const ones = tensor(
    gates.map(() => 1),
    gates.length,
  );
  swiglu.backward(1, gates.length, tensor(gu, gates.length), ones, dgu);
  const gradients = await read(dgu);
  expect([...gradients].every(Number.isFinite), `${gradients}`).toBe(true);
});
