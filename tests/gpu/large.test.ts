import { describe, expect, it } from "vitest";
import { openNodeAdapter } from "../../src/cli/node-adapter";
import type { LoraConfig, TrainingSequence } from "../../src/contracts";
import { parseConfig } from "../../src/model/config";
import { DEFAULT_PLAN, type LoadedModel, openEngine, type Plan } from "../../src/model/engine";
import { describeNeed, memoryNeed, readableBytes } from "../../src/model/memory-plan";
import type { ReadableTensor } from "../../src/model/parameter-transfer";
import { parameterLayout } from "../../src/model/parameters";
import { withinReach } from "../../src/model/plan";
import { createRng } from "../../src/rollout/rng";
import { expectAllclose } from "../reference/allclose";
import { halved, integers, magnitude } from "../reference/numbers";
import { logits, type Numbers } from "../reference/transformer";
import { CROSS_ENTROPY, finish, isVector } from "./models";

/** The shape of Qwen2.5-0.5B; weights are random. */
const QWEN = {
  model_type: "qwen2",
  vocab_size: 151_936,
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  tie_word_embeddings: true,
  max_position_embeddings: 32_768,
  eos_token_id: 151_645,
};
/** The same in small: its table, too, takes several buffers and several chunks of logits. */
const SMALL = {
  ...QWEN,
  vocab_size: 20_001,
  hidden_size: 56,
  intermediate_size: 152,
  num_hidden_layers: 3,
  max_position_embeddings: 256,
  eos_token_id: 20_000,
};

/** One layer of Qwen2.5-7B: gate and up take 543 MB, down 271 MB, each in shards; the vocabulary is a smaller one. */
const WIDE = {
  ...QWEN,
  vocab_size: 8192,
  hidden_size: 3584,
  intermediate_size: 18_944,
  num_hidden_layers: 1,
  num_attention_heads: 28,
  num_key_value_heads: 4,
  eos_token_id: null, // a sample ends where it must: one of 8,192 tokens is drawn soon
};

const FLOATS: LoraConfig = { rank: 8, alpha: 16, targets: ["q", "k", "v", "o", "gate", "up", "down"] };
const HALVES: LoraConfig = { ...FLOATS, base: "float16" };
/** What WebGPU guarantees, and what lavapipe has. */
const BINDING_BYTES = 2 ** 27;
const PLAN: Plan = {
  ...DEFAULT_PLAN,
  slots: 4,
  capacity: 16,
  promptRows: 256,
  chunk: 2,
  trainingRows: 64,
  activations: "recomputed",
};

const cases = [
  { what: "small", config: SMALL, plan: { ...PLAN, pageBytes: 2 ** 21 }, isLarge: false },
  { what: "Qwen2.5-0.5B", config: QWEN, plan: PLAN, isLarge: true },
  { what: "a layer of Qwen2.5-7B", config: WIDE, plan: PLAN, isLarge: true },
].flatMap((one) => [
  { ...one, what: `${one.what} over float32`, lora: FLOATS },
  { ...one, what: `${one.what} over halves`, lora: HALVES },
]);
const wantsLarge = process.env["KELVIN_LARGE"] === "1";
if (!wantsLarge)
  console.log("the models of Qwen2.5's shapes are left out: they take minutes and 3 GB; KELVIN_LARGE=1 runs them");

/** A number in [−1, 1) that depends on a tensor's seed and on where in the tensor it stands. */
function noise(seed: number, index: number): number {
  let h = Math.imul(index ^ seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
}

/** Numbers of a random model that nobody ever holds as a whole: gains near 1, all else small. */
function randomModel(config: object) {
  const parameters = new Map(
    parameterLayout(parseConfig(config)).parameters.map((p, i) => [p.name, { ...p, seed: i }]),
  );
  const fill = <T extends Float32Array | Float64Array>(target: T, name: string, first: number): T => {
    const { seed } = parameters.get(name) as { seed: number };
    const [mean, spread] = name.endsWith("norm.weight") ? [1, 0.2] : [0, name.endsWith("bias") ? 0.2 : 0.06];
    const key = Math.imul(seed + 1, 0x27d4eb2f);
    for (let i = 0; i < target.length; i++) target[i] = Math.fround(mean + spread * noise(key, first + i));
    return target;
  };
  const numbers: Numbers = (name, first, count) => fill(new Float64Array(count), name, first);
  const tensors = new Map<string, ReadableTensor>(
    [...parameters].map(([name, { shape }]) => [
      name,
      { shape, read: async (first, count) => fill(new Float32Array(count), name, first) },
    ]),
  );
  return { numbers, tensors };
}

/** The numbers as a frozen base has them. */
function held({ base }: LoraConfig, numbers: Numbers): Numbers {
  return (tensor, first, count) => {
    const exact = numbers(tensor, first, count);
    return base === "float16" && !isVector(tensor) ? halved(exact) : exact;
  };
}

describe.each(cases.filter(({ isLarge }) => !isLarge || wantsLarge))(
  "a random model: $what",
  ({ what, config, plan, lora }) => {
    const minutes = 25 * 60_000;

    it(
      "reads, takes LoRA steps and writes, in buffers of at most 128 MiB",
      async () => {
        const adapter = await openNodeAdapter();
        const { name } = adapter;
        const engine = await openEngine(adapter, { storageBindingBytes: BINDING_BYTES });
        expect(engine.device.mostBytes).toBe(BINDING_BYTES);
        const { numbers, tensors } = randomModel(config);
        const say = timed(`${what} on ${name}`);
        const before = engine.device.counters.bytes;
        const model = await engine.createModel(config, tensors, null, plan, { lora, rng: createRng(1) });
        expect(engine.device.counters.bytes - before).toBe(model.memory.total);
        expect(model.memory.gradients).toBeLessThan(model.memory.weights / 10);
        say(
          `loaded, ${model.info.parameters} parameters, ${model.trainedParameters} of them trained; ${describeNeed(model.memory)}`,
        );

        if (lora === HALVES) {
          const parsed = parseConfig(config);
          const { weights } = memoryNeed(parsed, withinReach(parsed, plan, BINDING_BYTES), FLOATS, BINDING_BYTES);
          const saved = weights - model.memory.weights;
          expect(saved).toBeGreaterThan(0.45 * weights);
          say(`${readableBytes(saved)} of ${readableBytes(weights)} saved by holding the base as halves`);
        }

        const tokens = Int32Array.from([7, config.vocab_size - 1, Math.floor(config.vocab_size / 2)]);
        const ours = await model.logits([tokens]);
        say("forward of 3 tokens, all logits");
        const { heads, ...shape } = parseConfig(config);
        const theirs = logits({ ...shape, heads }, held(lora, numbers), tokens);
        // As golden cases: 2e-5 of the largest logit, here through 24 layers and sums of up to 4,864 terms.
        expectAllclose(ours, theirs, 1e-4 * magnitude(theirs));
        say("the same in float64 on the host agrees");

        await learns(model, config.vocab_size, say);
        await writes(model, config.vocab_size, say);
        say(`largest resident memory of this process ${readableBytes(process.resourceUsage().maxRSS * 1024)}`);
        model.destroy();
        engine.device.close();
      },
      minutes,
    );
  },
);

type Say = (line: string) => void;

function timed(what: string): Say {
  let last = performance.now();
  return (line) => {
    const now = performance.now();
    console.log(`${what}: ${((now - last) / 1000).toFixed(1)} s: ${line}`);
    last = now;
  };
}

/** Two updates of the adapters on one batch: its loss, near that of a uniform guess at first, falls. */
async function learns(model: LoadedModel, vocabulary: number, say: Say): Promise<void> {
  const sequences: TrainingSequence[] = [1, 2].map((seed) => ({
    prompt: Int32Array.from(integers(seed, 8, vocabulary)),
    completion: Int32Array.from(integers(seed + 10, 24, vocabulary)),
    advantage: 1,
    oldLogprobs: new Float32Array(24),
  }));
  const losses: number[] = [];
  for (let step = 0; step < 2; step++) {
    const { loss, gradNorm, tokens } = await model.update(sequences, CROSS_ENTROPY, 1e-3);
    losses.push(loss);
    expect(gradNorm).toBeGreaterThan(0);
    say(`LoRA step on 64 tokens: loss ${loss.toFixed(4)} over ${tokens} predictions, gradient ${gradNorm.toFixed(4)}`);
  }
  expect(losses[0]).toBeGreaterThan(Math.log(vocabulary) - 1);
  expect(losses[1]).toBeLessThan(losses[0] as number);
}

/** A short rollout; what it says of its tokens is what the training forward says of them. */
async function writes(model: LoadedModel, vocabulary: number, say: Say): Promise<void> {
  const prompt = Int32Array.from(integers(3, 9, vocabulary));
  const request = { tokens: prompt, samples: 4, maxNewTokens: 6, seed: 5 };
  const [samples = []] = await finish(model.generate([request], { temperature: 1 }));
  const count = samples.reduce((sum, s) => sum + s.tokens.length, 0);
  say(`rollout: ${count} tokens in ${samples.length} samples`);
  expect(count).toBe(24);
  const scored = await model.score(samples.map(({ tokens }) => ({ prompt, completion: tokens })));
  for (const [i, { logprobs }] of samples.entries()) expectAllclose(scored[i] ?? [], logprobs, 1e-3);
  say("the training forward gives them the same log-probabilities");
}
