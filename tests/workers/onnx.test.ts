import { describe, expect, it, vi } from "vitest";
import { parseConfig } from "../../src/model/config";
import { scriptedTokenizer } from "../train/scripted";

const CONFIG = {
  ...{ model_type: "llama", vocab_size: 6, hidden_size: 4, intermediate_size: 4, num_hidden_layers: 1 },
  num_attention_heads: 1,
};

/** Whatever is asked, the graph says 2, 3, 4, 5 and begins again. */
vi.mock("onnxruntime-web/ort-wasm-simd-threaded.wasm?url", () => ({ default: "" }));
vi.mock("onnxruntime-web/wasm", () => {
  class Tensor {
    constructor(
      readonly type: string,
      readonly data: ArrayLike<unknown>,
      readonly dims: readonly number[],
    ) {}
  }
  const session = (calls = 0) => ({
    run: async () => {
      const said = 2 + (calls++ % 4);
      const data = Float32Array.from({ length: 6 }, (_, token) => (token === said ? 1 : 0));
      return { logits: { data }, "present.0.key": null, "present.0.value": null };
    },
    release: async () => {},
  });
  return { env: { wasm: {} }, Tensor, InferenceSession: { create: async () => session() } };
});

const { OnnxPolicy } = await import("../../src/workers/onnx");

async function completion(eos_token_id: unknown) {
  const policy = await OnnxPolicy.open([], parseConfig({ ...CONFIG, eos_token_id }), { tokenizer: scriptedTokenizer });
  const writing = policy.generate([{ tokens: Int32Array.of(1), samples: 1, maxNewTokens: 6, seed: 0 }]);
  let next = await writing.next();
  while (!next.done) next = await writing.next();
  return next.value[0]?.[0];
}

describe("an exported model", () => {
  it.each([
    ["its first end token", [3, 5], [2, 3], "eos"],
    ["another of them", [1, 4], [2, 3, 4], "eos"],
    ["its limit", [1], [2, 3, 4, 5, 2, 3], "length"],
  ])("writes until %s", async (_, ends, tokens, stop) => {
    const written = await completion(ends);
    expect(Array.from(written?.tokens ?? [])).toEqual(tokens);
    expect(written?.stop).toBe(stop);
  });
});
