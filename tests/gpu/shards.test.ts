import { describe, expect, it } from "vitest";
import { type Completion, LORA_TARGETS } from "../../src/contracts";
import { parseConfig } from "../../src/model/config";
import type { AdapterSource, LoadedModel, Plan } from "../../src/model/engine";
import { layoutOf } from "../../src/model/plan";
import { createRng } from "../../src/rollout/rng";
import { expectAllclose, rounded } from "../reference/allclose";
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
const CONFIG = { ...TINY, vocab_size: 151 };
const spread = (tokens: Int32Array) => tokens.map((token) => (7 * token + 3) % CONFIG.vocab_size);
const sequences = trainingSequences().map((s) => ({
  ...s,
  prompt: spread(s.prompt),
  completion: spread(s.completion),
}));
const whole = sequences.map((s) => Int32Array.from([...s.prompt, ...s.completion]));

/** Each of its matrices has more rows than one small buffer holds: cuts fall between q, k and v, and inside of them and of up. */
const WIDE = { ...CONFIG, hidden_size: 70, intermediate_size: 150 };

/** 151 rows of the vocabulary as 64 + 64 + 23, 128 + 23, and whole; parameters in many buffers and in few. */
const cases = [
  { what: "tables", model: CONFIG, plan: { chunkRows: 64, pageBytes: 10_000 } },
  { what: "tables", model: CONFIG, plan: { chunkRows: 128, pageBytes: 16_000 } },
  { what: "tables", model: CONFIG, plan: { chunkRows: 192, pageBytes: 12_800 } },
  { what: "tables and every layer's matrices", model: WIDE, plan: { chunkRows: 64, pageBytes: 20_000 } },
];

describe.each(cases)(`a model in shards on ${name}: $what, $plan`, ({ model: shape, plan }) => {
  const create = (plan: Partial<Plan> = {}, config: object = shape, adapter?: AdapterSource) =>
    createTiny(engine, plan, config, adapter);

  it("is cut as said", () => {
    const { head, layers } = layoutOf(parseConfig(shape), { ...TINY_PLAN, ...plan }, 2 ** 27);
    const pieces = layers.flatMap(({ qkv, output, gateUp, down }) => [qkv, output, gateUp, down]);
    expect(Math.max(head.chunks.length, head.shards.length)).toBeGreaterThan(1);
    expect(pieces.every(({ shards }) => shards.length > 1)).toBe(shape === WIDE);
  });

  it("has the logits of the whole model, bit for bit", async () => {
    const [one, sharded] = [await create(), await create(plan)];
    expect(await sharded.logits(whole)).toEqual(await one.logits(whole));
    one.destroy();
    sharded.destroy();
  });

  it.each([
    ["untied", shape],
    ["tied", { ...shape, tie_word_embeddings: true }],
  ])("has its loss, log-probabilities and every gradient: %s", async (_, config) => {
    const [one, sharded] = [await create({}, config), await create(plan, config)];
    for (const loss of [CROSS_ENTROPY, POLICY]) {
      const expected = await one.gradients(sequences, loss);
      const actual = await sharded.gradients(sequences, loss);
      // Logits are the same bits; sums of 151 exponentials and products are taken in another order.
      expectAllclose(actual.logprobs, expected.logprobs, rounded(2 * 151, expected.logprobs));
      expectAllclose(actual.entropies, expected.entropies, rounded(2 * 151, expected.logprobs));
      for (const [tensor, { data }] of expected.grads)
        expectAllclose(actual.grads.get(tensor)?.data ?? [], data, rounded(5 * 71, data));
    }
    one.destroy();
    sharded.destroy();
  });

  it("learns the same bits each time, and its state goes into a model cut otherwise", async () => {
    const [first, second, one] = [await create(plan), await create(plan), await create()];
    for (const model of [first, second]) {
      await model.update(sequences, POLICY, 0.003);
      await model.update(sequences, CROSS_ENTROPY, 0.003);
    }
    const state = await first.exportState();
    expect(digest(await second.exportState())).toBe(digest(state));
    await one.importState(fileOf(state));
    expect(digest(await one.exportState())).toBe(digest(state));
    expect(digest(await one.exportWeights())).toBe(digest(await first.exportWeights()));
    for (const model of [first, second, one]) model.destroy();
  });

  it("moves as the whole model does under AdamW and Muon", async () => {
    const muon = { optimizer: "muon" } as const;
    const [one, sharded] = [await create(muon), await create({ ...plan, ...muon })];
    const tokens = whole[2] as Int32Array;
    const batch = { sequences: [{ tokens, weights: new Float32Array(tokens.length).fill(1 / tokens.length) }] };
    const rates = { muonLearningRate: 0.02, adamLearningRate: 0.01 };
    const [expected, actual] = [await one.pretrainStep(batch, rates), await sharded.pretrainStep(batch, rates)];
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    expect(actual.gradNorm).toBeCloseTo(expected.gradNorm, 5);
    const moved = await sharded.tensors();
    // AdamW's first step is the sign of a gradient: where that is noise, weights differ by two steps and no more.
    for (const [tensor, { data }] of await one.tensors()) {
      const other = moved.get(tensor)?.data ?? new Float32Array();
      const far = data.filter((value, i) => Math.abs(value - (other[i] as number)) > 1e-4).length;
      expect(far / data.length, tensor).toBeLessThan(0.01);
    }
    one.destroy();
    sharded.destroy();
  });

  it("trains adapters as the whole model does, merges them into the same bits, and writes the weights it was given", async () => {
    const lora = { rank: 3, alpha: 6, targets: LORA_TARGETS };
    const source = () => ({ lora, rng: createRng(3) });
    const [one, sharded] = [await create({}, shape, source()), await create(plan, shape, source())];
    expect(digest(await sharded.exportWeights())).toBe(digest(await one.exportWeights()));
    const [expected, actual] = [await one.gradients(sequences, POLICY), await sharded.gradients(sequences, POLICY)];
    for (const [tensor, { data }] of expected.grads)
      expectAllclose(actual.grads.get(tensor)?.data ?? [], data, rounded(5 * 71, data));
    await one.update(sequences, POLICY, 0.01);
    await sharded.importState(fileOf(await one.exportState()));
    expect(digest(await sharded.exportWeights())).toBe(digest(await one.exportWeights()));
    one.destroy();
    sharded.destroy();
  });

  it("writes the same greedy tokens, and samples whose log-probabilities it scores alike", async () => {
    const [one, sharded] = [await create(), await create(plan)];
    const requests = whole.map((tokens, i) => ({ tokens, samples: 3, maxNewTokens: 9, seed: i }));
    const greedy = (model: LoadedModel) => finish(model.generate(requests, { temperature: 0 }));
    const tokensOf = (all: Completion[][]) => all.map((samples) => samples.map(({ tokens }) => tokens));
    expect(tokensOf(await greedy(sharded))).toEqual(tokensOf(await greedy(one)));
    const written = await finish(sharded.generate(requests, { temperature: 1 }));
    const flat = written.flatMap((samples, i) => samples.map((s) => ({ ...s, prompt: whole[i] as Int32Array })));
    const scored = await sharded.score(flat.map(({ prompt, tokens }) => ({ prompt, completion: tokens })));
    for (const [i, { logprobs }] of flat.entries())
      expectAllclose(scored[i] as Float32Array, logprobs, rounded(2 * 151, logprobs));
    one.destroy();
    sharded.destroy();
  });

  it("creates nothing and compiles nothing after its second step", async () => {
    const model = await create(plan);
    for (let i = 0; i < 2; i++) await model.update(sequences, POLICY, 0.003);
    const { buffers, pipelines } = engine.device.counters;
    for (let i = 0; i < 2; i++) await model.update(sequences, POLICY, 0.003);
    expect(engine.device.counters).toMatchObject({ buffers, pipelines });
    model.destroy();
  });
});
