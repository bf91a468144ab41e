import { describe, expect, it } from "vitest";
import type { Loss, PolicyGradient } from "../../../src/contracts";
import { headOps, type LogitChunk, RUNNING, SLOPES, STATS, slicesFor, temperatureOf } from "../../../src/ops/head";
import { expectAllclose, rounded } from "../../reference/allclose";
import * as reference from "../../reference/head";
import { integers, magnitude, uniform } from "../../reference/numbers";
import { type DeviceTensor, openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, indices, result, read } = await openTestDevice();
const head = headOps(gpu);
await gpu.ready();

/** Rows, vocabulary, columns of a chunk: one chunk; many; a last one of one column; more lanes a row than one. */
const shapes = [
  [1, 3, 4],
  [5, 61, 64],
  [5, 61, 16],
  [37, 151, 152],
  [66, 131, 48],
  [129, 12, 4],
  [33, 65, 32],
  [3, 1543, 516],
  [2, 1543, 1544],
] as const;
/** Largest logit, coldest temperature: z spans 2 · 4 / 0.7. */
const LARGEST = 4;
const COLDEST = 0.7;
/**
 * Of log p: V additions, exponentials of 3 + 2|z| ulp, a quotient of 2.5 ulp on each side of the difference of at most 12;
 * every further chunk and lane scales the sums by another exponential.
 */
const roundings = (vocabulary: number, parts: number): number => vocabulary + (parts + 1) * (3 + 2 * 12) + 6 * 12;

const policyLosses = [
  { clipLow: 0.2, clipHigh: 0.28, klCoefficient: 0.04, entropyCoefficient: 0.05, temperature: 1 },
  { clipLow: 0.1, clipHigh: 0.4, klCoefficient: 0.5, entropyCoefficient: 0, temperature: COLDEST },
  { clipLow: 0.2, clipHigh: 0.2, klCoefficient: 0, entropyCoefficient: 0.2, temperature: 1.3 },
  { clipLow: 0.2, clipHigh: 0.2, klCoefficient: 0.3, klEstimator: "k1", entropyCoefficient: 0, temperature: 1 },
  { clipLow: 0.2, clipHigh: 0.2, klCoefficient: 0.3, klEstimator: "k2", entropyCoefficient: 0, temperature: COLDEST },
].map(
  (numbers) =>
    ({ kind: "policy-gradient", aggregation: "token-mean", constantLength: 1, ...numbers }) as PolicyGradient,
);

describe.each(shapes)(`head on ${name}: %i rows, vocabulary %i in chunks of %i`, (rows, vocabulary, width) => {
  const logits = uniform(1, rows * vocabulary, -LARGEST, LARGEST);
  const targets = integers(2, rows, vocabulary);
  const slices = slicesFor(width);
  const limit = rounded(roundings(vocabulary, slices + Math.ceil(vocabulary / width)), 1);
  const rowOf = (r: number): Float64Array => logits.subarray(r * vocabulary, (r + 1) * vocabulary);

  /** The chunks as the device has them, one tensor each; the padding of the last one is there too. */
  function chunks(): (LogitChunk & { readonly tensor: DeviceTensor })[] {
    return Array.from({ length: Math.ceil(vocabulary / width) }, (_, i) => {
      const first = i * width;
      const columns = Math.min(width, vocabulary - first);
      const part = Array.from({ length: rows }, (_, r) => [...rowOf(r).subarray(first, first + columns)]).flat();
      return { rows, first, columns, stride4: padTo4(columns) / 4, tensor: tensor(part, columns) };
    });
  }

  function observe(all: ReturnType<typeof chunks>, temperature: number): DeviceTensor {
    const running = result(rows * slices, RUNNING);
    all.forEach((chunk, i) => {
      head.observe(chunk, { slices, fresh: i === 0, temperature }, chunk.tensor, indices(targets), running);
    });
    return running;
  }

  /** Every step of a loss; the gradient as rows of the whole vocabulary. */
  async function run(loss: Loss, all: readonly reference.Term[]) {
    const logitChunks = chunks();
    const running = observe(logitChunks, temperatureOf(loss));
    const [stats, slopes, terms] = [result(rows, STATS), result(rows, SLOPES), tensor(all.flatMap(termRow), STATS)];
    head.losses(rows, slices, loss, running, terms, stats, slopes);
    const gradients = new Float64Array(rows * vocabulary);
    for (const chunk of logitChunks) {
      head.gradient(chunk, loss, chunk.tensor, indices(targets), terms, slopes);
      const part = await read(chunk.tensor);
      for (let r = 0; r < rows; r++)
        gradients.set(part.subarray(r * chunk.columns, (r + 1) * chunk.columns), r * vocabulary + chunk.first);
    }
    return { gradients, perToken: await read(stats) };
  }

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

  function expectLosses(losses: reference.TokenLoss[], { gradients, perToken }: Awaited<ReturnType<typeof run>>) {
    const column = (c: number) => losses.map((_, r) => perToken[r * STATS + c]!);
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
    expectAllclose(gradients, expected, limits);
  }

  it.each([COLDEST, 1, 1.7])("log-probabilities and entropies at temperature %f", async (temperature) => {
    const stats = result(rows, STATS);
    head.logprobs(rows, slices, temperature, observe(chunks(), temperature), stats);
    const expected = Array.from(targets, (target, r) => reference.statistics(rowOf(r), target, temperature));
    const values = await read(stats);
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

  it("likelihood and its gradient", async () => {
    const all = terms(1);
    const expected = all.map((t, r) => reference.likelihood(rowOf(r), targets[r]!, t.weight));
    expectLosses(expected, await run({ kind: "likelihood" }, all));
  });

  it.each(policyLosses)(
    "policy loss and its gradient, β $klCoefficient $klEstimator, α $entropyCoefficient, at $temperature",
    async (loss) => {
      const all = terms(loss.temperature);
      const expected = all.map((t, r) => reference.policy(rowOf(r), targets[r]!, t, loss));
      if (rows > 10) expect(new Set(expected.map((e) => e.clipped)).size).toBe(2);
      expectLosses(expected, await run(loss, all));
    },
  );
});

const termRow = (t: reference.Term): number[] => [t.weight, t.advantage, t.old, t.reference];
