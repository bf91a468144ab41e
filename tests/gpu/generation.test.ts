import { describe, expect, it } from "vitest";
import type { Completion } from "../../src/contracts";
import { expectAllclose } from "../reference/allclose";
import { integers } from "../reference/numbers";
import {
  createTiny,
  finish,
  generationRequests,
  openTestEngine,
  POLICY,
  randomWeights,
  TINY,
  TINY_PLAN,
} from "./models";

const { engine, name } = await openTestEngine();
/** The second model reads its prompts in three rounds and refills its four slots all the time. */
const wide = await createTiny(engine, { slots: 64, chunk: 8 });
const narrow = await createTiny(engine, { slots: 4, chunk: 3, promptRows: 40 });

const requests = generationRequests();
const prompts = requests.map(({ tokens }) => tokens);
const all = { temperature: 1 };

describe(`generation on ${name}`, () => {
  it.each([all, { temperature: 0.9, topK: 30, topP: 0.95, minP: 0.01 }])(
    "writes the same tokens whatever the number of slots and the order of requests: %j",
    async (options) => {
      const expected = await finish(wide.generate(requests, options));
      const answers = [
        await finish(wide.generate(requests, options)),
        await finish(narrow.generate(requests, options)),
        (await finish(narrow.generate([...requests].reverse(), options))).reverse(),
      ];
      for (const answer of answers) expect(answer).toEqual(expected);
      expect(new Set(expected.flat().map((c) => c.tokens.join())).size).toBeGreaterThan(6);
    },
  );

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

  it("stops at each of several end tokens", async () => {
    const model = await createTiny(engine, {}, { ...TINY, vocab_size: 5, eos_token_id: [3, 1] });
    const request = { tokens: Int32Array.of(4, 2), samples: 40, maxNewTokens: 6, seed: 1 };
    const [samples = []] = await finish(model.generate([request], all));
    for (const { tokens, stop } of samples) {
      const first = tokens.findIndex((token) => token === 3 || token === 1);
      expect(first).toBe(stop === "eos" ? tokens.length - 1 : -1);
    }
    const last = samples.filter(({ stop }) => stop === "eos").map(({ tokens }) => tokens.at(-1));
    expect(new Set(last)).toEqual(new Set([3, 1]));
    model.destroy();
  });

  it.each([{ temperature: 1 }, { temperature: 0.6 }, { temperature: 0.8, topK: 5, topP: 0.9 }])(
    "reports the log-probabilities and entropies that the training forward computes: %j",
    async (options) => {
      const answer = await finish(wide.generate(requests, options));
      const sequences = answer.flatMap((samples, r) =>
        samples.map(({ tokens, logprobs }) => ({
          prompt: prompts[r]!,
          completion: tokens,
          advantage: 1,
          oldLogprobs: logprobs,
        })),
      );
      const loss = { ...POLICY, temperature: options.temperature, klCoefficient: 0 };
      const { logprobs, entropies, metrics } = await wide.gradients(sequences, loss);
      const sampled = sequences.flatMap((s) => [...s.oldLogprobs]);
      // Cuts are found by another kernel, whose sums have another order.
      const isCut = "topK" in options;
      const same = (ours: ArrayLike<number>, theirs: readonly number[]) =>
        isCut ? expectAllclose(ours, theirs, 1e-4) : expect(Array.from(ours)).toEqual(theirs);
      same(logprobs, sampled);
      const seen = answer.flat().flatMap((completion) => [...completion.entropies]);
      expectAllclose(entropies, seen, 1e-4);
      if (isCut) expect(metrics.logprobGap).toBeLessThan(1e-4);
      else expect(metrics.logprobGap).toBe(0);
      if (options.temperature === 1) expect((await wide.score(sequences)).flatMap((s) => [...s])).toEqual(sampled);
    },
  );

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

  it("ends at the model's context", async () => {
    const near = new Int32Array(wide.contextLength - 3).fill(1);
    const model = await createTiny(engine, { promptRows: 512 });
    const request = { tokens: near, samples: 1, maxNewTokens: 20, seed: 1 };
    const [[sample] = []] = await finish(model.generate([request], { temperature: 0 }));
    expect([sample?.tokens.length, sample?.stop]).toEqual([3, "length"]);
    model.destroy();
  });

  it("writes one token after one token", async () => {
    const request = { tokens: Int32Array.of(7), samples: 3, maxNewTokens: 1, seed: 3 };
    const [samples = []] = await finish(narrow.generate([request], all));
    expect(
      samples.map(({ tokens, logprobs, entropies }) => [tokens.length, logprobs.length, entropies.length]),
    ).toEqual([1, 2, 3].map(() => [1, 1, 1]));
  });

  it("gives the slots of finished samples to those that wait: no step is longer than the work left", async () => {
    const lengths = [24, 3, 3, 3, 3, 3, 3, 3, 3];
    const queue = lengths.map((maxNewTokens, i) => ({
      tokens: Int32Array.from(integers(i, 1 + 3 * i, 50)),
      samples: 1,
      maxNewTokens,
      seed: i,
    }));
    // Neither the configuration nor a tokenizer names a token that ends.
    const endless = { ...TINY, eos_token_id: null };
    const plan = { ...TINY_PLAN, slots: 2, chunk: 3 };
    const model = await engine.createModel(endless, randomWeights(endless), null, plan);
    let chunks = 0;
    const answers = await finish(model.generate(queue, all), (chunk) => {
      chunks++;
      expect(chunk.length).toBe(2);
    });
    expect(answers.map(([sample]) => sample?.tokens.length)).toEqual(lengths);
    // The long one takes eight chunks of three in one slot; the other slot takes all short ones meanwhile.
    expect(chunks).toBe(8);
    for (const [i, request] of queue.entries())
      expect(await finish(model.generate([request], all))).toEqual([answers[i]]);
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
    await expect(finish(narrow.generate([requests[0]!, { ...nothing, maxNewTokens: 25 }], all))).rejects.toThrow(
      "request 1 asks for 25 new tokens, but the model was planned for 24 a sample (capacity)",
    );
    const whole = new Int32Array(wide.contextLength);
    await expect(finish(wide.generate([{ ...request, tokens: whole }], all))).rejects.toThrow(/256 tokens/);
  });

  it.each([
    [{ temperature: -1 }, /temperature is -1/],
    [{ temperature: Number.NaN }, /temperature is NaN/],
    [{ temperature: 1, topK: 0 }, /topK is 0/],
    [{ temperature: 1, topK: 2.5 }, /topK is 2.5/],
    [{ temperature: 1, topP: 0 }, /topP is 0/],
    [{ temperature: 1, topP: 1.1 }, /topP is 1.1/],
    [{ temperature: 1, minP: -0.1 }, /minP is -0.1/],
    [{ temperature: 1, stopTokens: [61] }, /stop token 61 is not one of the 61/],
    [{ temperature: 1, stopTokens: new Array<number>(16).fill(1) }, /16 stop tokens, at most 15/],
    [{ temperature: 1, stopStrings: [""] }, /empty stop string/],
  ])("refuses %j", async (options, message) => {
    await expect(finish(narrow.generate(requests, options))).rejects.toThrow(message);
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

describe(`where samples stop on ${name}`, () => {
  const letters = (tokens: Int32Array): string => String.fromCharCode(...Array.from(tokens, (token) => token + 65));
  const request = { tokens: prompts[3]!, samples: 30, maxNewTokens: 20, seed: 77 };
  const free = async () => (await finish(wide.generate([request], all)))[0]!;

  /** What is left of a sample that ends with its first `length` tokens. */
  const cut = (sample: Completion, length: number): Completion => ({
    tokens: sample.tokens.slice(0, length),
    logprobs: sample.logprobs.slice(0, length),
    entropies: sample.entropies.slice(0, length),
    stop: "stop",
  });

  it("at a stop token, which is kept, and nothing before it changes", async () => {
    const stopTokens = [4, 17, 33];
    const [samples = []] = await finish(wide.generate([request], { ...all, stopTokens }));
    const expected = (await free()).map((sample) => {
      const at = sample.tokens.findIndex((token) => stopTokens.includes(token));
      return at < 0 ? sample : cut(sample, at + 1);
    });
    expect(samples).toEqual(expected);
    expect(new Set(samples.map((s) => s.stop)).size).toBeGreaterThan(1);
  });

  it("at a stop string, also one that lies across tokens and chunks", async () => {
    const plain = await free();
    // The second to fourth letter of one sample, across its first chunk's end; and one letter alone.
    const long = letters(plain[0]!.tokens.slice(6, 10));
    const short = letters(plain[1]!.tokens.slice(2, 3));
    const chunks = new Map<number, number[]>();
    const [samples = []] = await finish(wide.generate([request], { ...all, stopStrings: [long, short] }), (chunk) => {
      for (const { sample, tokens } of chunk) chunks.set(sample, [...(chunks.get(sample) ?? []), ...tokens]);
    });
    const expected = plain.map((sample) => {
      const ends = [long, short].flatMap((string) => {
        const at = letters(sample.tokens).indexOf(string);
        return at < 0 ? [] : [at + string.length];
      });
      return ends.length === 0 ? sample : cut(sample, Math.min(...ends));
    });
    expect(samples).toEqual(expected);
    expect(samples[0]?.stop).toBe("stop");
    for (const [sample, tokens] of chunks) expect(tokens).toEqual([...samples[sample]!.tokens]);
    expect(await finish(narrow.generate([request], { ...all, stopStrings: [long, short] }))).toEqual([samples]);
  });
});
