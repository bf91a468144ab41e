import { beforeAll, describe, expect, it } from "vitest";
import { openNodeAdapter } from "../../src/cli/node-adapter";
import { parseConfig } from "../../src/model/config";
import { type Engine, type LoadedModel, openEngine } from "../../src/model/engine";
import { loadTokenizer } from "../../src/model/tokenizer";
import { configJson, numberTokens, tokenizerJson } from "../../src/pretrain/architecture";
import { cutShard, type UpdateBatch } from "../../src/pretrain/batches";
import type { Progress } from "../../src/pretrain/checkpoint";
import { initialWeights } from "../../src/pretrain/initial-weights";
import { openCorpusPython } from "../../src/pretrain/python";
import { ADAM_BETAS, PLAIN } from "../../src/pretrain/schedule";
import { drawShard } from "../../src/pretrain/shards";
import { trainFrom } from "../../src/pretrain/train";
import { createRng } from "../../src/rollout/rng";
import { digest, fileOf } from "./models";

/** The shipped architecture, an eighth as wide: the same code in seconds. */
const config = {
  ...configJson(),
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  head_dim: 16,
};
const tokenizer = loadTokenizer(tokenizerJson());
const plan = {
  seed: 1,
  updates: 24,
  tokensPerUpdate: 512,
  ...PLAIN,
};
const start: Progress = { ...plan, update: 0, tokens: 0, seconds: 0, loss: 0, adapters: [], earlierPlans: [] };

let engine: Engine;
let batches: UpdateBatch[];
beforeAll(async () => {
  engine = await openEngine(await openNodeAdapter());
  const shard = drawShard(await openCorpusPython(), plan, 0, tokenizer);
  batches = cutShard(shard, plan.tokensPerUpdate, new Set(tokenizer.encode("<think>")));
});

async function freshModel(): Promise<LoadedModel> {
  const weights = initialWeights(parseConfig(config), numberTokens(), createRng(1));
  const model = await engine.createModel(config, weights, tokenizer, { optimizer: "muon" });
  model.resetOptimizer({ betas: ADAM_BETAS });
  return model;
}

/** Trains until `last` updates are done; the losses on the way. */
async function train(
  model: LoadedModel,
  from: Progress,
  last: number,
): Promise<{ progress: Progress; losses: number[] }> {
  const losses: number[] = [];
  const source = { batch: async (update: number) => batches[update] as UpdateBatch };
  const progress = await trainFrom(from, model, source, {
    now: () => 0,
    after: async ({ update, loss }) => {
      losses.push(loss);
      return update === last;
    },
  });
  return { progress, losses };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("pre-training on the engine", () => {
  it("learns, and goes on after a checkpoint as if there had been none, bit for bit", async () => {
    const whole = await freshModel();
    const straight = await train(whole, start, 24);
    expect(mean(straight.losses.slice(-5))).toBeLessThan(mean(straight.losses.slice(0, 5)) - 0.5);

    const first = await freshModel();
    const half = await train(first, start, 12);
    const state = await first.exportState();
    const second = await freshModel();
    await second.importState(fileOf(state));
    const rest = await train(second, half.progress, 24);

    expect([...half.losses, ...rest.losses]).toEqual(straight.losses);
    expect(rest.progress).toEqual(straight.progress);
    expect(digest(await second.exportState())).toBe(digest(await whole.exportState()));
    for (const model of [whole, first, second]) model.destroy();
  });
});
