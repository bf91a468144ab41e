import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readArguments } from "../../src/cli/arguments";
import { DiskFolder } from "../../src/cli/checkpoint-folder";
import { readModelFolder } from "../../src/cli/model-folder";
import { planRun } from "../../src/cli/plan";
import { progressLine } from "../../src/cli/progress";
import { openEngineState, RunFolder, readCheckpoint, readLogLines } from "../../src/cli/run-folder";
import { freshState, KelvinError, type RunConfig, type TrainEvent, ungrouped } from "../../src/contracts";
import { readAll } from "../../src/model/stored-weights";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kelvin-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("arguments", () => {
  const kinds = { json: "flag", seed: "value", set: "values" } as const;
  const read = (...argv: string[]) => readArguments(argv, kinds, "usage");

  it("are flags, values and lists", () => {
    const options = read("azr", "--json", "--seed", "7", "--set", "a=1", "--set=b=2");
    expect(options.positionals).toEqual(["azr"]);
    expect(options.flag("json")).toBe(true);
    expect(options.value("seed")).toBe("7");
    expect(options.values("set")).toEqual(["a=1", "b=2"]);
    expect(options.count("seed", 0, 0)).toBe(7);
    expect(read().count("seed", 3, 0)).toBe(3);
    expect(read().values("set")).toEqual([]);
  });

  it.each([["--speed"], ["--seed"], ["--json=1"]])("refuse %s", (argument) => {
    expect(() => read(argument)).toThrow(KelvinError);
  });

  it.each(["-1", "1.5", "ten", "", "1e3", "99999999999999999999"])("refuse the count %j", (text) => {
    expect(() => read(`--seed=${text}`).count("seed", 0, 0)).toThrow(/--seed/);
  });
});

const run: RunConfig = {
  method: "azr",
  model: "/m",
  seed: 1,
  steps: 9,
  overrides: { proposals: 8 },
  evaluateTasks: 4,
  evaluateEvery: 0,
};
const event: TrainEvent = { type: "phase.start", phase: "solve", step: 0, ms: 1.5 };
const weights = {
  safetensors: [Uint8Array.of(1), Uint8Array.of(2)],
  engine: [Uint8Array.of(3, 4, 5)],
  companions: [] as string[],
};

/** Steps of the newest whole checkpoint. */
const stepIn = async (path: string) => (await readCheckpoint(path)).saved.state.step;

describe("run folder", () => {
  it("keeps facts, and gives a checkpoint back as it was", async () => {
    const companion = join(folder, "config.json");
    writeFileSync(companion, "{}");
    const out = join(folder, "deep", "run");
    const kept = RunFolder.begin(out);
    kept.append(event);
    kept.append({ type: "live.progress", phase: "evaluate", done: 0, total: 1, step: 0, ms: 2 });
    const state = {
      ...freshState(),
      step: 3,
      prepared: true,
      elapsed: 12.25,
      memory: new Map([["buffer/deduction", [{ id: "a" }]]]),
    };
    await kept.saveCheckpoint(
      { run, suites: ["s.jsonl"], state, events: kept.lines },
      { ...weights, companions: [companion] },
    );
    kept.append(event);
    expect((await readCheckpoint(out)).saved).toEqual({ run, suites: ["s.jsonl"], state, events: 1 });
    const lora = { rank: 4, alpha: 8, targets: ["q", "v"], base: "float16" } as const;
    const adapter = new Map([["adapter_config.json", Uint8Array.of(7)]]);
    await kept.saveCheckpoint({ run: { ...run, lora }, suites: [], state, events: 1 }, { ...weights, adapter });
    expect((await readCheckpoint(out)).saved.run).toEqual({ ...run, lora });
    expect([...readFileSync(join(out, "checkpoint", "adapter", "adapter_config.json"))]).toEqual([7]);
    await kept.saveCheckpoint(
      { run, suites: ["s.jsonl"], state, events: kept.lines },
      { ...weights, companions: [companion] },
    );
    expect([...(await openEngineState((await readCheckpoint(out)).folder).read(0, 3))]).toEqual([3, 4, 5]);
    expect(readLogLines(out, 1)).toEqual([JSON.stringify(event)]);
    expect(readFileSync(join(out, "checkpoint", "config.json"), "utf8")).toBe("{}");
    expect([...readFileSync(join(out, "checkpoint", "model.safetensors"))]).toEqual([1, 2]);
  });

  it("replaces a checkpoint only when the next one is whole", async () => {
    const kept = RunFolder.begin(folder);
    await kept.saveCheckpoint({ run, suites: [], state: { ...freshState(), step: 1 }, events: 0 }, weights);
    const broken = { ...weights, companions: [join(folder, "absent.json")] };
    await expect(
      kept.saveCheckpoint({ run, suites: [], state: { ...freshState(), step: 2 }, events: 0 }, broken),
    ).rejects.toThrow();
    expect(await stepIn(folder)).toBe(1);
    expect(existsSync(join(folder, "checkpoint.new"))).toBe(false);
    await kept.saveCheckpoint({ run, suites: [], state: { ...freshState(), step: 3 }, events: 0 }, weights);
    expect(await stepIn(folder)).toBe(3);
    expect(existsSync(join(folder, "checkpoint.new"))).toBe(false);
  });

  it("is read, and goes on, wherever a crash came while checkpoints changed places", async () => {
    const kept = RunFolder.begin(folder);
    const at = (name: string) => join(folder, name);
    const save = (step: number, parts = weights) =>
      kept.saveCheckpoint({ run, suites: [], state: { ...freshState(), step }, events: 0 }, parts);
    await save(1);
    renameSync(at("checkpoint"), at("checkpoint.old"));
    await save(2);
    renameSync(at("checkpoint"), at("checkpoint.new"));
    expect(await stepIn(folder)).toBe(2);
    expect([...(await openEngineState((await readCheckpoint(folder)).folder).read(0, 3))]).toEqual([3, 4, 5]);
    // The next one fails: the one that had not got its name yet must not be lost.
    await expect(save(3, { ...weights, companions: [at("absent")] })).rejects.toThrow(KelvinError);
    expect(await stepIn(folder)).toBe(2);
    await save(4);
    expect(await stepIn(folder)).toBe(4);
    kept.close();
    expect(readdirSync(folder).sort()).toEqual(["checkpoint", "checkpoint.old", "events.jsonl"]);
    // The next one was cut off before its record, its files are not all there: the last one counts.
    rmSync(at("checkpoint.old"), { recursive: true });
    renameSync(at("checkpoint"), at("checkpoint.old"));
    mkdirSync(at("checkpoint.new"));
    expect(await stepIn(folder)).toBe(4);
    await expect(save(5, { ...weights, companions: [at("absent")] })).rejects.toThrow(KelvinError);
    expect(await stepIn(folder)).toBe(4);
    rmSync(at("checkpoint/run.json"));
    await expect(readCheckpoint(folder)).rejects.toThrow(/no checkpoint/);
  });

  it.runIf(existsSync("/dev/full"))("says in one line that there is no room, and the way on", async () => {
    const kept = RunFolder.begin(folder);
    const full = () => {
      rmSync(join(folder, "events.jsonl"));
      symlinkSync("/dev/full", join(folder, "events.jsonl"));
    };
    full();
    const refusal = (way: RegExp) => ({
      reason: "storage",
      message: `there is no room left to write ${folder}`,
      hint: expect.stringMatching(way),
    });
    expect(() => kept.append(event)).toThrow(expect.objectContaining(refusal(/another --out/)));
    await kept.saveCheckpoint({ run, suites: [], state: freshState(), events: 0 }, weights);
    expect(() => kept.append(event)).toThrow(expect.objectContaining(refusal(/--resume/)));
    // A log that is continued is put in the old one's place only when it is written.
    kept.close();
    RunFolder.begin(folder, ["{}"]);
    expect(readFileSync(join(folder, "events.jsonl"), "utf8")).toBe("{}\n");
  });

  it("begins a continued run with the lines it stands on", async () => {
    RunFolder.begin(folder, ["{}", "{}"]).append(event);
    expect(readFileSync(join(folder, "events.jsonl"), "utf8")).toBe(`{}\n{}\n${JSON.stringify(event)}\n`);
  });

  it("refuses a folder in use, a file, a missing or damaged checkpoint and a short log", async () => {
    RunFolder.begin(join(folder, "a")).append({ type: "step.skip", reason: "", step: 0, ms: 0 });
    expect(() => RunFolder.requireEmpty(join(folder, "a"))).toThrow(/already holds a run/);
    expect(() => RunFolder.requireEmpty(join(folder, "b"))).not.toThrow();
    writeFileSync(join(folder, "file"), "");
    expect(() => RunFolder.requireEmpty(join(folder, "file"))).toThrow(/file is not a folder/);
    expect(() => RunFolder.requireEmpty(join(folder, "file", "run"))).toThrow(/file is not a folder/);
    expect(() => RunFolder.begin(join(folder, "file", "run"))).toThrow(/file is not a folder/);
    await expect(readCheckpoint(folder)).rejects.toThrow(/no checkpoint/);
    mkdirSync(join(folder, "checkpoint"));
    writeFileSync(join(folder, "checkpoint", "run.json"), '{"schema":1}');
    await expect(readCheckpoint(folder)).rejects.toThrow(/damaged/);
    expect(() => openEngineState(new DiskFolder(folder))).toThrow(/engine.bin/);
    expect(() => readLogLines(join(folder, "a"), 2)).toThrow(/fewer than 2 whole lines/);
  });
});

describe("a run of a model at an address", () => {
  it("keeps the address, so that whoever resumes it fetches the same model", async () => {
    const address = "https://huggingface.co/Qwen/Qwen2.5-0.5B";
    const { run, model } = await planRun(["azr", "--model", address, "--out", join(folder, "run")]);
    expect(run.model).toBe(address);
    expect(model.address?.href).toBe(`${address}/resolve/main/`);
    expect(model.folder).toMatch(/models.Qwen2\.5-0\.5B-[0-9a-f]{12}$/);
  });
});

describe("a run whose prompts stand by themselves", () => {
  it("says so in its record, which it is resumed by", async () => {
    const out = join(folder, "run");
    const planned = async (...options: string[]) => (await planRun(["azr", ...options, "--out", out])).run;
    expect((await planned("--chat", "off")).chat).toBe("off");
    expect("chat" in (await planned())).toBe(false);
    expect(await planned("--chat", "on")).toEqual(await planned());
    await expect(planned("--chat", "maybe")).rejects.toThrow(/--chat maybe/);
    const weights = { safetensors: [new Uint8Array(1)], engine: [new Uint8Array(1)], companions: [] };
    const run = await planned("--chat", "off");
    await RunFolder.begin(out).saveCheckpoint({ run, suites: [], state: freshState(), events: 0 }, weights);
    expect((await readCheckpoint(out)).saved.run.chat).toBe("off");
    await expect(planRun(["azr", "--resume", out, "--chat", "on"])).rejects.toThrow(/--chat is fixed by the run/);
  });
});

describe("a run of adapters", () => {
  const planned = async (...options: string[]) =>
    (await planRun(["azr", "--lora", "8:8:q", ...options, "--out", join(folder, "run")])).run;

  it("says so in its record, and learns at ten times the method's rate unless a rate is set", async () => {
    expect(await planned()).toMatchObject({
      lora: { rank: 8, alpha: 8, targets: ["q"] },
      overrides: { learningRate: 0.0015 },
    });
    expect((await planned("--preset", "small")).overrides).toMatchObject({ learningRate: 0.0015 });
    expect((await planned("--set", "learningRate=0.002")).overrides).toMatchObject({ learningRate: 0.002 });
  });

  it("is refused where the adapters cannot be", async () => {
    await expect(planRun(["azr", "--lora", "8:8:head"])).rejects.toThrow(/--lora 8:8:head/);
  });

  it("may stand over a base of halves, which its record says", async () => {
    expect((await planned("--base", "f16")).lora).toEqual({ rank: 8, alpha: 8, targets: ["q"], base: "float16" });
    expect((await planned("--base", "f32")).lora).toEqual({ rank: 8, alpha: 8, targets: ["q"] });
    await expect(planned("--base", "half")).rejects.toThrow(/--base half/);
    await expect(planRun(["azr", "--base", "f16"])).rejects.toThrow(/--base f16 without adapters/);
  });
});

describe("progress", () => {
  it("says what a step came to", () => {
    const metrics = {
      "accuracy/solver/deduction": 0.5,
      "accuracy/solver/abduction": 0.25,
      "trace/share/deduction": 0.9,
      "tokens/sampled": 300,
    };
    const line = progressLine(
      { type: "step.end", step: 4, ms: 0, metrics, timings: { propose: 500, solve: 1000, update: 250 } },
      60,
    );
    expect(line).toBe(
      "step  5/60  accuracy 0.50/0.25  trace 0.90  1.8 s (propose 0.5, solve 1.0, update 0.3)  200 tokens/s",
    );
  });

  it("says what was skipped, measured and how it ended", () => {
    expect(progressLine({ type: "step.skip", step: 0, ms: 0, reason: "every advantage is zero" }, 5)).toMatch(
      /^step 1\/5 {2}skipped/,
    );
    const rates = { deduction: { greedy: 0.34, sampled: 0.39, traceShare: 0.18, tasks: 4 } };
    const measures = [...ungrouped(rates), { name: "preference/accuracy", value: 0.7, n: 9 }];
    expect(progressLine({ type: "evaluate.result", step: 5, ms: 0, suite: "s", measures }, 5)).toBe(
      "held-out s, step 5: ded 0.340 (0.390, trace 0.18)  preference accuracy 0.700",
    );
    expect(progressLine({ type: "run.end", step: 5, ms: 0, reason: "failed", message: "why" }, 5)).toBe(
      "run failed: why",
    );
    expect(progressLine(event, 5)).toBeNull();
  });
});

/** A safetensors file of float32 tensors, in the order given. */
function safetensors(tensors: Record<string, readonly number[]>): Uint8Array {
  let end = 0;
  const header = Object.entries(tensors).map(([name, values]) => {
    const data_offsets = [end, end + 4 * values.length];
    end += 4 * values.length;
    return [name, { dtype: "F32", shape: [values.length], data_offsets }];
  });
  const text = new TextEncoder().encode(
    JSON.stringify({ ...Object.fromEntries(header), __metadata__: { format: "pt" } }),
  );
  const size = new Uint8Array(new BigUint64Array([BigInt(text.byteLength)]).buffer);
  const data = Object.values(tensors).map((values) => new Uint8Array(Float32Array.from(values).buffer));
  return Buffer.concat([size, text, ...data]);
}

/** The least that is a model. */
const CONFIG = {
  ...{ model_type: "llama", vocab_size: 4, hidden_size: 4, intermediate_size: 4, num_hidden_layers: 1 },
  ...{ num_attention_heads: 1 },
};

describe("model folder", () => {
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);

  beforeEach(() => {
    write("config.json", JSON.stringify(CONFIG));
    write("tokenizer.json", "{}");
  });

  it("is read as it is", async () => {
    write("model.safetensors", safetensors({ a: [7] }));
    const files = await readModelFolder(folder);
    expect(files).toMatchObject({ name: basename(folder), config: CONFIG, tokenizer: {}, chat: null });
    expect((await readAll(files.weights)).get("a")?.data).toEqual(Float32Array.of(7));
  });

  it("may have its weights in several files", async () => {
    write("one.safetensors", safetensors({ a: [1, 2], unused: [9] }));
    write("two.safetensors", safetensors({ b: [3], c: [4, 5] }));
    const weight_map = { a: "one.safetensors", b: "two.safetensors", c: "two.safetensors" };
    write("model.safetensors.index.json", JSON.stringify({ weight_map }));
    const { weights } = await readModelFolder(folder);
    const values = [...(await readAll(weights))].map(([key, { data }]) => [key, ...data]);
    expect(values).toEqual([
      ["a", 1, 2],
      ["b", 3],
      ["c", 4, 5],
    ]);
    expect(await weights.get("c")?.read(1, 1)).toEqual(Float32Array.of(5));
  });

  it.each([
    ["model.safetensors.index.json", "{}", /weight_map/],
    ["model.safetensors.index.json", "[", /index.json is not JSON/],
    ["model.safetensors.index.json", '{"weight_map":{"a":"../../secret"}}', /names "..\/..\/secret"/],
    ["model.safetensors.index.json", '{"weight_map":{"a":"absent.safetensors"}}', /has no absent.safetensors/],
    ["model.safetensors.index.json", '{"weight_map":{"a":"config.json"}}', /config.json: the header claims/],
    ["model.safetensors.index.json", '{"weight_map":{"b":"part.safetensors"}}', /part.safetensors has no b/],
    ["config.json", "{", /config.json is not JSON/],
    ["config.json", '{"model_type":"mamba"}', /"mamba" is not supported/],
    ["tokenizer.json", "", /tokenizer.json is not JSON/],
    ["tokenizer_config.json", "{", /tokenizer_config.json is not JSON/],
  ])("refuses %s = %s", async (name, content, message) => {
    // An index is read only if model.safetensors is missing.
    const isIndex = name.endsWith(".index.json");
    write(isIndex ? "part.safetensors" : "model.safetensors", safetensors({ a: [7] }));
    write(name, content);
    await expect(readModelFolder(folder)).rejects.toThrow(message);
    await expect(readModelFolder(folder)).rejects.toThrow(KelvinError);
  });

  it.each(["config.json", "tokenizer.json", "model.safetensors"])("without %s says so", async (name) => {
    write("model.safetensors", safetensors({ a: [7] }));
    rmSync(join(folder, name));
    await expect(readModelFolder(folder)).rejects.toThrow(`${basename(folder)} has no ${name}`);
  });
});
