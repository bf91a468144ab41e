import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { parseConfig } from "../../src/model/config";
import { loadTokenizer } from "../../src/model/tokenizer";
import { configJson, numberTokens, tokenizerJson, vocabulary } from "../../src/pretrain/architecture";
import { readCheckpoint, writeCheckpoint } from "../../src/pretrain/checkpoint";
import { initialWeights } from "../../src/pretrain/initial-weights";
import { mixtureAt, PLAIN } from "../../src/pretrain/schedule";
import { createRng } from "../../src/rollout/rng";

const shipped = (name: string) => JSON.parse(readFileSync(`public/models/kelvin-nano/${name}`, "utf8")) as unknown;

describe("the shipped model folder", () => {
  it("has the tokenizer and configuration that pretrain writes", () => {
    expect(shipped("tokenizer.json")).toEqual(tokenizerJson());
    expect(shipped("config.json")).toEqual(configJson());
    expect(new Set(vocabulary()).size).toBe(151);
  });

  it("of the second base has them too, by the recipe that its card tells", () => {
    const second = (name: string) => JSON.parse(readFileSync(`public/models/kelvin-nano-2/${name}`, "utf8"));
    const recipe = second("card.json");
    expect(recipe).toMatchObject({ size: "nano" });
    for (const share of ["long", "easy", "gaps"]) expect(recipe[share]).toBeGreaterThan(0);
    expect(second("tokenizer.json")).toEqual(tokenizerJson(recipe));
    expect(second("config.json")).toEqual(configJson(recipe));
  });

  it("of the judge has them too", () => {
    const judge = (name: string) => JSON.parse(readFileSync(`public/models/kelvin-nano-judge/${name}`, "utf8"));
    const recipe = judge("card.json");
    for (const share of ["long", "easy", "judge", "gaps"]) expect(recipe[share]).toBeGreaterThan(0);
    expect(judge("tokenizer.json")).toEqual(tokenizerJson(recipe));
    expect(judge("config.json")).toEqual(configJson(recipe));
  });

  it("has the tokens of a later recipe after its own, and then room for long programs", () => {
    const recipe = { size: "nano" as const, domain: "programs" as const, long: 0.04, easy: 0.04, judge: 0, gaps: 0 };
    const [before, after] = [vocabulary(), vocabulary(recipe)];
    expect(after.slice(0, before.length)).toEqual(before);
    expect([after.length, new Set(after).size]).toEqual([170, 170]);
    expect(configJson(recipe)).toMatchObject({ vocab_size: 170, max_position_embeddings: 256 });
    const tokenizer = loadTokenizer(tokenizerJson(recipe));
    const text = "<easy>def f(x):\n x=x+12\n return x*2<in>5<new><rule>valuelines";
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect([...tokenizer.encode("<easy>ok")]).toEqual([151, 160]);
  });
});

describe("kelvin-small", () => {
  const recipe = { size: "small" as const, domain: "programs" as const, long: 0.16, easy: 0.04, judge: 0.15, gaps: 0 };

  it("has 4,863,744 parameters, under 12 MB in half precision, and room for sixteen statements", () => {
    const config = parseConfig(configJson(recipe));
    const weights = initialWeights(config, numberTokens(), createRng(1));
    const parameters = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(parameters).toBe(4_863_744);
    expect(2 * parameters).toBeLessThan(12e6);
    expect(configJson(recipe).max_position_embeddings).toBe(512);
  });

  it("sees longer programs and larger inputs than the smaller one", () => {
    const { tail, wide } = mixtureAt(0.5, recipe);
    expect([tail > 0, wide > 0]).toEqual([true, true]);
    expect(mixtureAt(0.5, { ...recipe, size: "nano" })).toMatchObject({ tail: 0, wide: 0 });
    expect(mixtureAt(0.1, recipe)).toMatchObject({ tail: 0, wide: 0, judge: 0 });
  });
});

describe("initial weights", () => {
  const weights = (seed: number) => initialWeights(parseConfig(configJson()), numberTokens(), createRng(seed));
  const digest = (tensors: ReturnType<typeof weights>) =>
    [...tensors].reduce((hash, [name, { data }]) => hash.update(name).update(data), createHash("sha256")).digest("hex");
  const data = (name: string) => weights(1).get(name)?.data ?? new Float32Array(0);
  const deviation = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

  it("are 823,296 numbers, the same for the same seed", () => {
    const count = [...weights(1).values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(count).toBe(823_296);
    expect(digest(weights(1))).toBe(digest(weights(1)));
    expect(digest(weights(1))).not.toBe(digest(weights(2)));
  });

  it("have the spread each kind of matrix needs", () => {
    // Relative standard error of a deviation is 1/sqrt(2n): under 1 % for each of these.
    expect(deviation(data("model.layers.0.self_attn.q_proj.weight"))).toBeCloseTo(0.6 / Math.sqrt(128), 2);
    expect(deviation(data("model.layers.0.self_attn.o_proj.weight")) / (0.25 / Math.sqrt(128))).toBeCloseTo(1, 1);
    expect(deviation(data("model.layers.3.mlp.down_proj.weight")) / (0.25 / Math.sqrt(352))).toBeCloseTo(1, 1);
    expect([...new Set(data("model.norm.weight"))]).toEqual([1]);
  });

  it("put neighbouring numbers close, and keep their size", () => {
    const embedding = data("model.embed_tokens.weight");
    const row = (number: number) => embedding.subarray((numberTokens()[number] ?? 0) * 128).subarray(0, 128);
    const cosine = (a: number, b: number) => {
      const dot = row(a).reduce((sum, value, column) => sum + value * (row(b)[column] ?? 0), 0);
      return dot / (128 * deviation(row(a)) * deviation(row(b)));
    };
    const mean = (step: number) =>
      Array.from({ length: 80 }, (_, n) => cosine(n, n + step)).reduce((a, b) => a + b) / 80;
    expect(mean(1)).toBeGreaterThan(mean(13) + 0.2);
    expect(deviation(embedding.subarray(numberTokens()[10] ?? 0, embedding.length)) / 0.06).toBeCloseTo(1, 0);
  });
});

describe("checkpoints", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kelvin-checkpoint-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const progress = (update: number) => ({
    seed: 1,
    updates: 9,
    tokensPerUpdate: 512,
    ...PLAIN,
    update,
    tokens: 5,
    seconds: 0.5,
    loss: 2,
    adapters: ["a"],
    earlierPlans: [1],
  });

  it("come back as written, and only the last is kept", async () => {
    await writeCheckpoint(folder, progress(1), [Uint8Array.of(1)]);
    await writeCheckpoint(folder, progress(2), [Uint8Array.of(2), Uint8Array.of(3)]);
    const { progress: read, state } = await readCheckpoint(folder);
    expect(read).toEqual(progress(2));
    expect([...state]).toEqual([2, 3]);
    expect((await readdir(folder)).sort()).toEqual(["checkpoint-2.safetensors", "checkpoint.json"]);
  });

  it.each([
    ["no checkpoint", undefined, /holds no checkpoint.json/],
    ["half a file", '{"seed": 1', /checkpoint.json/],
    ["a lost state", JSON.stringify(progress(7)), /lacks checkpoint-7/],
  ])("%s is one clear error", async (_, text, message) => {
    const other = await mkdtemp(join(tmpdir(), "kelvin-checkpoint-"));
    if (text !== undefined) await writeFile(join(other, "checkpoint.json"), text);
    await expect(readCheckpoint(other)).rejects.toThrow(KelvinError);
    await expect(readCheckpoint(other)).rejects.toThrow(message);
    await rm(other, { recursive: true });
  });
});
