import { describe, expect, it } from "vitest";
import type { Completion, SamplingRequest } from "../../src/contracts";
import { expectAllclose } from "../reference/allclose";
import { integers } from "../reference/numbers";
import { createTiny, finish, openTestEngine, POLICY, TINY, trainingSequences } from "./models";

const { engine, name } = await openTestEngine();
/** The second model reads its prompts in three rounds and refills its four slots all the time. */
const wide = await createTiny(engine, { slots: 64, chunk: 8 });
const narrow = await createTiny(engine, { slots: 4, chunk: 3, promptRows: 40 });

const prompts = [1, 2, 5, 17, 30, 5].map((length, i) => Int32Array.from(integers(i, length, TINY.vocab_size)));
const requests: readonly SamplingRequest[] = prompts.map((tokens, i) => ({
  tokens,
  samples: 1 + (i % 4),
  maxNewTokens: [1, 7, 12][i % 3]!,
  seed: 0xdeadbeef + i,
}));
const all = { temperature: 1 };

describe(`generation on ${name}`, () => {
  it("writes the same tokens whatever the number of slots and the order of requests", async () => {
    const expected = await finish(wide.generate(requests, all));
    const answers = [
      await finish(wide.generate(requests, all)),
      await finish(narrow.generate(requests, all)),
      (await finish(narrow.generate([...requests].reverse(), all))).reverse(),
    ];
    for (const answer of answers) expect(answer).toEqual(expected);
    expect(new Set(expected.flat().map((c) => c.tokens.join())).size).toBeGreaterThan(6);
  });

  it("writes other tokens for another seed, and for every sample of a request", async () => {
    const request = { tokens: prompts[4]!, samples: 6, maxNewTokens: 12, seed: 5 };
    const [first = [], second = []] = await finish(wide.generate([request, { ...request, seed: 6 }], all));
    expect(new Set([...first, ...second].map((c) => c.tokens.join())).size).toBe(12);
  });

  it("says while it writes what it answers in the end", async () => {
    const written = new Map<string, number[]>();
    const ended: { key: string; chunk: number; completion: unknown }[] = [];
    let chunks = 0;
    const answer = await finish(narrow.generate(requests, all), (chunk) => {
      chunks++;
      for (const { request, sample, tokens, completion } of chunk) {
        const key = `${request}/${sample}`;
        written.set(key, [...(written.get(key) ?? []), ...tokens]);
        if (completion) ended.push({ key, chunk: chunks, completion });
      }
    });
    expect(new Map(ended.map(({ key, completion }) => [key, completion]))).toEqual(
      new Map(answer.flatMap((samples, r) => samples.map((completion, s) => [`${r}/${s}`, completion]))),
    );
    expect(ended.length).toBe(answer.flat().length);
    expect(ended[0]?.chunk).toBeLessThan(chunks);
    answer.forEach((samples, r) => {
      samples.forEach(({ tokens }, s) => {
        expect(written.get(`${r}/${s}`)).toEqual([...tokens]);
      });
    });
  });

  it("stops at the end token or at the limit, and says which", async () => {
    const config = { ...TINY, vocab_size: 5, eos_token_id: 3 };
    const model = await createTiny(engine, {}, config);
    const request = { tokens: Int32Array.of(1, 2), samples: 40, maxNewTokens: 6, seed: 1 };
    const [samples = []] = await finish(model.generate([request], all));
    for (const { tokens, stop, logprobs } of samples) {
      expect(logprobs.length).toBe(tokens.length);
      expect(tokens.indexOf(3)).toBe(stop === "eos" ? tokens.length - 1 : -1);
      if (stop === "length") expect(tokens.length).toBe(6);
    }
    expect(new Set(samples.map((s) => s.stop)).size).toBe(2);
    model.destroy();
  });

  it("reports the log-probabilities that the training forward computes", async () => {
    for (const temperature of [1, 0.6]) {
      const answer = await finish(wide.generate(requests, { temperature }));
      const sequences = answer.flatMap((samples, r) =>
        samples.map(({ tokens, logprobs }) => ({
          prompt: prompts[r]!,
          completion: tokens,
          advantage: 1,
          oldLogprobs: logprobs,
        })),
      );
      const { logprobs, metrics } = await wide.gradients(sequences, { ...POLICY, temperature, klCoefficient: 0 });
      const sampled = sequences.flatMap((s) => [...s.oldLogprobs]);
      expectAllclose(logprobs, sampled, 1e-4);
      expect(metrics.logprobGap).toBeLessThan(1e-4);
      if (temperature === 1)
        expectAllclose(
          (await wide.score(sequences)).flatMap((s) => [...s]),
          sampled,
          1e-4,
        );
    }
  });

  it("is greedy at temperature 0: the likeliest token, recomputed from scratch each time", async () => {
    for (const tokens of [prompts[0]!, prompts[3]!]) {
      const request = { tokens, samples: 1, maxNewTokens: 12, seed: 9 };
      const [[completion] = []] = await finish(wide.generate([request], { temperature: 0 }));
      const written = [...tokens];
      for (const token of (completion as Completion).tokens) {
        const logits = await wide.logits([Int32Array.from(written)]);
        const last = logits.subarray(logits.length - TINY.vocab_size);
        expect(token).toBe(last.indexOf(Math.max(...last)));
        written.push(token);
      }
    }
  });

  it("ends at the model's context, and at the slot's capacity", async () => {
    const model = await createTiny(engine, { capacity: 5, promptRows: 512 });
    const near = new Int32Array(model.contextLength - 3).fill(1);
    const request = { tokens: near, samples: 1, maxNewTokens: 40, seed: 1 };
    const answer = await finish(
      model.generate([request, { ...request, tokens: near.subarray(0, 9) }], { temperature: 0 }),
    );
    expect(answer.map(([sample]) => [sample?.tokens.length, sample?.stop])).toEqual([
      [3, "length"],
      [5, "length"],
    ]);
    model.destroy();
  });

  it("answers no request with nothing, and no samples with none", async () => {
    expect(await finish(wide.generate([], all))).toEqual([]);
    expect(await finish(wide.generate([{ ...requests[0]!, samples: 0 }], all))).toEqual([[]]);
  });

  it("refuses an empty prompt, an empty completion and a prompt that no cache holds", async () => {
    const request = { samples: 1, maxNewTokens: 1, seed: 1 };
    const nothing = { ...request, tokens: prompts[1]!, maxNewTokens: 0 };
    await expect(finish(narrow.generate([nothing], all))).rejects.toThrow(/0 new tokens/);
    await expect(finish(narrow.generate([{ ...request, tokens: Int32Array.of() }], all))).rejects.toThrow(
      /empty prompt/,
    );
    await expect(finish(narrow.generate([{ ...request, tokens: new Int32Array(50) }], all))).rejects.toThrow(
      /50 tokens/,
    );
    const whole = new Int32Array(wide.contextLength);
    await expect(finish(wide.generate([{ ...request, tokens: whole }], all))).rejects.toThrow(/256 tokens/);
  });

  it("refuses to score or learn from more tokens than the context holds: there are no rotations for them", async () => {
    const long = {
      prompt: new Int32Array(250),
      completion: new Int32Array(7),
      advantage: 1,
      oldLogprobs: new Float32Array(7),
    };
    const model = await createTiny(engine, { trainingRows: 300 });
    await expect(model.score([long])).rejects.toThrow(/257 tokens.*256/);
    await expect(model.update([long], POLICY, 0.1)).rejects.toThrow(/257 tokens.*256/);
    model.destroy();
  });
});

describe(`sampling on ${name}`, () => {
  /** 3.1 standard deviations above the mean of χ² (Wilson and Hilferty 1931): probability 0.001. */
  const critical = (freedom: number): number => {
    const variance = 2 / (9 * freedom);
    return freedom * (1 - variance + 3.1 * Math.sqrt(variance)) ** 3;
  };

  /** χ² of counts against softmax(logits / temperature); tokens expected fewer than five times are one class. */
  function chiSquare(tokens: readonly number[], logits: Float32Array, temperature: number) {
    const masses = Array.from(logits, (logit) => Math.exp(logit / temperature));
    const total = masses.reduce((a, b) => a + b);
    const expected = masses.map((mass) => (mass / total) * tokens.length);
    const rare = { observed: 0, expected: 0 };
    let sum = 0;
    let classes = 0;
    expected.forEach((count, token) => {
      const observed = tokens.filter((one) => one === token).length;
      if (count >= 5) {
        sum += (observed - count) ** 2 / count;
        classes++;
      } else {
        rare.observed += observed;
        rare.expected += count;
      }
    });
    if (rare.expected < 5) return { sum, freedom: classes - 1 };
    return { sum: sum + (rare.observed - rare.expected) ** 2 / rare.expected, freedom: classes };
  }

  it.each([1, 0.5])(
    "follows softmax(logits / temperature) at %f, for the first token and after it",
    async (temperature) => {
      const model = await createTiny(engine, { slots: 256, capacity: 2 });
      const prompt = prompts[2]!;
      const request = { tokens: prompt, samples: 3000, maxNewTokens: 2, seed: 20260 };
      const [samples = []] = await finish(model.generate([request], { temperature }));
      const firsts = samples.map((s) => s.tokens[0]!);
      const first = chiSquare(firsts, (await model.logits([prompt])).slice(-TINY.vocab_size), temperature);
      expect(first.freedom).toBeGreaterThan(5);
      expect(first.sum).toBeLessThan(critical(first.freedom));

      const counts = firsts.map((token) => firsts.filter((one) => one === token).length);
      const common = firsts[counts.indexOf(Math.max(...counts))]!;
      const followers = samples.filter((s) => s.tokens[0] === common).map((s) => s.tokens[1]!);
      const context = Int32Array.from([...prompt, common]);
      const second = chiSquare(followers, (await model.logits([context])).slice(-TINY.vocab_size), temperature);
      expect(second.freedom).toBeGreaterThan(3);
      expect(second.sum).toBeLessThan(critical(second.freedom));
      model.destroy();
    },
  );
});

describe(`a frozen reference on ${name}`, () => {
  it("keeps writing and scoring as the model did when it was frozen", async () => {
    const model = await createTiny(engine);
    const reference = await model.freezeReference();
    const sequences = trainingSequences();
    const before = await model.score(sequences);
    const written = await finish(model.generate(requests, all));
    await model.update(sequences, POLICY, 0.05);
    expect(await reference.score(sequences)).toEqual(before);
    expect(await finish(reference.generate(requests, all))).toEqual(written);
    expect(await model.score(sequences)).not.toEqual(before);
    model.destroy();
  });

  it("can be made of the weights the model was loaded with, after it has changed", async () => {
    const model = await createTiny(engine);
    const weights = await model.tensors();
    const written = await finish(model.generate(requests, all));
    await model.update(trainingSequences(), POLICY, 0.05);
    expect(await finish(model.generate(requests, all))).not.toEqual(written);
    expect(await finish(model.freezeWeights(weights).generate(requests, all))).toEqual(written);
    model.destroy();
  });
});
