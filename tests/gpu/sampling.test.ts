import { describe, expect, it } from "vitest";
import type { SamplingOptions } from "../../src/contracts";
import { headRowsFor } from "../../src/model/caches";
import { expectAllclose } from "../reference/allclose";
import { chiSquare, critical } from "../reference/chi-square";
import { drawnFrom } from "../reference/sample";
import { createTiny, finish, generationRequests, openTestEngine, POLICY, TINY } from "./models";

const { engine, name } = await openTestEngine();

describe(`sampling on ${name}`, () => {
  const settings: readonly SamplingOptions[] = [
    { temperature: 1 },
    { temperature: 0.5 },
    { temperature: 1, topK: 9 },
    { temperature: 1, topP: 0.8 },
    { temperature: 1.2, topK: 20, topP: 0.9, minP: 0.02 },
  ];

  it.each(settings)("follows the float64 probabilities for the first token and after it: %j", async (options) => {
    const model = await createTiny(engine, { slots: 256, capacity: 2 });
    const expected = async (context: readonly number[]) =>
      drawnFrom(Float64Array.from((await model.logits([Int32Array.from(context)])).slice(-TINY.vocab_size)), options);
    const { tokens } = generationRequests()[2]!;
    const request = { tokens, samples: 3000, maxNewTokens: 2, seed: 20260 };
    const [samples = []] = await finish(model.generate([request], options));
    const firsts = samples.map((s) => s.tokens[0]!);
    const first = chiSquare(firsts, await expected([...tokens]));
    expect(first.freedom).toBeGreaterThan(3);
    expect(first.sum).toBeLessThan(critical(first.freedom));

    const counts = firsts.map((token) => firsts.filter((one) => one === token).length);
    const common = firsts[counts.indexOf(Math.max(...counts))]!;
    const followers = samples.filter((s) => s.tokens[0] === common).map((s) => s.tokens[1]!);
    const second = chiSquare(followers, await expected([...tokens, common]));
    expect(second.freedom).toBeGreaterThan(2);
    expect(second.sum).toBeLessThan(critical(second.freedom));
    model.destroy();
  });
});

describe(`a large vocabulary on ${name}`, () => {
  const config = {
    ...TINY,
    vocab_size: 151_936,
    hidden_size: 8,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    head_dim: 4,
    eos_token_id: 151_935,
    tie_word_embeddings: true,
  };
  const plan = { capacity: 4, chunk: 2, trainingRows: 32 };
  const request = { tokens: Int32Array.of(150_000, 3, 77_777), samples: 70, maxNewTokens: 2, seed: 8 };

  it("holds the logits of 64 slots at most, and draws the same tokens as with few slots", async () => {
    expect(headRowsFor(256, config.vocab_size)).toBe(64);
    expect(headRowsFor(256, 151)).toBe(256);
    const many = await createTiny(engine, { ...plan, slots: 70 }, config);
    const few = await createTiny(engine, { ...plan, slots: 5 }, config);
    const [expected = []] = await finish(many.generate([request], { temperature: 0.7 }));
    const [head = []] = await finish(few.generate([{ ...request, samples: 7 }], { temperature: 0.7 }));
    expect(head).toEqual(expected.slice(0, 7));
    expect(new Set(expected.map((s) => s.tokens[0])).size).toBeGreaterThan(40);
    const sequence = { prompt: request.tokens, completion: expected[68]!.tokens };
    const training = { ...sequence, advantage: 1, oldLogprobs: expected[68]!.logprobs };
    const { logprobs, entropies } = await few.gradients([training], { ...POLICY, temperature: 0.7 });
    expectAllclose(logprobs, expected[68]!.logprobs, 1e-4);
    expectAllclose(entropies, expected[68]!.entropies, 1e-4);
    many.destroy();
    few.destroy();
  });
});
