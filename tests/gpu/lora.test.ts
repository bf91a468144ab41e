import { describe, expect, it } from "vitest";
import { KelvinError, LORA_TARGETS, type LoraConfig } from "../../src/contracts";
import type { LoadedModel } from "../../src/model/engine";
import type { Tensor } from "../../src/model/safetensors";
import { createRng } from "../../src/rollout/rng";
import { expectAllclose, rounded } from "../reference/allclose";
import * as linear from "../reference/linear";
import { uniform } from "../reference/numbers";
import {
  CROSS_ENTROPY,
  createTiny,
  digest,
  fileOf,
  finish,
  openTestEngine,
  POLICY,
  TINY,
  TINY_PLAN,
  trainingSequences,
} from "./models";

const { engine, name } = await openTestEngine();
const sequences = trainingSequences();
const whole = sequences.map((s) => Int32Array.from([...s.prompt, ...s.completion]));
const ALL: LoraConfig = { rank: 3, alpha: 7, targets: LORA_TARGETS };

/** The tiny model with adapters whose B is not zero, so that they change what it says. */
async function createAdapted(lora: LoraConfig = ALL, config: object = TINY): Promise<LoadedModel> {
  const fresh = await createFresh(lora, config);
  const { tensors } = (await fresh.adapterTensors())!;
  fresh.destroy();
  const drawn = new Map<string, Tensor>();
  let seed = 500;
  for (const [key, { shape, data }] of tensors)
    drawn.set(key, { shape, data: Float32Array.from(uniform(seed++, data.length, -0.3, 0.3)) });
  return createTiny(engine, {}, config, { lora, tensors: drawn, base: "tiny" });
}

function createFresh(lora: LoraConfig = ALL, config: object = TINY): Promise<LoadedModel> {
  return createTiny(engine, {}, config, { lora, rng: createRng(3) });
}

const QWEN2 = { ...TINY, model_type: "qwen2", tie_word_embeddings: true };

describe(`adapters on ${name}`, () => {
  it.each([
    ["all, rank 3", ALL, TINY],
    ["k and gate, rank 5", { rank: 5, alpha: 5, targets: ["k", "gate"] }, TINY],
    ["v, o and down, rank 1", { rank: 1, alpha: 0.5, targets: ["v", "o", "down"] }, QWEN2],
    ["all, rank 9, biases", { ...ALL, rank: 9 }, QWEN2],
  ] as [string, LoraConfig, object][])(
    "say what the merged model says, and have its gradients by the chain rule: %s",
    async (_, lora, config) => {
      const model = await createAdapted(lora, config);
      const merged = await engine.createModel(config, await model.tensors(), null, TINY_PLAN);
      const expected = await merged.logits(whole);
      expectAllclose(await model.logits(whole), expected, rounded(400, expected));
      const base = await createTiny(engine, {}, config);
      expect(maximumDifference(await base.logits(whole), expected)).toBeGreaterThan(0.1);

      const { grads, metrics } = await model.gradients(sequences, CROSS_ENTROPY);
      const full = await merged.gradients(sequences, CROSS_ENTROPY);
      expect(metrics.loss).toBeCloseTo(full.metrics.loss, 5);
      const { tensors } = (await model.adapterTensors())!;
      expect([...grads.keys()]).toEqual([...tensors.keys()]);
      expect(grads.size).toBe(lora.targets.length * 2 * TINY.num_hidden_layers);
      for (const [key, { data }] of grads) {
        const rule = chainRule(key, lora, tensors, full.grads);
        // Two forward passes that round differently, then sums of up to 71 terms that cancel.
        expectAllclose(data, rule, rounded(4000, rule));
      }
      for (const one of [model, merged, base]) one.destroy();
    },
  );

  it("say and learn the same whether the model lies in one buffer or in many", async () => {
    const { tensors } = (await (await createAdapted()).adapterTensors())!;
    const source = { lora: ALL, tensors, base: "tiny" };
    const [one, sharded] = [
      await createTiny(engine, {}, TINY, source),
      await createTiny(engine, { pageBytes: 10_000, chunkRows: 64 }, TINY, source),
    ];
    expect(await sharded.logits(whole)).toEqual(await one.logits(whole));
    const [expected, actual] = [await one.gradients(sequences, POLICY), await sharded.gradients(sequences, POLICY)];
    expect(actual).toEqual(expected);
    one.destroy();
    sharded.destroy();
  });

  it("begin as the base, bit for bit in what they add, and draw the same A for the same seed", async () => {
    const [model, twin, base] = [await createFresh(), await createFresh(), await createTiny(engine)];
    expect(await model.logits(whole)).toEqual(await base.logits(whole));
    const drawn = (await model.adapterTensors())!.tensors;
    expect((await twin.adapterTensors())!.tensors).toEqual(drawn);
    for (const [key, { shape, data }] of drawn) {
      const bound = key.includes("lora_B") ? 0 : 1 / Math.sqrt(shape[1]!);
      expect(data.every((value) => Math.abs(value) <= bound)).toBe(true);
      if (bound > 0) expect(new Set(data).size).toBeGreaterThan(data.length / 2);
    }
    for (const one of [model, twin, base]) one.destroy();
  });

  it("learn: the cross-entropy falls, the base stays, and nothing is created after the second step", async () => {
    const model = await createFresh();
    const reference = await model.freezeReference();
    const before = await reference.score(sequences);
    const losses: number[] = [];
    const step = async () => {
      losses.push((await model.update(sequences, CROSS_ENTROPY, 0.02)).loss);
      await model.score(sequences);
      await reference.score(sequences);
    };
    await step();
    await step();
    const { buffers, pipelines, bytes } = engine.device.counters;
    for (let i = 2; i < 12; i++) await step();
    expect(engine.device.counters).toMatchObject({ buffers, pipelines, bytes });
    expect(losses[11]).toBeLessThan(0.7 * losses[0]!);
    expect(await reference.score(sequences)).toEqual(before);
    expect(await model.score(sequences)).not.toEqual(before);
    model.destroy();
  });

  it("write with the log-probabilities that training sees", async () => {
    const model = await createAdapted();
    const request = { tokens: Int32Array.of(3, 1, 4), samples: 5, maxNewTokens: 8, seed: 11 };
    const [samples] = await finish(model.generate([request], { temperature: 1 }));
    const written = samples!.map(({ tokens, logprobs }) => ({
      ...{ prompt: request.tokens, completion: tokens, advantage: 1, oldLogprobs: logprobs },
    }));
    const { metrics } = await model.gradients(written, { ...POLICY, temperature: 1 });
    expect(metrics.logprobGap).toBeLessThan(1e-6);
    const base = await createTiny(engine);
    const [others] = await finish(base.generate([request], { temperature: 1 }));
    expect(others!.map(({ tokens }) => tokens)).not.toEqual(samples!.map(({ tokens }) => tokens));
    model.destroy();
    base.destroy();
  });

  it("go on from an exported state with the same bits, which another shape of adapter refuses", async () => {
    const [first, second, other] = [await createFresh(), await createFresh(), await createFresh({ ...ALL, rank: 5 })];
    await first.update(sequences, POLICY, 0.01);
    const state = await first.exportState();
    await second.importState(fileOf(state));
    for (const model of [first, second]) await model.update(sequences, POLICY, 0.01);
    expect(digest(await second.exportState())).toBe(digest(await first.exportState()));
    const base = await createTiny(engine);
    for (const model of [other, base]) await expect(model.importState(fileOf(state))).rejects.toThrow(KelvinError);
    for (const model of [first, second, other, base]) model.destroy();
  });

  it("are rolled back to the bit, however often, with moments and what they say", async () => {
    const model = await createFresh();
    const [state, said] = [digest(await model.exportState()), await model.logits(whole)];
    const rollBack = await model.keepState();
    for (const times of [1, 3]) {
      for (let update = 0; update < times; update++) await model.update(sequences, CROSS_ENTROPY, 1e-2);
      expect(digest(await model.exportState())).not.toBe(state);
      await rollBack();
      expect(digest(await model.exportState())).toBe(state);
      expect(await model.logits(whole)).toEqual(said);
    }
    model.destroy();
  });

  it("keep optimizer state for themselves only, and give all memory back", async () => {
    const { bytes } = engine.device.counters;
    const base = await createTiny(engine);
    const whole = engine.device.counters.bytes - bytes;
    base.destroy();
    const model = await createFresh({ rank: 1, alpha: 1, targets: ["q"] });
    // Gradients and two moments of the base are gone; the adapters' own buffers are small.
    expect(engine.device.counters.bytes - bytes).toBeLessThan(whole - 2 * 4 * model.info.parameters);
    model.destroy();
    expect(engine.device.counters.bytes).toBe(bytes);
  });

  it.each([
    [{ rank: 0 }, /rank 0/],
    [{ rank: 1.5 }, /rank 1.5/],
    [{ alpha: -1 }, /alpha -1/],
    [{ targets: [] }, /targets/],
    [{ targets: ["q", "q"] }, /targets q,q/],
    [{ targets: ["head"] }, /targets head/],
  ] as [object, RegExp][])("refuse %j", async (wrong, message) => {
    const failure = await createFresh({ ...ALL, ...wrong }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: "config", message: expect.stringMatching(message) });
  });
});

/** dA = s·Bᵀ·dW and dB = s·dW·Aᵀ, in float64. */
function chainRule(
  key: string,
  { rank, alpha }: LoraConfig,
  adapter: ReadonlyMap<string, Tensor>,
  full: ReadonlyMap<string, Tensor>,
): Float64Array {
  const { shape, data } = full.get(key.replace(/lora_[AB]\./, ""))!;
  const [outputs = 0, inputs = 0] = shape;
  const dw = Float64Array.from(data, (value) => (value * alpha) / rank);
  const other = (letter: string) => Float64Array.from(adapter.get(key.replace(/lora_[AB]/, `lora_${letter}`))!.data);
  if (key.includes("lora_B")) return linear.forward({ rows: outputs, inputs, outputs: rank }, dw, other("A"));
  return linear.backwardW({ rows: outputs, inputs, outputs: rank }, other("B"), dw);
}

function maximumDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}
