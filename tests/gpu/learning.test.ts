import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import type { LoadedModel } from "../../src/model/engine";
import { readModel } from "../../src/model/model-files";
import { readSafetensors, writeSafetensors } from "../../src/model/safetensors";
import { blobSource } from "../../src/model/source";
import { expectAllclose, rounded } from "../reference/allclose";
import * as head from "../reference/head";
import { orthogonalize } from "../reference/muon";
import { magnitude } from "../reference/numbers";
import {
  CROSS_ENTROPY,
  createTiny,
  digest,
  fileOf,
  finish,
  joined,
  openTestEngine,
  POLICY,
  randomWeights,
  TINY,
  TINY_PLAN,
  trainingSequences,
} from "./models";

const { engine, name } = await openTestEngine();
const sequences = trainingSequences();
const request = { tokens: Int32Array.of(3, 1, 4), samples: 5, maxNewTokens: 8, seed: 11 };
const write = (model: LoadedModel) => finish(model.generate([request], { temperature: 1 }));
/** Weights 1/n on the completion tokens, as cross-entropy has them, for pretrainStep. */
const weighted = {
  sequences: sequences.map(({ prompt, completion }) => {
    const tokens = Int32Array.from([...prompt, ...completion]);
    const total = sequences.reduce((sum, s) => sum + s.completion.length, 0);
    return { tokens, weights: Float32Array.from(tokens, (_, t) => (t < prompt.length ? 0 : 1 / total)) };
  }),
};
const rates = { muonLearningRate: 0.02, adamLearningRate: 0.01 };
/** With room for updates of every kind. */
const MUON = { optimizer: "muon" } as const;

/** A few updates of every kind. */
async function train(model: LoadedModel, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await model.update(sequences, POLICY, 0.003);
    await model.update(sequences, CROSS_ENTROPY, 0.003);
    await model.pretrainStep(weighted, rates);
  }
}

describe(`updates on ${name}`, () => {
  it("are the same bits, and so is what the model writes, each time they are made", async () => {
    const twins = [await createTiny(engine, MUON), await createTiny(engine, MUON)];
    const states = [];
    for (const model of twins) {
      await train(model, 2);
      states.push({ state: digest(await model.exportState()), written: await write(model) });
      model.destroy();
    }
    expect(states[1]).toEqual(states[0]);
  });

  it("go on from an exported state with the same bits", async () => {
    const [first, second] = [await createTiny(engine, MUON), await createTiny(engine, MUON)];
    await train(first, 1);
    await second.importState(fileOf(await first.exportState()));
    expect(digest(await second.exportState())).toBe(digest(await first.exportState()));
    await train(first, 1);
    await train(second, 1);
    expect(digest(await second.exportState())).toBe(digest(await first.exportState()));
    expect(await write(second)).toEqual(await write(first));
    first.destroy();
    second.destroy();
  });

  it("do not depend on how sequences are split into micro-batches", async () => {
    // The longest sequence has 33 tokens: one batch of all 71, and three of at most 33.
    const [whole, split] = [await createTiny(engine), await createTiny(engine, { trainingRows: 33 })];
    for (const loss of [CROSS_ENTROPY, POLICY]) {
      const expected = await whole.gradients(sequences, loss);
      const actual = await split.gradients(sequences, loss);
      expect(actual.logprobs).toEqual(expected.logprobs);
      for (const [tensor, { data }] of expected.grads) {
        // The same 71 terms in another order: as many roundings of terms that cancel to a fifth of their sum or less.
        const parts = actual.grads.get(tensor)?.data ?? new Float32Array();
        expectAllclose(parts, data, rounded(5 * 71, data));
      }
    }
    whole.destroy();
    split.destroy();
  });

  it("lower the cross-entropy and raise what is rewarded", async () => {
    const model = await createTiny(engine);
    const losses: number[] = [];
    for (let i = 0; i < 12; i++) losses.push((await model.update(sequences, CROSS_ENTROPY, 0.01)).loss);
    expect(losses[11]).toBeLessThan(0.6 * losses[0]!);
    const before = await model.score(sequences);
    const onPolicy = sequences.map((s, i) => ({ ...s, oldLogprobs: before[i]! }));
    await model.update(onPolicy, { ...POLICY, klCoefficient: 0, entropyCoefficient: 0, temperature: 1 }, 0.003);
    const after = await model.score(sequences);
    const gain = sequences.map((s, i) => s.advantage * (sum(after[i]!) - sum(before[i]!)));
    expect(sum(gain)).toBeGreaterThan(0);
    model.destroy();
  });

  it("of nothing change nothing", async () => {
    const model = await createTiny(engine);
    const before = digest(await model.exportWeights());
    const silent = { ...sequences[0]!, completion: new Int32Array(0), oldLogprobs: new Float32Array(0) };
    for (const none of [[], [silent]]) {
      const metrics = await model.update(none, POLICY, 0.1);
      expect(metrics).toEqual({
        loss: 0,
        gradNorm: 0,
        entropy: 0,
        klToReference: 0,
        clipFraction: 0,
        logprobGap: 0,
        tokens: 0,
      });
    }
    expect(digest(await model.exportWeights())).toBe(before);
    expect(await model.score([silent])).toEqual([new Float32Array(0)]);
    model.destroy();
  });

  it("create no buffer and compile no kernel after the second", async () => {
    const model = await createTiny(engine, MUON);
    const everything = async () => {
      await train(model, 1);
      await model.score(sequences);
      await write(model);
    };
    await everything();
    await everything();
    const { buffers, pipelines, bytes } = engine.device.counters;
    await everything();
    await model.update(trainingSequences(2), POLICY, 0.001);
    expect(engine.device.counters).toMatchObject({ buffers, pipelines, bytes });
    model.destroy();
  });

  it("give back all of a model's memory when it is destroyed", async () => {
    const { bytes } = engine.device.counters;
    const model = await createTiny(engine, MUON, { ...TINY, hidden_size: 22 });
    await train(model, 1);
    expect(engine.device.counters.bytes).toBeGreaterThan(bytes);
    model.destroy();
    // Buffers for reading back are shared by all models and stay; they hold less than the weights.
    expect(engine.device.counters.bytes - bytes).toBeLessThan(model.info.parameters * 4 * 8);
  });
});

describe(`metrics on ${name}`, () => {
  it("are means over the completion tokens of what the reference computes from the logits", async () => {
    const model = await createTiny(engine);
    const { metrics } = await model.gradients(sequences, { ...POLICY, aggregation: "token-mean" });
    const tokens: head.TokenLoss[] = [];
    const gaps: number[] = [];
    const total = sequences.reduce((all, s) => all + s.completion.length, 0);
    for (const { prompt, completion, advantage, oldLogprobs, referenceLogprobs } of sequences) {
      const logits = Float64Array.from(await model.logits([Int32Array.from([...prompt, ...completion])]));
      completion.forEach((token, t) => {
        const row = logits.subarray((prompt.length - 1 + t) * TINY.vocab_size).subarray(0, TINY.vocab_size);
        const term = { weight: 1 / total, advantage, old: oldLogprobs[t]!, reference: referenceLogprobs![t]! };
        tokens.push(head.policy(row, token, term, POLICY));
        gaps.push(Math.abs(tokens.at(-1)!.logprob - term.old));
      });
    }
    const mean = (value: (one: head.TokenLoss) => number) => sum(tokens.map(value)) / total;
    expect(metrics.tokens).toBe(total);
    expect(metrics.clipFraction).toBeCloseTo(
      mean((one) => (one.clipped ? 1 : 0)),
      12,
    );
    expect(metrics.clipFraction).toBeGreaterThan(0);
    const actual = [metrics.loss, metrics.entropy, metrics.klToReference, metrics.logprobGap];
    const expected = [
      sum(tokens.map((one) => one.loss)),
      mean((one) => one.entropy),
      mean((one) => one.k3),
      sum(gaps) / total,
    ];
    // Logits are exact here; log p errs by about V + 100 roundings (head.test.ts), k3 and the loss by e^drift times that.
    expectAllclose(
      actual,
      expected,
      expected.map((value) => rounded(TINY.vocab_size + 100, 4 * Math.abs(value) + 4)),
    );
    model.destroy();
  });
});

describe(`pre-training on ${name}`, () => {
  it("moves every matrix along its orthogonalised gradient, whatever the padding, and the rest by AdamW", async () => {
    const model = await createTiny(engine, MUON);
    const { grads, metrics } = await model.gradients(sequences, CROSS_ENTROPY);
    const before = await model.tensors();
    const { loss } = await model.pretrainStep(weighted, rates);
    expect(loss).toBeCloseTo(metrics.loss, 5);
    for (const [tensor, { shape, data }] of await model.tensors()) {
      const old = before.get(tensor)!.data;
      const gradient = Float64Array.from(grads.get(tensor)!.data);
      const moved = Float64Array.from(data, (value, i) => old[i]! - value);
      const [rows = 1, columns = 1] = shape;
      if (/proj\.weight$/.test(tensor)) {
        const pace = rates.muonLearningRate * Math.sqrt(Math.max(1, rows / columns));
        const step = orthogonalize(rows, columns, gradient).map((value) => value * pace);
        // Newton–Schulz's own error, see muon.test.ts: sums of up to 60 terms, grown 198-fold by its five steps.
        expectAllclose(moved, step, rounded(198 * 2 * 60, step) + rounded(2, old));
      } else {
        // AdamW's first step is the learning rate against the gradient's sign, less where the gradient is near eps.
        const clear = [...gradient.keys()].filter((i) => Math.abs(gradient[i]!) > 1e-4);
        const signs = clear.map((i) => Math.sign(gradient[i]!) * rates.adamLearningRate);
        expectAllclose(
          clear.map((i) => moved[i]!),
          signs,
          1e-3 * rates.adamLearningRate + rounded(2, 2),
        );
      }
    }
    model.destroy();
  });
});

describe(`weights on ${name}`, () => {
  it("come back from safetensors bit for bit, with the Hugging Face names and shapes", async () => {
    const model = await createTiny(engine, MUON);
    await train(model, 1);
    const file = await model.exportWeights();
    const { tensors } = readSafetensors(joined(file));
    expect(tensors.get("model.layers.1.self_attn.q_proj.weight")?.shape).toEqual([60, 18]);
    const copy = await engine.createModel(TINY, tensors, null, TINY_PLAN);
    const whole = sequences.map((s) => Int32Array.from([...s.prompt, ...s.completion]));
    expect(digest(await copy.logits(whole))).toBe(digest(await model.logits(whole)));
    expect(digest(await copy.exportWeights())).toBe(digest(file));
    expect(magnitude((await model.logits(whole)).slice(0, 100))).toBeGreaterThan(0.1);
    model.destroy();
    copy.destroy();
  });
});

describe(`files that do not fit on ${name}`, () => {
  /** A model directory with these files. */
  const load = async (files: { config: unknown; tokenizer: unknown; weights: Uint8Array<ArrayBuffer> }) => {
    const parts = new Map([
      ["config.json", new Blob([JSON.stringify(files.config)])],
      ["tokenizer.json", new Blob([JSON.stringify(files.tokenizer)])],
      ["model.safetensors", new Blob([files.weights])],
    ]);
    return engine.loadModel(await readModel(blobSource("m", parts)));
  };
  const refused = { reason: "model", message: expect.any(String), hint: expect.stringMatching(/./) };

  it("are refused with one KelvinError and take no memory", async () => {
    const tokenizer = JSON.parse(readFileSync("public/models/kelvin-nano/tokenizer.json", "utf8")) as unknown;
    const weights = writeSafetensors(
      new Map(
        [...randomWeights(TINY)].map(([key, data]) => [key, { shape: [data.length], data: Float32Array.from(data) }]),
      ),
    );
    const { buffers } = engine.device.counters;
    for (const [files, message] of [
      [{ config: TINY, tokenizer, weights }, /has only 61 tokens/],
      [{ config: { ...TINY, vocab_size: 151 }, tokenizer, weights }, /embed_tokens.*expected \[151,18\], got \[1098\]/],
      [{ config: { ...TINY, vocab_size: 151 }, tokenizer, weights: weights.subarray(0, 50) }, /header/],
      [{ config: null, tokenizer, weights }, /config\.json/],
      [{ config: TINY, tokenizer: {}, weights }, /tokenizer/],
    ] as const) {
      const failure = await load(files).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(KelvinError);
      expect(failure).toMatchObject({ ...refused, message: expect.stringMatching(message) });
    }
    expect(engine.device.counters.buffers).toBe(buffers);
  });

  it("leave a model as it was when they are another model's checkpoint", async () => {
    const [model, other] = [
      await createTiny(engine, MUON),
      await createTiny(engine, {}, { ...TINY, num_hidden_layers: 1 }),
    ];
    await train(model, 1);
    const before = joined(await model.exportState());
    const { tensors } = readSafetensors(before);
    tensors.delete("secondMoment");
    for (const state of [
      joined(await other.exportState()),
      writeSafetensors(tensors),
      before.subarray(0, 1000),
      new Uint8Array(3),
    ]) {
      await expect(model.importState(fileOf([state]))).rejects.toThrow(KelvinError);
    }
    expect(digest(await model.exportState())).toBe(digest(before));
    model.destroy();
    other.destroy();
  });
});

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0);
}
