import { describe, expect, it } from "vitest";
import { readModelFolder } from "../../src/cli/model-folder";
import { findSuite } from "../../src/cli/suites";
import { KelvinError, LORA_TARGETS, type LoraConfig } from "../../src/contracts";
import { firstTasks } from "../../src/evaluate/suite";
import { parseConfig } from "../../src/model/config";
import type { LoadedModel, Plan } from "../../src/model/engine";
import { mergeAdapter } from "../../src/model/merge";
import type { Tensor } from "../../src/model/safetensors";
import { createRng } from "../../src/rollout/rng";
import { solverPrompt } from "../../src/tasks/prompts";
import { expectAllclose } from "../reference/allclose";
import { magnitude, uniform } from "../reference/numbers";
import { logits } from "../reference/transformer";
import {
  CROSS_ENTROPY,
  digest,
  fileOf,
  finish,
  isVector,
  openTestEngine,
  POLICY,
  randomWeights,
  roundedWeights,
  TINY,
  TINY_PLAN,
  TOKENIZER,
  trainingSequences,
} from "./models";

const { engine, name } = await openTestEngine();
const sequences = trainingSequences();
const whole = sequences.map((s) => Int32Array.from([...s.prompt, ...s.completion]));
const FLOATS: LoraConfig = { rank: 3, alpha: 7, targets: LORA_TARGETS };
const HALVES: LoraConfig = { ...FLOATS, base: "float16" };
const QWEN2 = { ...TINY, model_type: "qwen2", tie_word_embeddings: true };

/** Adapters on the tiny model; with `drawn` their B is not zero, so that they change what it says. */
async function create(
  config: object,
  weights: ReadonlyMap<string, Float32Array>,
  lora: LoraConfig,
  { drawn = true, plan = {} }: { drawn?: boolean; plan?: Partial<Plan> } = {},
): Promise<LoadedModel> {
  const make = (adapter: Parameters<typeof engine.createModel>[4]) =>
    engine.createModel(config, weights, TOKENIZER, { ...TINY_PLAN, ...plan }, adapter);
  const fresh = await make({ lora, rng: createRng(3) });
  if (!drawn) return fresh;
  const { tensors } = (await fresh.adapterTensors())!;
  fresh.destroy();
  const moved = [...tensors].map(([key, { shape, data }], i): [string, Tensor] => [
    key,
    { shape, data: Float32Array.from(uniform(500 + i, data.length, -0.3, 0.3)) },
  ]);
  return make({ lora, tensors: new Map(moved), base: "tiny" });
}

async function saidAndLearned(model: LoadedModel) {
  const request = { tokens: Int32Array.of(3, 1, 4), samples: 3, maxNewTokens: 8, seed: 11 };
  const reference = await model.freezeReference();
  return {
    logits: await model.logits(whole),
    reference: await reference.score(sequences),
    written: await finish(model.generate([request], { temperature: 1 })),
    greedy: await finish(model.generate([{ ...request, samples: 1 }], { temperature: 0 })),
    crossEntropy: await model.gradients(sequences, CROSS_ENTROPY),
    policy: await model.gradients(sequences, POLICY),
    update: await model.update(sequences, POLICY, 0.01),
    state: digest(await model.exportState()),
  };
}

describe.each([
  ["norms on queries and keys, two tables", TINY],
  ["biases, one table", QWEN2],
])(`a frozen base of halves on ${name}: %s`, (_, config) => {
  it("says, writes and learns what float32 of the same numbers does, bit for bit", async () => {
    const ours = await create(config, randomWeights(config), HALVES);
    const same = await create(config, roundedWeights(config), FLOATS);
    const other = await create(config, randomWeights(config), FLOATS);
    const found = await saidAndLearned(ours);
    expect(found).toEqual(await saidAndLearned(same));
    const unrounded = await saidAndLearned(other);
    const difference = magnitude(found.logits.map((value, i) => value - unrounded.logits[i]!));
    const greedy = [found, unrounded].map(({ greedy: [samples] }) => samples![0]!.tokens.join());
    console.log(
      `${name}: rounding the base moves logits of up to ${magnitude(unrounded.logits).toFixed(1)} by at most ` +
        `${difference.toExponential(1)}; greedy text ${greedy[0] === greedy[1] ? "is" : "is not"} the same`,
    );
    expect(difference).toBeGreaterThan(0);
    // Rounding is off by at most 2⁻¹¹ of a weight; random signs, few layers.
    expect(difference).toBeLessThan(2 ** -7 * magnitude(unrounded.logits));
    for (const one of [ours, same, other]) one.destroy();
  });

  it("says and learns the same in many buffers, but for the order of sums over rows that were parted", async () => {
    const one = await create(config, randomWeights(config), HALVES);
    const many = await create(config, randomWeights(config), HALVES, { plan: { pageBytes: 2000, chunkRows: 64 } });
    expect(await many.logits(whole)).toEqual(await one.logits(whole));
    const [expected, actual] = [await one.gradients(sequences, POLICY), await many.gradients(sequences, POLICY)];
    expect(actual.logprobs).toEqual(expected.logprobs);
    for (const [key, { data }] of actual.grads)
      expectAllclose(data, expected.grads.get(key)!.data, 1e-5 * magnitude(expected.grads.get(key)!.data));
    for (const model of [one, many]) model.destroy();
  });

  it("is exported as its rounded numbers with the adapter merged, and goes on from a state bit for bit", async () => {
    const model = await create(config, randomWeights(config), HALVES);
    const shapes = await model.tensors();
    const rounded = [...roundedWeights(config)].map(([key, data]): [string, Tensor] => [
      key,
      { shape: shapes.get(key)!.shape, data: Float32Array.from(data) },
    ]);
    expect(shapes).toEqual(mergeAdapter(new Map(rounded), (await model.adapterTensors())!));
    const twin = await create(config, randomWeights(config), HALVES, { drawn: false });
    await model.update(sequences, POLICY, 0.01);
    await twin.importState(fileOf(await model.exportState()));
    for (const one of [model, twin]) await one.update(sequences, POLICY, 0.01);
    expect(digest(await twin.exportState())).toBe(digest(await model.exportState()));
    for (const one of [model, twin]) one.destroy();
  });

  it("takes half the bytes of its matrices", async () => {
    const [ours, floats] = [
      await create(config, randomWeights(config), HALVES, { drawn: false }),
      await create(config, randomWeights(config), FLOATS, { drawn: false }),
    ];
    const { weights, total } = floats.memory;
    const matrices = [...(await floats.tensors())].filter(([key]) => !isVector(key));
    const numbers = matrices.reduce((sum, [, { data }]) => sum + data.length, 0);
    // Rows are padded to whole vec4 and runs of them aligned, so a few more are saved than there are.
    expect(weights - ours.memory.weights).toBeGreaterThanOrEqual(2 * numbers - 4096);
    expect(total - ours.memory.total).toBe(weights - ours.memory.weights);
    for (const model of [ours, floats]) model.destroy();
  });
});

describe(`a frozen base of halves on ${name}`, () => {
  it("agrees with float64 over the rounded numbers", async () => {
    const model = await create(QWEN2, randomWeights(QWEN2), HALVES, { drawn: false });
    const weights = roundedWeights(QWEN2);
    const numbers = (tensor: string, first: number, count: number) =>
      Float64Array.from(weights.get(tensor)!.subarray(first, first + count));
    for (const tokens of whole) {
      const theirs = logits(parseConfig(QWEN2), numbers, tokens);
      // As golden cases: 2e-5 of the largest logit.
      expectAllclose(await model.logits([tokens]), theirs, 2e-5 * magnitude(theirs));
    }
    model.destroy();
  });

  it("moves what the shipped model says by little: the same greedy text on most prompts", async () => {
    const files = await readModelFolder("public/models/kelvin-nano");
    const plan = { slots: 24, trainingRows: 1024, promptRows: 4096 };
    const suite = findSuite("fresh-in-distribution", "public/models/kelvin-nano");
    const said = async (lora: LoraConfig) => {
      const model = await engine.loadModel(files, plan, { lora, rng: createRng(1) });
      const prompts = firstTasks(suite, 8).tasks.map((task, i) => solverPrompt(model, `${i}`, task));
      const requests = prompts.map(({ tokens, maxNewTokens }) => ({ tokens, samples: 1, maxNewTokens, seed: 1 }));
      const written = await finish(model.generate(requests, { temperature: 0 }));
      const texts = written.map(([one]) => one!.tokens.join());
      const found = { logits: await model.logits(requests.slice(0, 8).map(({ tokens }) => tokens)), texts };
      model.destroy();
      return found;
    };
    const [ours, floats] = [await said(HALVES), await said(FLOATS)];
    const difference = magnitude(ours.logits.map((value, i) => value - floats.logits[i]!));
    const same = ours.texts.filter((text, i) => text === floats.texts[i]).length;
    console.log(
      `${name}: kelvin-nano over halves: logits of up to ${magnitude(floats.logits).toFixed(1)} differ by at most ` +
        `${difference.toExponential(1)}, ${same} of ${ours.texts.length} greedy texts are the same`,
    );
    expect(difference).toBeLessThan(2 ** -7 * magnitude(floats.logits));
    expect(same).toBeGreaterThan(0.8 * ours.texts.length);
  });

  it("refuses a weight beyond the largest half by its tensor's name, and gives all memory back", async () => {
    const weights = randomWeights(TINY);
    const large = "model.layers.1.mlp.down_proj.weight";
    weights.set(
      large,
      weights.get(large)!.map((value, i) => (i === 7 ? 70_000 : value)),
    );
    const { bytes } = engine.device.counters;
    const failure = await create(TINY, weights, HALVES).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KelvinError);
    expect(failure).toMatchObject({
      reason: "model",
      message: `${large} holds 70000, and half precision ends at 65504`,
    });
    expect(engine.device.counters.bytes).toBe(bytes);
    (await create(TINY, weights, FLOATS)).destroy();
  });
});
