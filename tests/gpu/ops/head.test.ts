import { describe, expect, it } from "vitest";
import type { Loss } from "../../../src/contracts";
import { headOps, STATS } from "../../../src/ops/head";
import { expectAllclose, rounded } from "../../reference/allclose";
import * as reference from "../../reference/head";
import { integers, magnitude, uniform } from "../../reference/numbers";
import { type DeviceTensor, openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, indices, result, read } = await openTestDevice();
const head = headOps(gpu);
await gpu.ready();

/** Rows, vocabulary. */
const shapes = [
  [1, 3],
  [5, 61],
  [37, 151],
  [66, 131],
  [129, 12],
] as const;
/** Largest logit, coldest temperature: z spans 2 · 4 / 0.7. */
const LARGEST = 4;
const COLDEST = 0.7;
/** Of log p: V additions, exponentials of 3 + 2|z| ulp, a quotient of 2.5 ulp on each side of the difference of at most 12. */
const roundings = (vocabulary: number): number => vocabulary + 2 * (3 + 2 * 12) + 6 * 12;

const policyLosses: readonly Extract<Loss, { kind: "policy-gradient" }>[] = [
  { clipLow: 0.2, clipHigh: 0.28, klCoefficient: 0.04, entropyCoefficient: 0.05, temperature: 1 },
  { clipLow: 0.1, clipHigh: 0.4, klCoefficient: 0.5, entropyCoefficient: 0, temperature: COLDEST },
  { clipLow: 0.2, clipHigh: 0.2, klCoefficient: 0, entropyCoefficient: 0.2, temperature: 1.3 },
].map((numbers) => ({ kind: "policy-gradient", aggregation: "token-mean", constantLength: 1, ...numbers }));

describe.each(shapes)(`head on ${name}: %i rows, vocabulary %i`, (rows, vocabulary) => {
  const logits = uniform(1, rows * vocabulary, -LARGEST, LARGEST);
  const targets = integers(2, rows, vocabulary);
  const stride4 = padTo4(vocabulary) / 4;
  const rowOf = (r: number): Float64Array => logits.subarray(r * vocabulary, (r + 1) * vocabulary);

  /** Weights, advantages, old and reference log-probabilities on either side of every clip. */
  function terms(temperature: number): reference.Term[] {
    const advantages = uniform(3, rows, -2, 2);
    return Array.from({ length: rows }, (_, r) => {
      const { logprob } = reference.statistics(rowOf(r), targets[r]!, temperature);
      const shift = [-0.6, -0.15, 0, 0.05, 0.6][r % 5]!;
      const drift = [-1, -0.2, 0, 0.3, 1][(r + Math.floor(r / 5)) % 5]!;
      const [old, other] = [Math.fround(logprob + shift), Math.fround(logprob + drift)];
      return { weight: 0.25 + (r % 3), advantage: advantages[r]!, old, reference: other };
    });
  }

  async function expectLosses(losses: reference.TokenLoss[], gradients: DeviceTensor, stats: DeviceTensor) {
    const perToken = await read(stats);
    const column = (c: number) => losses.map((_, r) => perToken[r * STATS + c]!);
    const limit = rounded(roundings(vocabulary), 1);
    expectAllclose(
      column(0),
      losses.map((l) => l.logprob),
      limit,
    );
    expectAllclose(
      column(1),
      losses.map((l) => l.entropy),
      limit * Math.log(vocabulary + 3),
    );
    // A ratio of e^0.6 and a drift of e^1, times an advantage of 2 and a weight of 2.25, on log p's error.
    const scale = 2.25 * (2 * Math.exp(0.6) + Math.E + Math.log(vocabulary + 3));
    expectAllclose(
      column(2),
      losses.map((l) => l.loss),
      limit * scale,
    );
    const k3 = column(3).map((value) => (value < 0 ? -1 - value : value));
    expectAllclose(
      k3,
      losses.map((l) => l.k3),
      limit * Math.E,
    );
    expect(column(3).map((value) => value < 0)).toEqual(losses.map((l) => l.clipped));
    const expected = losses.flatMap((l) => [...l.gradient]);
    // Each row by its own scale: its largest entry, and log p's error times the slope in it.
    const limits = losses.flatMap(({ gradient }) => {
      const ofRow = 3 * limit * (magnitude(gradient) + 0.1);
      return new Array<number>(vocabulary).fill(ofRow);
    });
    expectAllclose(await read(gradients), expected, limits);
  }

  it.each([COLDEST, 1, 1.7])("log-probabilities and entropies at temperature %f", async (temperature) => {
    const stats = result(rows, STATS);
    const views = [tensor(logits, vocabulary), indices(targets), stats] as const;
    head.logprobs(rows, vocabulary, stride4, temperature, ...views);
    const expected = Array.from(targets, (target, r) => reference.statistics(rowOf(r), target, temperature));
    const values = await read(stats);
    const limit = rounded(roundings(vocabulary), 1);
    expectAllclose(
      values.filter((_, i) => i % STATS === 0),
      expected.map((s) => s.logprob),
      limit,
    );
    expectAllclose(
      values.filter((_, i) => i % STATS === 1),
      expected.map((s) => s.entropy),
      limit * Math.log(vocabulary + 3),
    );
  });

  it("cross-entropy and its gradient", async () => {
    const all = terms(1);
    const [gradients, stats] = [tensor(logits, vocabulary), result(rows, STATS)];
    const rest = [indices(targets), tensor(all.flatMap(termRow), STATS), stats] as const;
    head.losses(rows, vocabulary, stride4, { kind: "cross-entropy" }, gradients, ...rest);
    await expectLosses(
      all.map((t, r) => reference.crossEntropy(rowOf(r), targets[r]!, t.weight)),
      gradients,
      stats,
    );
  });

  it.each(policyLosses)(
    "policy loss and its gradient, β $klCoefficient, α $entropyCoefficient, at $temperature",
    async (loss) => {
      const all = terms(loss.temperature);
      const [gradients, stats] = [tensor(logits, vocabulary), result(rows, STATS)];
      const rest = [indices(targets), tensor(all.flatMap(termRow), STATS), stats] as const;
      head.losses(rows, vocabulary, stride4, loss, gradients, ...rest);
      const expected = all.map((t, r) => reference.policy(rowOf(r), targets[r]!, t, loss));
      if (rows > 10) expect(new Set(expected.map((e) => e.clipped)).size).toBe(2);
      await expectLosses(expected, gradients, stats);
    },
  );
});

const termRow = (t: reference.Term): number[] => [t.weight, t.advantage, t.old, t.reference];
