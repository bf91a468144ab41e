import { describe, it } from "vitest";
import { expectAllclose } from "./allclose";
import * as attention from "./attention";
import * as decode from "./decode";
import { uniform } from "./numbers";

const slot = { promptStart: 0, promptRows: 0, written: 0, limit: 9, seed: 7, sample: 0, token: 0, done: false };

describe("decode reference", () => {
  it("attends as the last row of causal attention does", () => {
    const shape = { queryHeads: 4, keyHeads: 2, headDim: 3 };
    const qkv = uniform(1, 5 * attention.qkvWidth(shape));
    const cache = decode.append(shape, qkv, [0, 1, 2, 3, 4], new Float64Array(5 * decode.cacheWidth(shape)));
    const [prompt, own] = [cache.subarray(0, 3 * 12), cache.subarray(3 * 12)];
    const newest = qkv.subarray(4 * attention.qkvWidth(shape));
    const written = { ...slot, promptRows: 3, written: 1 };
    const out = decode.attend(shape, 2, newest, [0], [written], prompt, own);
    expectAllclose(out, attention.forward(shape, [5], qkv).out.subarray(4 * 12), 1e-12);
  });
});
