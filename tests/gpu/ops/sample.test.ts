import { describe, expect, it } from "vitest";
import type { SamplingOptions } from "../../../src/contracts";
import { SLOT_FIELDS } from "../../../src/ops/decode";
import { type Sample, sampleOps } from "../../../src/ops/sample";
import { expectAllclose, rounded } from "../../reference/allclose";
import { chiSquare, critical } from "../../reference/chi-square";
import { type Slot, slotWords } from "../../reference/decode";
import { uniform } from "../../reference/numbers";
import * as reference from "../../reference/sample";
import { openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, indices, readIndices } = await openTestDevice();
/** Rasterisers get few lanes a row, hardware many: both are tested everywhere. */
const sample = sampleOps(gpu);
const wide = sampleOps(gpu, 128);
await gpu.ready();

const stops = [9, 21];
const fresh = { promptStart: 0, promptRows: 0, written: 0, limit: 100, seed: 0, sample: 0, token: 0, done: false };

/** Seeds and samples with every bit in use. */
const streams = (count: number): Slot[] =>
  Array.from({ length: count }, (_, i) => ({
    ...fresh,
    seed: Math.imul(i + 1, 0x9e3779b9) >>> 0,
    sample: i % 7,
    written: i % 3,
  }));

/** One draw for each slot from a row of logits each, in shards of `chunk` columns; what was recorded, the slots after. */
async function draw(
  all: readonly Slot[],
  logits: Float64Array,
  options: SamplingOptions,
  { chunk, ops = sample }: { chunk?: number; ops?: Sample } = {},
) {
  const vocabulary = logits.length / all.length;
  const stride4 = padTo4(vocabulary) / 4;
  const chunk4 = chunk === undefined ? stride4 : chunk / 4;
  const shape = { rows: all.length, vocabulary, stride4, chunk4, stopCount: stops.length, first: 1 };
  const state = indices(all.flatMap(slotWords));
  const picked = indices(new Array(3 * all.length + 3).fill(12345));
  const activeSlots = indices(all.map((_, i) => i));
  const views = { activeSlots, slots: state, stops: indices(stops), picked };
  ops.draw(shape, options, { ...views, logits: tensor(shards(logits, all.length, 4 * chunk4), 1, 1) });
  const words = await readIndices(picked);
  expect([...words.subarray(0, 3)], "another chunk step's entry").toEqual([12345, 12345, 12345]);
  const numbers = new Float32Array(words.buffer);
  return {
    tokens: all.map((_, i) => words[3 * i + 3]!),
    logprobs: all.map((_, i) => numbers[3 * i + 4]!),
    entropies: all.map((_, i) => numbers[3 * i + 5]!),
    slots: [...(await readIndices(state))].slice(0, all.length * SLOT_FIELDS),
  };
}

/** Rows padded to whole vec4 (with what must not be read), cut into columns, shard after shard. */
function shards(logits: Float64Array, rows: number, chunk: number): Float64Array {
  const vocabulary = logits.length / rows;
  const width = padTo4(vocabulary);
  const parts: number[] = [];
  for (let from = 0; from < width; from += chunk) {
    for (let row = 0; row < rows; row++) {
      for (let v = from; v < Math.min(width, from + chunk); v++)
        parts.push(v < vocabulary ? logits[row * vocabulary + v]! : 1e6);
    }
  }
  return Float64Array.from(parts);
}

/** Exponentials of at most `range` units of logits, V additions. */
const errorOf = (vocabulary: number, range: number) => rounded(2 * (vocabulary + 2 * (3 + 2 * range)), 1);

describe(`sample on ${name}: small vocabularies`, () => {
  it("draws exactly the token the generator's twin says where all tokens are alike", async () => {
    // Masses of exactly 1 and a power of two of them: the draw is ⌊u·V⌋ without any rounding.
    const [slots, vocabulary] = [streams(200), 512];
    const { tokens } = await draw(slots, new Float64Array(slots.length * vocabulary), { temperature: 1 });
    const expected = slots.map((s) => reference.pick(new Float64Array(vocabulary), 1, s).token);
    expect(tokens).toEqual(expected);
    expect(new Set(tokens).size).toBeGreaterThan(140);
  });

  it.each([0.7, 1, 1.5])(
    "draws from the distribution at temperature %f and reports its log-probability and entropy",
    async (temperature) => {
      const [slots, vocabulary] = [streams(200), 61];
      const logits = uniform(6, slots.length * vocabulary, -4, 4);
      const actual = await draw(slots, logits, { temperature });
      const expected = slots.map((s, i) =>
        reference.pick(logits.subarray(i * vocabulary, (i + 1) * vocabulary), temperature, s),
      );
      expectAgreement(actual, expected, errorOf(vocabulary, 8 / temperature));
    },
  );

  it.each([{}, { topK: 5 }])("takes the likeliest token at temperature 0, the first of equals: %j", async (cut) => {
    const slots = streams(3);
    const logits = uniform(7, 3 * 61, -4, 4);
    logits[5] = logits[50] = 4.5;
    const actual = await draw(slots, logits, { temperature: 0, ...cut });
    const expected = slots.map((s, i) => reference.pick(logits.subarray(i * 61, (i + 1) * 61), 0, s));
    expectAgreement(actual, expected, errorOf(61, 8));
    expect(actual.tokens[0]).toBe(5);
  });

  it.each([{}, { topK: 3 }])(
    "ends a slot at a stop token or the limit, leaves a finished one alone: %j",
    async (cut) => {
      const all: readonly Slot[] = [
        { ...fresh, written: 1, limit: 5 },
        { ...fresh, written: 1, limit: 5 },
        { ...fresh, written: 4, limit: 5 },
        { ...fresh, written: 2, limit: 5, token: 7, done: true },
        { ...fresh, written: 1, limit: 5 },
      ];
      const likely = [3, stops[0]!, 3, 3, stops[1]!];
      const logits = Float64Array.from({ length: 5 * 24 }, (_, i) => (i % 24 === likely[Math.floor(i / 24)] ? 99 : 0));
      const { slots: after } = await draw(all, logits, { temperature: 1, ...cut });
      const expected = all.map((s, i) => (s.done ? s : reference.write(s, likely[i]!, stops)));
      expect(after).toEqual(expected.flatMap(slotWords));
      expect(expected.map((s) => s.done)).toEqual([false, true, true, true, true]);
    },
  );
});

const SETTINGS: readonly SamplingOptions[] = [
  { temperature: 1 },
  { temperature: 0 },
  { temperature: 0.6, topK: 40 },
  { temperature: 1, topP: 0.9 },
  { temperature: 1.3, minP: 0.05 },
  { temperature: 0.8, topK: 500, topP: 0.95, minP: 0.01 },
  { temperature: 1, topK: 1 },
];

describe(`sample on ${name}: cuts and large vocabularies`, () => {
  /** Runs of a real vocabulary are costly in float64; few rows suffice, each has every number in it. */
  describe.each([
    { vocabulary: 61, rows: 40 },
    { vocabulary: 5003, rows: 16 },
    { vocabulary: 777, rows: 8, ops: wide },
    { vocabulary: 151_936, rows: 2 },
  ])("$vocabulary tokens", ({ vocabulary, rows, ops }) => {
    const slots = streams(rows);
    const logits = uniform(vocabulary, rows * vocabulary, -6, 6);

    it.each(SETTINGS)("draws what the twin draws: %j", async (options) => {
      const usesPick = vocabulary === 61 && Object.keys(options).length === 1;
      const expected = slots.map((s, i) => {
        const row = logits.subarray(i * vocabulary, (i + 1) * vocabulary);
        return usesPick ? reference.pick(row, options.temperature, s) : reference.race(row, options, s);
      });
      expectAgreement(await draw(slots, logits, options, { ops }), expected, errorOf(vocabulary / 16 + 128, 20));
    });
  });

  it("reads the shards of a table cut by rows as it reads a table in one piece", async () => {
    const [slots, vocabulary] = [streams(9), 3001];
    const logits = uniform(12, slots.length * vocabulary, -5, 5);
    for (const options of SETTINGS) {
      const whole = await draw(slots, logits, options);
      for (const chunk of [512, 1004, 3000, 3004]) expect(await draw(slots, logits, options, { chunk })).toEqual(whole);
    }
  });

  it("keeps ties, negative zeros, and logits of every size", async () => {
    const slots = streams(400);
    const values = [-0, 0, 0, -1e4, -1e-30, 1e-30, -3, 2.5, 2.5, 2.5];
    const logits = Float64Array.from({ length: slots.length * values.length }, (_, i) => values[i % values.length]!);
    const drawn = async (options: object) =>
      [...new Set((await draw(slots, logits, { temperature: 1, ...options })).tokens)].sort((a, b) => a - b);
    expect(await drawn({ topK: 1 })).toEqual([7, 8, 9]);
    expect(await drawn({ topK: 4 })).toEqual([5, 7, 8, 9]);
    expect(await drawn({ topK: 5 })).toEqual([0, 1, 2, 5, 7, 8, 9]);
    expect(await drawn({ topP: 0.5 })).toEqual([7, 8, 9]);
    expect(await drawn({ minP: 0.9 })).toEqual([7, 8, 9]);
    expect(await drawn({ minP: 1 })).toEqual([7, 8, 9]);
  });

  it.each([
    { lanes: 16, ops: undefined },
    { lanes: 128, ops: wide },
  ])("takes the first of equals at temperature 0, whichever of $lanes lanes finds it", async ({ lanes, ops }) => {
    const vocabulary = 8 * lanes + 500;
    // Every lane has four columns at a time: the first of these two lies in the last lane, the other in lane 2.
    const equals = [4 * (lanes - 1), 4 * (lanes + 2)];
    const logits = uniform(3, vocabulary, -4, 4);
    for (const token of equals) logits[token] = 5;
    const { tokens } = await draw(streams(1), logits, { temperature: 0 }, { ops });
    expect(tokens).toEqual([equals[0]]);
  });

  it.each([{}, { topK: 20 }, { topP: 0.7 }, { minP: 0.1 }, { topK: 30, topP: 0.9 }])(
    "draws as often as float64 probabilities say: %j",
    async (cut) => {
      const options = { temperature: 0.9, ...cut };
      const vocabulary = 2500;
      const row = uniform(31, vocabulary, -9, 3);
      const rows = 500;
      const tokens: number[] = [];
      const logits = Float64Array.from({ length: rows * vocabulary }, (_, i) => row[i % vocabulary]!);
      for (let round = 0; round < 8; round++) {
        const slots = streams(rows).map((s) => ({ ...s, seed: s.seed ^ round }));
        tokens.push(...(await draw(slots, logits, options)).tokens);
      }
      const { sum, freedom } = chiSquare(tokens, reference.drawnFrom(row, options));
      expect(freedom).toBeGreaterThan(15);
      expect(sum).toBeLessThan(critical(freedom));
    },
  );
});

/** Where the reference's outcome is clear (nearly always), the same token; log p and entropy within `limit`. */
function expectAgreement(
  actual: Awaited<ReturnType<typeof draw>>,
  expected: readonly reference.Drawn[],
  limit: number,
): void {
  // The margin of a race is in units of logits: those of size 20 with a rounding each, and the logarithm's 2⁻²¹.
  const clear = expected.flatMap((e, i) => (e.margin > limit + 2 ** -18 ? [i] : []));
  expect(clear.length).toBeGreaterThanOrEqual(0.97 * expected.length);
  expect(clear.map((i) => actual.tokens[i])).toEqual(clear.map((i) => expected[i]!.token));
  const agree = (key: "logprobs" | "entropies", of: (e: reference.Drawn) => number): void =>
    expectAllclose(
      clear.map((i) => actual[key][i]!),
      clear.map((i) => of(expected[i]!)),
      limit + rounded(8, 30),
    );
  agree("logprobs", (e) => e.logprob);
  agree("entropies", (e) => e.entropy);
}
