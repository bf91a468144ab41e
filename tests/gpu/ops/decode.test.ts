import { describe, expect, it } from "vitest";
import { decodeOps } from "../../../src/ops/decode";
import { expectAllclose, rounded } from "../../reference/allclose";
import { type HeadShape, qkvWidth } from "../../reference/attention";
import * as reference from "../../reference/decode";
import { uniform } from "../../reference/numbers";
import { openTestDevice } from "../tensors";

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
    const views = { activeSlots: indices(active), slots: indices(slots.flatMap(reference.slotWords)) };
    const tensors = { qkv: tensor(qkv, headDim), prompt: tensor(prompt, headDim), own: tensor(own, headDim), out };
    decode.attend(active.length, capacity, { ...views, ...tensors });
    const expected = reference.attend(shape, capacity, qkv, active, slots, prompt, own);
    // As in attention.test.ts: scores of D products, exponentials of at most 2√D, one addition a key, twice for rescaling.
    const root = Math.sqrt(headDim);
    const roundings = 2 * ((headDim + 3) * root + 2 * (3 + 4 * root) + 66);
    expectAllclose(await read(out), expected, rounded(roundings, 1));
  });
});

describe(`decode on ${name}: the next input`, () => {
  const decode = decodeOps(gpu, geometries[0] as HeadShape);

  it("advances to the next token's position and row", async () => {
    const all: readonly reference.Slot[] = [
      { ...fresh, promptRows: 7, written: 0, token: 11 },
      { ...fresh, promptRows: 3, written: 2, token: 12 },
      { ...fresh, promptRows: 4, written: capacity, limit: capacity, token: 13, done: true },
    ];
    const order = [2, 0, 1];
    await gpu.ready();
    const outputs = { tokens: indices([0, 0, 0]), positions: indices([0, 0, 0]), ownRows: indices([0, 0, 0]) };
    const views = { activeSlots: indices(order), slots: indices(all.flatMap(reference.slotWords)) };
    decode.advance(3, capacity, { ...views, ...outputs });
    const expected = order.map((s) => ({ slot: s, ...reference.advance(all[s]!) }));
    const three = async (key: keyof typeof outputs) => [...(await readIndices(outputs[key]))].slice(0, 3);
    expect(await three("tokens")).toEqual(expected.map((e) => e.token));
    expect(await three("positions")).toEqual(expected.map((e) => e.position));
    expect(await three("ownRows")).toEqual(expected.map((e) => e.slot * capacity + e.ownRow));
  });
});
