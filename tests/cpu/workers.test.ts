import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoraConfig, SamplingOptions, TrainingSequence } from "../../src/contracts";
import type { AdapterSource, Engine, LoadedModel, Plan } from "../../src/model/engine";
import { createRng } from "../../src/rollout/rng";
import {
  CROSS_ENTROPY,
  createTiny,
  digest,
  fileOf,
  finish,
  generationRequests,
  POLICY,
  TINY,
  trainingSequences,
} from "../gpu/models";
import { type NearHelper, openWorkers } from "./threads";

const COUNTS = [1, 2, 3, 4] as const;
const engines = new Map<number, { engine: Engine; helpers: NearHelper[] }>();
beforeAll(async () => {
  for (const count of COUNTS) engines.set(count, await openWorkers(count));
});
afterAll(() => {
  for (const { engine } of engines.values()) engine.device.close();
});

const lora = (base?: LoraConfig["base"]): AdapterSource => ({
  lora: { rank: 3, alpha: 6, targets: ["q", "v", "down"], ...(base && { base }) },
  rng: createRng(7),
});

const create = (count: number, plan: Partial<Plan> = {}, adapter?: AdapterSource): Promise<LoadedModel> => {
  const { engine } = engines.get(count)!;
  return createTiny(engine, { workers: count, ...plan }, TINY, adapter);
};

/** What every count of workers comes to; each must come to the same. */
async function onEach<T>(
  make: (model: LoadedModel) => Promise<T>,
  plan: Partial<Plan> = {},
  adapter?: () => AdapterSource,
): Promise<T> {
  const all: T[] = [];
  for (const count of COUNTS) {
    const model = await create(count, plan, adapter?.());
    all.push(await make(model));
    model.destroy();
  }
  for (const one of all) expect(one).toEqual(all[0]);
  return all[0] as T;
}

const many = (copies: number): TrainingSequence[] =>
  Array.from({ length: copies }, (_, i) => trainingSequences(i + 1)).flat();

/** Three updates, of many sequences, of few, of one. */
async function learn(model: LoadedModel): Promise<unknown> {
  model.resetOptimizer();
  const metrics = [];
  for (const sequences of [many(5), many(1), many(1).slice(2, 3)])
    metrics.push(await model.update(sequences, POLICY, 1e-2));
  return { metrics, state: digest(await model.exportState()) };
}

describe("any number of workers", () => {
  it("learns the same bits: weights, moments, metrics", async () => {
    const first = await onEach(learn);
    // The passes of a worker cut their shard again.
    await onEach(learn, { trainingRows: 40 });
    await onEach(learn, { activations: "recomputed" }).then((recomputed) => expect(recomputed).toEqual(first));
  });

  it.each([undefined, "float16"] as const)("learns the same adapters, base: %s", async (base) => {
    await onEach(learn, {}, () => lora(base));
  });

  it("pre-trains the same bits under Muon", async () => {
    const sequences = many(4).map(({ prompt, completion }) => {
      const tokens = Int32Array.from([...prompt, ...completion]);
      return { tokens, weights: Float32Array.from(tokens, (_, t) => (t > 0 ? 0.01 : 0)) };
    });
    await onEach(
      async (model) => {
        model.resetOptimizer();
        const reports = [];
        for (let i = 0; i < 2; i++)
          reports.push(await model.pretrainStep({ sequences }, { muonLearningRate: 0.02, adamLearningRate: 0.01 }));
        return { reports, state: digest(await model.exportState()) };
      },
      { optimizer: "muon" },
    );
  });

  const SAMPLINGS: readonly SamplingOptions[] = [
    { temperature: 0 },
    { temperature: 1 },
    { temperature: 0.9, topK: 30, topP: 0.95, minP: 0.01, stopTokens: [5] },
    { temperature: 1, stopStrings: ["B", "CA"] },
  ];

  it.each(SAMPLINGS)("writes the same samples: %j", async (options) => {
    const requests = [...generationRequests(), { ...generationRequests()[4]!, samples: 30 }];
    const samples = await onEach((model) => finish(model.generate(requests, options)));
    expect(samples.map((one) => one.length)).toEqual(requests.map((one) => one.samples));
    await onEach((model) => finish(model.generate([], options)));
    await onEach((model) => finish(model.generate(requests.slice(0, 1), options)));
  });

  it("tells every token once while it writes", async () => {
    const requests = generationRequests();
    for (const count of COUNTS) {
      const model = await create(count);
      const written = new Map<string, number[]>();
      const answer = await finish(model.generate(requests, { temperature: 1 }), (chunk) => {
        for (const { request, sample, tokens } of chunk)
          written.set(`${request}/${sample}`, [...(written.get(`${request}/${sample}`) ?? []), ...tokens]);
      });
      const expected = answer.flatMap((all, r) => all.map(({ tokens }, s) => [`${r}/${s}`, [...tokens]] as const));
      expect(written).toEqual(new Map(expected));
      model.destroy();
    }
  });

  it("gives everything to a reader who takes time, the last of a helper's too", async () => {
    const [one] = generationRequests();
    // The helper writes much more than this thread, and all of it while the first of it is read.
    const requests = [1, 24].map((maxNewTokens, seed) => ({ ...one!, samples: 1, maxNewTokens, seed }));
    const written = await onEach(async (model) => {
      const writing = model.generate(requests, { temperature: 1 });
      let chunk = await writing.next();
      for (; !chunk.done; chunk = await writing.next()) {
        const isHelpers = chunk.value.some(({ request }) => request === 1);
        if (isHelpers) await new Promise((resolve) => setTimeout(resolve, 90));
      }
      return chunk.value.map((samples) => Array.from(samples, (sample) => [...sample.tokens]));
    });
    expect(written.map((samples) => samples.length)).toEqual([1, 1]);
  });

  it("scores and pools the same, before and after an update, beside a frozen reference", async () => {
    await onEach(
      async (model) => {
        model.resetOptimizer();
        const reference = await model.freezeReference();
        await model.update(many(2), CROSS_ENTROPY, 1e-2);
        const sequences = many(2);
        const scores = [await model.score(sequences), await reference.score(sequences)];
        expect(scores[0]).not.toEqual(scores[1]);
        const samples = await finish(reference.generate(generationRequests(), { temperature: 1 }));
        return { scores, samples, features: await model.features(sequences, 1, "mean") };
      },
      { reference: true },
    );
  });

  it("goes on from another number's checkpoint as if nothing had happened", async () => {
    const states: string[] = [];
    for (const [before, after] of [
      [1, 1],
      [4, 1],
      [2, 4],
    ] as const) {
      const first = await create(before);
      first.resetOptimizer();
      await first.update(many(2), POLICY, 1e-2);
      const saved = await first.exportState();
      first.destroy();
      const second = await create(after);
      second.resetOptimizer();
      await second.score(many(1)); // the replicas hold the weights of before
      await second.importState(fileOf(saved));
      await second.update(many(3), POLICY, 1e-2);
      states.push(digest(await second.exportState()));
      second.destroy();
    }
    expect(new Set(states).size).toBe(1);
  });
});

describe("a pause", () => {
  it("stops every worker within 200 ms, for as long as it lasts, and changes nothing", async () => {
    const { engine, helpers } = engines.get(3)!;
    const devices = [engine.device, ...helpers.map(({ device }) => device!)];
    const dispatches = () => devices.map(({ counters }) => counters.dispatches);
    const model = await create(3);
    const requests = Array.from({ length: 300 }, (_, seed) => ({ ...generationRequests()[4]!, seed, samples: 2 }));
    const undisturbed = await finish(model.generate(requests, { temperature: 1 }));
    let release: (() => void) | null = null;
    const pause = () => {
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      engine.device.gate = () => held;
    };
    const before = dispatches();
    const written = finish(model.generate(requests, { temperature: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 60));
    pause();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const resting = dispatches();
    for (const [i, count] of resting.entries()) expect(count).toBeGreaterThan(before[i]!);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(dispatches()).toEqual(resting);
    engine.device.gate = async () => {};
    (release as (() => void) | null)?.();
    expect(await written).toEqual(undisturbed);
    expect(dispatches()).not.toEqual(resting);
    model.destroy();
  });

  it("of the reader stops them too, and a reader who leaves ends their work", async () => {
    const { helpers } = engines.get(2)!;
    const model = await create(2);
    const requests = Array.from({ length: 200 }, (_, seed) => ({ ...generationRequests()[4]!, seed, samples: 2 }));
    const writing = model.generate(requests, { temperature: 1 });
    await writing.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const resting = helpers[0]!.device!.counters.dispatches;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(helpers[0]!.device!.counters.dispatches).toBe(resting);
    await writing.return([]);
    const { samples } = { samples: await finish(model.generate(requests.slice(0, 9), { temperature: 1 })) };
    const alone = await create(1);
    expect(samples).toEqual(await finish(alone.generate(requests.slice(0, 9), { temperature: 1 })));
    for (const one of [model, alone]) one.destroy();
  });
});
