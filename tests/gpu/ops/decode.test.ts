import { describe, expect, it } from "vitest";
import { decodeOps, SLOT_FIELDS } from "../../../src/ops/decode";
import { expectAllclose, rounded } from "../../reference/allclose";
import { type HeadShape, qkvWidth } from "../../reference/attention";
import * as reference from "../../reference/decode";
import { uniform } from "../../reference/numbers";
import { openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, result, indices, read, readIndices } = await openTestDevice();

const geometries: readonly HeadShape[] = [
  { queryHeads: 6, keyHeads: 2, headDim: 10 },
  { queryHeads: 2, keyHeads: 2, headDim: 12 },
];
const capacity = 5;
const promptRows = 70;
const fresh = { promptStart: 0, promptRows: 0, written: 0, limit: capacity, seed: 0, sample: 0, token: 0, done: false };
/** No prompt but its last token; a long one; a short one behind it; and one that is not active. */
const slots: readonly reference.Slot[] = [
  { ...fresh, promptRows: 0, written: 0 },
  { ...fresh, promptRows: 61, written: 4 },
  { ...fresh, promptRows: 0, written: 3 },
  { ...fresh, promptStart: 61, promptRows: 3, written: 2 },
];
const active = [3, 0, 1];

const slotWords = (s: reference.Slot): number[] => [
  s.promptStart,
  s.promptRows,
  s.written,
  s.limit,
  s.seed,
  s.sample,
  s.token,
  s.done ? 1 : 0,
];

describe.each(geometries)(`decode on ${name}: heads $queryHeads:$keyHeads of $headDim`, (shape) => {
  const decode = decodeOps(gpu, shape);
  const { queryHeads, headDim } = shape;
  const width = reference.cacheWidth(shape);

  it("append puts keys and values into their rows of the cache and nothing elsewhere", async () => {
    await gpu.ready();
    const qkv = uniform(1, 5 * qkvWidth(shape));
    const before = uniform(2, 9 * width);
    const cache = tensor(before, headDim);
    decode.append(5, tensor(qkv, headDim), indices([7, 0, 3, 8, 1]), cache);
    expectAllclose(await read(cache), reference.append(shape, qkv, [7, 0, 3, 8, 1], before), 0);
  });

  it("attend sees each slot's prompt and own tokens, and no other slot's", async () => {
    await gpu.ready();
    const qkv = uniform(3, active.length * qkvWidth(shape));
    const prompt = uniform(4, promptRows * width);
    const own = uniform(5, slots.length * capacity * width);
    const out = result(active.length * queryHeads, headDim);
    const views = { activeSlots: indices(active), slots: indices(slots.flatMap(slotWords)) };
    const tensors = { qkv: tensor(qkv, headDim), prompt: tensor(prompt, headDim), own: tensor(own, headDim), out };
    decode.attend(active.length, capacity, { ...views, ...tensors });
    const expected = reference.attend(shape, capacity, qkv, active, slots, prompt, own);
    // As in attention.test.ts: scores of D products, exponentials of at most 2√D, one addition a key, twice for rescaling.
    const root = Math.sqrt(headDim);
    const roundings = 2 * ((headDim + 3) * root + 2 * (3 + 4 * root) + 66);
    expectAllclose(await read(out), expected, rounded(roundings, 1));
  });
});

describe(`decode on ${name}: sampling`, () => {
  const decode = decodeOps(gpu, geometries[0] as HeadShape);
  const endToken = 9;

  /** One draw for each slot, from one row of logits each; [token, log p] and the slots afterwards. */
  async function draw(all: readonly reference.Slot[], logits: Float64Array, temperature: number) {
    await gpu.ready();
    const vocabulary = logits.length / all.length;
    const stride4 = padTo4(vocabulary) / 4;
    const shape = { active: all.length, capacity, temperature, vocabulary, stride4, endToken, chunkOffset: 1 };
    const state = indices(all.flatMap(slotWords));
    const picked = indices(new Array(2 * all.length + 2).fill(12345));
    const activeSlots = indices(all.map((_, i) => i));
    decode.pick(shape, { activeSlots, slots: state, logits: tensor(logits, vocabulary), picked });
    const words = await readIndices(picked);
    expect([...words.subarray(0, 2)], "another chunk step's entry").toEqual([12345, 12345]);
    const numbers = new Float32Array(words.buffer);
    return {
      tokens: all.map((_, i) => words[2 * i + 2]!),
      logprobs: all.map((_, i) => numbers[2 * i + 3]!),
      slots: [...(await readIndices(state))].slice(0, all.length * SLOT_FIELDS),
    };
  }

  /** Seeds and samples with every bit in use. */
  const streams = Array.from({ length: 200 }, (_, i) => ({
    ...fresh,
    seed: Math.imul(i + 1, 0x9e3779b9) >>> 0,
    sample: i % 7,
    written: i % 3,
    limit: 100,
  }));

  it("draws exactly the token the generator's twin says where all tokens are alike", async () => {
    // Masses of exactly 1 and a power of two of them: the draw is ⌊u·V⌋ without any rounding.
    const vocabulary = 4096;
    const { tokens } = await draw(streams, new Float64Array(streams.length * vocabulary), 1);
    const expected = streams.map((s) => reference.pick(new Float64Array(vocabulary), 1, s).token);
    expect(tokens).toEqual(expected);
    expect(new Set(tokens).size).toBeGreaterThan(150);
  });

  it.each([0.7, 1, 1.5])(
    "draws from the distribution at temperature %f and reports its log-probability",
    async (temperature) => {
      const vocabulary = 61;
      const logits = uniform(6, streams.length * vocabulary, -4, 4);
      const actual = await draw(streams, logits, temperature);
      const expected = streams.map((s, i) =>
        reference.pick(logits.subarray(i * vocabulary, (i + 1) * vocabulary), temperature, s),
      );
      // Exponentials of at most 12 and V additions: a draw nearer than this to another token may fall either way.
      const limit = rounded(2 * (vocabulary + 2 * (3 + 2 * 12)), 1);
      const clear = expected.flatMap((e, i) => (e.margin > limit ? [i] : []));
      expect(clear.length).toBeGreaterThan(0.99 * streams.length);
      expect(clear.map((i) => actual.tokens[i])).toEqual(clear.map((i) => expected[i]!.token));
      const logprobs = clear.map((i) => expected[i]!.logprob);
      expectAllclose(
        clear.map((i) => actual.logprobs[i]!),
        logprobs,
        limit + rounded(6, 12),
      );
    },
  );

  it("takes the likeliest token at temperature 0, the first of equals, with log p at temperature 1", async () => {
    const logits = uniform(7, 3 * 61, -4, 4);
    logits[5] = logits[50] = 4.5;
    const slotsOfThree = streams.slice(0, 3);
    const actual = await draw(slotsOfThree, logits, 0);
    const expected = slotsOfThree.map((s, i) => reference.pick(logits.subarray(i * 61, (i + 1) * 61), 0, s));
    expect(actual.tokens).toEqual(expected.map((e) => e.token));
    expect(actual.tokens[0]).toBe(5);
    expectAllclose(
      actual.logprobs,
      expected.map((e) => e.logprob),
      rounded(61 + 2 * 20, 1) + rounded(2, 8),
    );
  });

  it("ends a slot at the end token or the limit and leaves a finished one alone", async () => {
    const all: readonly reference.Slot[] = [
      { ...fresh, written: 1, limit: 5 },
      { ...fresh, written: 1, limit: 5 },
      { ...fresh, written: 4, limit: 5 },
      { ...fresh, written: 2, limit: 5, token: 7, done: true },
    ];
    const likely = [3, endToken, 3, 3];
    const logits = Float64Array.from({ length: 4 * 12 }, (_, i) => (i % 12 === likely[Math.floor(i / 12)] ? 9 : 0));
    const { slots: after } = await draw(all, logits, 0);
    const expected = all.map((s, i) => (s.done ? s : reference.write(s, likely[i]!, endToken)));
    expect(after).toEqual(expected.flatMap(slotWords));
    expect(expected.map((s) => s.done)).toEqual([false, true, true, true]);
  });

  it("advances to the next token's position and row", async () => {
    const all: readonly reference.Slot[] = [
      { ...fresh, promptRows: 7, written: 0, token: 11 },
      { ...fresh, promptRows: 3, written: 2, token: 12 },
      { ...fresh, promptRows: 4, written: capacity, limit: capacity, token: 13, done: true },
    ];
    const order = [2, 0, 1];
    const shape = { active: 3, capacity, temperature: 1, vocabulary: 61, stride4: 16, endToken, chunkOffset: 0 };
    const outputs = { tokens: indices([0, 0, 0]), positions: indices([0, 0, 0]), ownRows: indices([0, 0, 0]) };
    decode.advance(shape, { activeSlots: indices(order), slots: indices(all.flatMap(slotWords)), ...outputs });
    const expected = order.map((s) => ({ slot: s, ...reference.advance(all[s]!) }));
    const three = async (key: keyof typeof outputs) => [...(await readIndices(outputs[key]))].slice(0, 3);
    expect(await three("tokens")).toEqual(expected.map((e) => e.token));
    expect(await three("positions")).toEqual(expected.map((e) => e.position));
    expect(await three("ownRows")).toEqual(expected.map((e) => e.slot * capacity + e.ownRow));
  });
});
